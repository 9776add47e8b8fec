//! Max-pooling on every instruction set: bit for bit the reference, winners and gradients too.
mod support;

use ferrotape_kernels::{
    Layout::Nhwc,
    Shape, View, ViewMut,
    max_pool2d::{MaxPool2d, cpu, reference},
};
use support::{Random, on_every_isa};

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits()))
}

fn check(s: &MaxPool2d, x: &[f32], dy: &[f32]) {
    let (mut y, mut winner) = (vec![0.0; s.y().len()], vec![0; s.y().len()]);
    let outputs = (ViewMut::new(&mut y, &s.y(), Nhwc), ViewMut::new(&mut winner, &s.y(), Nhwc));
    reference::forward(s, View::new(x, &s.x(), Nhwc), outputs.0, outputs.1);
    let forward = |cpu: &ferrotape_kernels::Cpu, y: &mut [f32]| {
        let mut won = vec![u32::MAX; y.len()];
        cpu::forward(s, x, y, &mut won, cpu);
        assert_eq!(won, winner, "{}: winners of {s:?}", cpu.isa());
    };
    for (isa, fast) in on_every_isa(y.len(), forward) {
        assert!(same_bits(&fast, &y), "{isa}: {s:?}");
    }
    let mut dx = vec![0.0; x.len()];
    let (vdy, won) = (View::new(dy, &s.y(), Nhwc), View::new(&winner, &s.y(), Nhwc));
    reference::backward(s, vdy, won, ViewMut::new(&mut dx, &s.x(), Nhwc));
    for (isa, fast) in on_every_isa(dx.len(), |cpu, dx| cpu::backward(s, dy, &winner, dx, cpu)) {
        assert!(same_bits(&fast, &dx), "{isa}: backward of {s:?}");
    }
}

/// Few different values make ties; some are NaN, some -0.
#[test]
fn random_shapes_with_ties_and_nans() {
    let mut random = Random::new(3);
    for case in 0..150 {
        let [n, c] = [random.within(1..8), if case % 3 == 0 { 16 } else { random.within(1..34) }];
        let [h, w, stride] = [random.within(1..12), random.within(1..12), random.within(1..4)];
        let kernel = random.within(1..h.min(w).min(4) + 1);
        let s = MaxPool2d::new(&Shape::from([n, c, h, w]), kernel, stride).unwrap();
        let values = [0.0, -0.0, 1.0, 2.0, -1.0, f32::NAN, 3.0, 1.0, f32::INFINITY, f32::NEG_INFINITY];
        // In every other case only one image has NaNs, so that rows with and without meet.
        let number = |random: &mut Random| values[random.within(0..values.len())];
        let mut x: Vec<f32> = (0..s.x().len()).map(|_| number(&mut random)).collect();
        if case % 2 == 0 {
            x[s.x().len() / n..].iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = 0.5);
        }
        let mut dy = random.numbers(s.y().len());
        dy.iter_mut().step_by(5).for_each(|x| *x = -0.0);
        check(&s, &x, &dy);
    }
}

/// Large enough for several threads.
#[test]
fn a_layer_of_the_networks() {
    let s = MaxPool2d::new(&Shape::from([50, 8, 26, 26]), 2, 2).unwrap();
    let mut random = Random::new(4);
    check(&s, &random.numbers(s.x().len()), &random.numbers(s.y().len()));
}
