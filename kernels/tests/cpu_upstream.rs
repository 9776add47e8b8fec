//! The fused pass ahead of a convolution's gradients: bit for bit the separate passes, on every instruction set.
mod support;

use ferrotape_kernels::{
    Cpu, Parts, activation,
    elementwise::Channels,
    max_pool2d, reduce,
    upstream::{
        Upstream,
        cpu::{Arriving, upstream},
    },
};
use support::{Random, contexts, guarded};

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
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

/// The gradient and its channel sums by parts, one operation after the other; the mask where the relu really was.
fn separately(
    s: &Upstream,
    dy: &[f32],
    y: Option<&[f32]>,
    winner: Option<&[u32]>,
    cpu: &Cpu,
) -> [Vec<f32>; 2] {
    let mut g = dy.to_vec();
    if let (Some(pool), Some(winner)) = (s.windows(), winner) {
        g = vec![f32::NAN; s.n * s.image()];
        max_pool2d::cpu::backward(&pool, dy, winner, &mut g, cpu);
    }
    if let Some(y) = y {
        let dy = g.clone();
        activation::cpu::relu_grad(y, &dy, &mut g, cpu);
    }
    let parts = Parts::of(s.n);
    let mut sums = vec![f32::NAN; parts.len() * s.c];
    reduce::cpu::channel_sum_parts(&s.channels(), &parts, &g, &mut sums, cpu);
    [g, sums]
}

fn check(s: &Upstream, relu: bool) {
    let mut random = Random::new((s.n * 31 + s.image()) as u32);
    let dy = numbers(&mut random, s.n * s.arriving());
    // The relu's output, and the pooling's.
    let x = numbers(&mut random, s.n * s.image());
    for (isa, cpus) in contexts() {
        let cpu = &cpus[0];
        let mut y = vec![0.0; x.len()];
        activation::cpu::relu(&x, &mut y, cpu);
        let (mut p, mut winner) = (y.clone(), vec![0; s.n * s.arriving()]);
        if let Some(pool) = s.windows() {
            p = vec![0.0; winner.len()];
            max_pool2d::cpu::forward(&pool, &y, &mut p, &mut winner, cpu);
        }
        let winner = s.pool.map(|_| &winner[..]);
        let [g, sums] = separately(s, &dy, relu.then_some(&y), winner, cpu);
        let all = Parts::of(s.n);
        for runs in 1..4 {
            let mut first = 0;
            for parts in all.split(runs) {
                let images = parts.images();
                let at = images.start * s.arriving()..images.end * s.arriving();
                let from = Arriving {
                    dy: &dy[at.clone()],
                    mask: relu.then_some(&p[at.clone()]),
                    winner: winner.map(|winner| &winner[at]),
                };
                let mut partials = vec![f32::NAN; parts.len() * s.c];
                let fused =
                    guarded(images.len() * s.image(), |g| upstream(s, &parts, from, g, &mut partials, cpu));
                let expected = &g[images.start * s.image()..images.end * s.image()];
                assert_eq!(bits(&fused), bits(expected), "{isa}: {s:?}, relu {relu}");
                let expected = &sums[first * s.c..(first + parts.len()) * s.c];
                assert_eq!(bits(&partials), bits(expected), "{isa}: sums of {s:?}, relu {relu}");
                first += parts.len();
            }
        }
    }
}

/// Windows with gaps between them, rows and columns that none covers, channels around the vectors.
#[test]
fn equals_the_separate_passes() {
    let mut random = Random::new(11);
    for case in 0..120 {
        let c = [8, 16, random.within(1..34)][case % 3];
        let [n, h, w] = [random.within(1..40), random.within(1..12), random.within(1..12)];
        let kernel = random.within(1..h.min(w).min(4) + 1);
        let stride = kernel + random.within(0..3);
        let pool = (case % 4 > 0).then_some([kernel, stride]);
        check(&Upstream { n, c, h, w, pool }, case % 5 > 1);
    }
    check(&Upstream { n: 0, c: 3, h: 4, w: 4, pool: None }, true);
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
