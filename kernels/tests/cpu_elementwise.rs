//! Elementwise operations, activations, reductions, update rules and gather on every instruction set.
mod support;

use ferrotape_kernels::{
    Cpu, Layout, ViewMut, activation,
    elementwise::{self, Channels},
    gather::{self, Gather, Input},
    optim::{self, Adam, Sgd},
    reduce,
};
use support::{Random, assert_within, bounds, check_channels, contexts, on_every_isa};

/// Around the vectors, the chunks and the threshold of threads.
const LENGTHS: [usize; 9] = [0, 1, 15, 16, 17, 33, 1000, 16_384, 70_001];

/// Asserts that `fast` gives the bits of `reference` for every length.
#[track_caller]
fn same(fast: impl Fn(&[f32], &[f32], &mut [f32], &Cpu), reference: impl Fn(&[f32], &[f32], &mut [f32])) {
    let mut random = Random::new(5);
    for len in LENGTHS {
        let (mut a, b) = (random.numbers(len), random.numbers(len));
        for (a, special) in a.iter_mut().step_by(7).zip([f32::NAN, 0.0, -0.0, f32::INFINITY, 1e-40]) {
            *a = special;
        }
        let mut y = vec![0.0; len];
        reference(&a, &b, &mut y);
        for (isa, fast) in on_every_isa(len, |cpu, y| fast(&a, &b, y, cpu)) {
            let equal = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
            assert!(fast.iter().zip(&y).all(equal), "{isa}, length {len}");
        }
    }
}

#[test]
fn arithmetic_has_the_bits_of_the_reference() {
    use elementwise::{cpu, reference};
    same(cpu::add, reference::add);
    same(cpu::sub, reference::sub);
    same(cpu::mul, reference::mul);
    same(|a, _, y, c| cpu::scale(0.3, a, y, c), |a, _, y| reference::scale(0.3, a, y));
    same(|a, _, y, c| cpu::neg(a, y, c), |a, _, y| reference::neg(a, y));
}

#[test]
fn activations_have_the_bits_of_the_reference() {
    use activation::{Activation::*, cpu, reference};
    let leaky = LeakyRelu { slope: 0.1 };
    for f in [Relu, leaky] {
        same(|a, _, y, c| cpu::forward(f, a, y, c), |a, _, y| reference::forward(f, a, y));
    }
    for f in [Relu, leaky, Sigmoid, Tanh] {
        same(|a, b, y, c| cpu::backward(f, a, b, y, c), |a, b, y| reference::backward(f, a, b, y));
    }
}

/// The distance of `y` from the exact value, in units of the last place of its f32.
fn ulps(y: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if y.to_bits() == nearest.to_bits() || (y.is_nan() && exact.is_nan()) {
        return 0.0;
    }
    let ulp = f64::from(f32::from_bits(nearest.abs().to_bits() + 1)) - f64::from(nearest.abs());
    (f64::from(y) - exact).abs() / ulp
}

/// Every 4099th float, and the special ones.
#[test]
fn sigmoid_and_tanh_within_4_ulp() {
    let special =
        [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e-45, 0.625, -0.625, 88.8, -103.9, -104.1];
    let x: Vec<f32> = (0..=u32::MAX).step_by(4099).map(f32::from_bits).chain(special).collect();
    let sigmoid = |x: f64| if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) };
    for (isa, cpus) in contexts() {
        let mut y = vec![0.0; x.len()];
        let worst = |name: &str, exact: &dyn Fn(f64) -> f64, y: &[f32]| {
            let errors = x.iter().zip(y).map(|(&x, &y)| (ulps(y, exact(f64::from(x))), x));
            let (error, at) = errors.fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
            println!("{isa}: {name} {error:.2} ulp at {at:e}");
            assert!(error <= 4.0, "{isa}: {name}({at:e}) is {error} ulp off");
        };
        activation::cpu::forward(activation::Activation::Sigmoid, &x, &mut y, &cpus[1]);
        worst("sigmoid", &sigmoid, &y);
        activation::cpu::forward(activation::Activation::Tanh, &x, &mut y, &cpus[1]);
        worst("tanh", &f64::tanh, &y);
    }
}

