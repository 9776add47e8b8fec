//! The fused pass ahead of a convolution's gradients: bit for bit the separate passes, on every instruction set.
mod support;

use ferrotape_kernels::{
    Cpu, Parts,
    activation::{self, Activation},
    elementwise::Channels,
    max_pool2d, reduce,
    upstream::{
        Upstream,
        cpu::{Arriving, upstream},
    },
};
use support::{Random, contexts, guarded};

/// The bits; all NaNs are one, as nothing says whose sign and payload a sum of two takes.
fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| if x.is_nan() { f32::NAN } else { *x }.to_bits()).collect()
}

/// Random numbers with some zeros of both signs, NaNs and infinities among them.
fn numbers(random: &mut Random, len: usize) -> Vec<f32> {
    let special = [0.0, -0.0, 0.0, f32::NAN, -0.0, f32::INFINITY, -1e-40];
    let every = random.within(2..9);
    let mut x = random.numbers(len);
    for x in x.iter_mut().step_by(every) {
        *x = special[random.within(0..special.len())];
    }
    x
}

/// The gradient and its channel sums by parts, one operation after the other; the activation's where it really was.
fn separately(s: &Upstream, dy: &[f32], y: &[f32], winner: Option<&[u32]>, cpu: &Cpu) -> [Vec<f32>; 2] {
    let mut g = dy.to_vec();
    if let (Some(pool), Some(winner)) = (s.windows(), winner) {
        g = vec![f32::NAN; s.n * s.image()];
        max_pool2d::cpu::backward(&pool, dy, winner, &mut g, cpu);
    }
    if let Some(f) = s.activation {
        let dy = g.clone();
        activation::cpu::backward(f, y, &dy, &mut g, cpu);
    }
    let parts = Parts::of(s.n);
    let mut sums = vec![f32::NAN; parts.len() * s.c];
    reduce::cpu::channel_sum_parts(&s.channels(), &parts, &g, &mut sums, cpu);
    [g, sums]
}

fn check(s: &Upstream) {
    let mut random = Random::new((s.n * 31 + s.image()) as u32);
    let dy = numbers(&mut random, s.n * s.arriving());
    let mut x = numbers(&mut random, s.n * s.image());
    // Saturated ones too.
    x.iter_mut().step_by(5).for_each(|x| *x *= 100.0);
    if s.pool.is_some() && matches!(s.activation, Some(Activation::Sigmoid | Activation::Tanh)) {
        // Those that win no window have a gradient of NaN then, unless they are pooled.
        x.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = 0.5);
    }
    for (isa, cpus) in contexts() {
        let cpu = &cpus[0];
        // The activation's output, and the pooling's.
        let mut y = x.clone();
        if let Some(f) = s.activation {
            activation::cpu::forward(f, &x, &mut y, cpu);
        }
        let (mut p, mut winner) = (y.clone(), vec![0; s.n * s.arriving()]);
        if let Some(pool) = s.windows() {
            p = vec![0.0; winner.len()];
            max_pool2d::cpu::forward(&pool, &y, &mut p, &mut winner, cpu);
        }
        let winner = s.pool.map(|_| &winner[..]);
        let [g, sums] = separately(s, &dy, &y, winner, cpu);
        let all = Parts::of(s.n);
        for runs in 1..4 {
            let mut first = 0;
            for parts in all.split(runs) {
                let images = parts.images();
                let at = images.start * s.arriving()..images.end * s.arriving();
                let from = Arriving {
                    dy: &dy[at.clone()],
                    y: s.activation.map(|_| &p[at.clone()]),
                    winner: winner.map(|winner| &winner[at]),
                };
                let mut partials = vec![f32::NAN; parts.len() * s.c];
                let fused =
                    guarded(images.len() * s.image(), |g| upstream(s, &parts, from, g, &mut partials, cpu));
                let expected = &g[images.start * s.image()..images.end * s.image()];
                assert_eq!(bits(&fused), bits(expected), "{isa}: {s:?}");
                let expected = &sums[first * s.c..(first + parts.len()) * s.c];
                assert_eq!(bits(&partials), bits(expected), "{isa}: sums of {s:?}");
                first += parts.len();
            }
        }
    }
}

const LEAKY: Activation = Activation::LeakyRelu { slope: 0.1 };

/// Windows with gaps between them, rows and columns that none covers, channels around the vectors.
#[test]
fn equals_the_separate_passes() {
    let mut random = Random::new(11);
    let activations =
        [None, Some(Activation::Relu), Some(LEAKY), Some(Activation::Sigmoid), Some(Activation::Tanh)];
    for case in 0..240 {
        let c = [8, 16, random.within(1..34)][case % 3];
        let [n, h, w] = [random.within(1..40), random.within(1..12), random.within(1..12)];
        let kernel = random.within(1..h.min(w).min(4) + 1);
        let stride = kernel + random.within(0..3);
        let pool = (case % 4 > 0).then_some([kernel, stride]);
        check(&Upstream { n, c, h, w, activation: activations[case % 5], pool });
    }
    // Many pieces of an image, with the channels' sums in registers and not.
    for c in [16, 7] {
        check(&Upstream { n: 3, c, h: 21, w: 20, activation: Some(Activation::Sigmoid), pool: None });
    }
    check(&Upstream { n: 0, c: 3, h: 4, w: 4, activation: Some(Activation::Relu), pool: None });
}

/// What [`Activation::differentiates_from_y`] says no to.
#[test]
#[should_panic(expected = "LeakyRelu")]
fn pooled_values_must_say_enough() {
    check(&Upstream {
        n: 1,
        c: 1,
        h: 2,
        w: 2,
        activation: Some(Activation::LeakyRelu { slope: -1.0 }),
        pool: Some([2, 2]),
    });
}

/// Where NaNs meet in a window, the gradient goes to the first, and to no other.
#[test]
fn a_nan_that_lost_has_no_gradient() {
    for f in [Activation::Sigmoid, Activation::Tanh] {
        let s = Upstream { n: 1, c: 1, h: 2, w: 2, activation: Some(f), pool: Some([2, 2]) };
        for (isa, cpus) in contexts() {
            let (mut g, mut db) = ([1.0; 4], [1.0]);
            let from = Arriving { dy: &[1.0], y: Some(&[f32::NAN]), winner: Some(&[1]) };
            upstream(&s, &Parts::of(1), from, &mut g, &mut db, &cpus[0]);
            assert!(g[1].is_nan() && [g[0], g[2], g[3]] == [0.0; 3] && db[0].is_nan(), "{isa}: {f:?} {g:?}");
        }
    }
}

/// All parts at once, on all threads, are some parts after the other and the tree.
#[test]
fn channel_sums_by_parts() {
    for (n, outer, c, inner) in [(50, 50 * 36, 8, 1), (3, 3 * 7, 5, 1), (20, 20, 7, 9), (40, 40, 10, 1)] {
        let s = Channels { n, outer, c, inner };
        let x = Random::new(12).numbers(s.len());
        for (isa, cpus) in contexts() {
            let mut sums = Vec::new();
            for parts in Parts::of(n).split(3) {
                let images = parts.images();
                let mut partials = vec![f32::NAN; parts.len() * c];
                let x = &x[images.start * s.image()..images.end * s.image()];
                reduce::cpu::channel_sum_parts(&s, &parts, x, &mut partials, &cpus[0]);
                sums.extend(partials);
            }
            let [mut y, mut expected] = [vec![f32::NAN; c], vec![f32::NAN; c]];
            reduce::cpu::tree(&sums, &mut y, &cpus[0]);
            reduce::cpu::channel_sum(&s, &x, &mut expected, &cpus[1]);
            assert_eq!(bits(&y), bits(&expected), "{isa}: {s:?}");
        }
    }
}