#[test]
fn channel_broadcast_and_its_gradient() {
    let mut random = Random::new(6);
    let sizes = [
        [1, 1, 1, 1],
        [50, 50, 10, 1],
        [3, 3, 7, 5],
        [10, 40, 33, 1],
        [50, 5000, 16, 1],
        [50, 9000, 8, 1],
        [700, 700, 3, 30],
        [0, 0, 3, 1],
        [5, 0, 3, 1],
    ];
    for [n, outer, c, inner] in sizes {
        let s = Channels { n, outer, c, inner };
        check_channels(&s, &mut random);
    }
}

#[test]
fn sums() {
    let mut random = Random::new(7);
    for len in LENGTHS.into_iter().chain([300_000]) {
        let x = random.numbers(len);
        let exact = bounds(&x);
        let expected = [reduce::reference::sum(&exact), reduce::reference::sum_of_squares(&exact)];
        for (isa, fast) in on_every_isa(2, |cpu, y| {
            y.copy_from_slice(&[reduce::cpu::sum(&x, cpu), reduce::cpu::sum_of_squares(&x, cpu)]);
        }) {
            assert_within(&fast, &expected, (isa, len));
        }
    }
}

/// Three steps of each rule: parameters and averages, bit for bit.
#[test]
fn update_rules() {
    let (sgd, adam) =
        (Sgd { momentum: 0.9, weight_decay: 0.01 }, Adam { weight_decay: 0.1, ..Adam::default() });
    let mut random = Random::new(8);
    for len in LENGTHS {
        let g: Vec<Vec<f32>> = (0..3).map(|_| random.numbers(len)).collect();
        let start = random.numbers(len);
        let mut expected = [start.clone(), vec![0.0; len], start.clone(), vec![0.0; len], vec![0.0; len]];
        let [p, buf, q, m, v] = &mut expected;
        for (step, g) in g.iter().enumerate() {
            optim::reference::sgd(&sgd, p, g, buf, 0.1);
            optim::reference::adam(&adam, q, g, [m, v], step as u64 + 1, 0.1);
        }
        for (isa, fast) in on_every_isa(5 * len, |cpu, y| {
            let mut state = [start.clone(), vec![0.0; len], start.clone(), vec![0.0; len], vec![0.0; len]];
            let [p, buf, q, m, v] = &mut state;
            for (step, g) in g.iter().enumerate() {
                optim::cpu::sgd(&sgd, p, g, buf, 0.1, cpu);
                optim::cpu::adam(&adam, q, g, [m, v], step as u64 + 1, 0.1, cpu);
            }
            y.copy_from_slice(&state.concat());
        }) {
            assert_eq!(fast, expected.concat(), "{isa}, {len} parameters");
        }
    }
}

/// With no gradient, the averages reach 0 and do not stay among the subnormal numbers.
#[test]
fn averages_do_not_become_subnormal() {
    for (_, cpus) in contexts() {
        let (mut p, mut m, mut v) = (vec![0.0; 20], vec![1e-37; 20], vec![1e-37; 20]);
        for step in 1..100 {
            let adam = Adam { beta2: 0.9, ..Adam::default() };
            optim::cpu::adam(&adam, &mut p, &[0.0; 20], [&mut m, &mut v], step, 1e-3, &cpus[0]);
        }
        assert!(m.iter().chain(&v).all(|&x| x == 0.0));
    }
}

#[test]
fn gathered_batches_have_the_bits_of_the_reference() {
    let mut random = Random::new(9);
    for (input, [c, h, w], n) in [
        (Input::Rgb, [3, 32, 32], 50),
        (Input::Gray, [3, 5, 7], 3),
        (Input::Rgb01, [3, 1, 1], 1),
        (Input::Raw255, [1, 28, 28], 50),
        (Input::Signed, [1, 3, 2], 7),
    ] {
        let s = Gather::new(input, [c, h, w], n).unwrap();
        let bytes: Vec<u8> = (0..n * s.record()).map(|_| random.word() as u8).collect();
        let record = |n: usize| &bytes[n * s.record()..][..s.record()];
        let mut y = vec![0.0f32; s.y().len()];
        for n in 0..n {
            let mut y = ViewMut::new(&mut y, &s.y(), Layout::Nhwc);
            gather::reference::record(&s, record(n), n, &mut y);
        }
        for (isa, fast) in on_every_isa(y.len(), |cpu, y| gather::cpu::batch(&s, record, y, cpu)) {
            assert_eq!(fast, y, "{isa}: {input}");
        }
    }
}
