//! Convolution on every instruction set against the reference, with the tolerance the reference derives.
mod support;

use ferrotape_kernels::{
    Bound, Cpu, Isa, Layout, Parts, Pool, Shape, View, ViewMut,
    activation::{self, Activation},
    conv2d::{Conv2d, Epilogue, Pass, cpu, reference},
    max_pool2d::{self, MaxPool2d},
};
use support::{Random, assert_within, bounds, contexts, guarded, on_every_isa};

/// The most multiply-adds of a case: the reference takes about 20 ns for each.
const LIMIT: u64 = 1_000_000;

fn view<'a>(x: &'a [Bound], shape: &Shape, layout: Layout) -> View<'a, Bound, 4> {
    View::new(x, shape, layout)
}

fn zeros(shape: &Shape) -> Vec<Bound> {
    vec![Bound::default(); shape.len()]
}

/// All three passes of one spec.
fn check(s: &Conv2d) {
    let mut random = Random::new(s.flops() as u32);
    let (x, w) = (random.numbers(s.x().len()), random.numbers(s.weight().len()));
    let (b, dy) = (random.numbers(s.co), random.numbers(s.y().len()));
    let [bx, bw, bb, bdy] = [&x, &w, &b, &dy].map(|v| bounds(v));
    let (vx, vw) = (view(&bx, &s.x(), Layout::Nhwc), view(&bw, &s.weight(), Layout::Hwio));
    let vdy = view(&bdy, &s.y(), Layout::Nhwc);

    let mut y = zeros(&s.y());
    reference::forward(s, vx, vw, &bb, ViewMut::new(&mut y, &s.y(), Layout::Nhwc));
    for (isa, fast) in on_every_isa(y.len(), |cpu, y| cpu::forward(s, &x, &w, &b, y, cpu)) {
        assert_within(&fast, &y, ("forward", isa, s));
    }
    let mut dx = zeros(&s.x());
    reference::dgrad(s, vdy, vw, ViewMut::new(&mut dx, &s.x(), Layout::Nhwc));
    for (isa, fast) in on_every_isa(dx.len(), |cpu, dx| cpu::dgrad(s, &dy, &w, dx, cpu)) {
        assert_within(&fast, &dx, ("dgrad", isa, s));
    }
    let mut dw = zeros(&s.weight());
    reference::wgrad(s, vx, vdy, ViewMut::new(&mut dw, &s.weight(), Layout::Hwio));
    for (isa, fast) in on_every_isa(dw.len(), |cpu, dw| cpu::wgrad(s, &x, &dy, dw, cpu)) {
        assert_within(&fast, &dw, ("wgrad", isa, s));
    }
}

/// (n, ci, h, w), (co, kh, kw), stride, padding
fn spec(x: [usize; 4], [co, kh, kw]: [usize; 3], stride: usize, padding: usize) -> Conv2d {
    Conv2d::new(&x.into(), &[co, x[1], kh, kw].into(), &[co].into(), stride, padding).unwrap()
}

/// The channels and kernels of the experiments' networks, on small images; batches around the size of a tile.
#[test]
fn channels_of_the_networks() {
    for (n, [ci, co, k], side) in [
        (50, [3, 16, 3], 5),
        (7, [3, 8, 3], 9),
        (50, [8, 16, 3], 4),
        (16, [16, 8, 3], 6),
        (50, [16, 16, 3], 3),
        (17, [8, 16, 5], 6),
        (2, [16, 8, 5], 9),
        (33, [8, 16, 7], 7),
        (7, [1, 16, 3], 8),
    ] {
        check(&spec([n, ci, side, side], [co, k, k], 1, 0));
    }
}

/// Whether AVX-512 computes it with lanes that are pixels.
fn by_planes(s: &Conv2d) -> bool {
    cpu::variant(Pass::Forward, s, Isa::Avx512) == "avx512 planes"
}

/// First layers of eight channels: rows of one tile and more, odd ones, and those that other kernels take.
#[test]
fn first_layers() {
    for (n, [ci, h, w], [kh, kw], padding) in [
        (50, [3, 4, 32], [3, 3], 0),
        (7, [1, 9, 28], [3, 3], 0),
        (1, [3, 5, 27], [2, 3], 0),
        (7, [1, 4, 61], [4, 1], 0),
        (2, [3, 3, 84], [1, 5], 0),
        (2, [3, 4, 25], [3, 3], 1),
        (50, [1, 1, 24], [1, 1], 0),
    ] {
        let s = spec([n, ci, h, w], [8, kh, kw], 1, padding);
        assert!(by_planes(&s), "{s:?}");
        check(&s);
    }
    for (x, w, stride) in [
        ([2, 3, 4, 25], [8, 3, 3], 1),
        ([2, 1, 4, 40], [8, 1, 1], 1),
        ([2, 3, 5, 65], [8, 3, 3], 2),
        ([2, 3, 4, 32], [7, 3, 3], 1),
        ([2, 2, 4, 32], [8, 3, 3], 1),
    ] {
        let s = spec(x, w, stride, 0);
        assert!(!by_planes(&s), "{s:?}");
        check(&s);
    }
}

/// One pixel, one row, one column; kernels as large as the image, windows that only see padding.
#[test]
fn degenerate_sizes() {
    check(&spec([1, 1, 1, 1], [1, 1, 1], 1, 0));
    check(&spec([3, 5, 1, 1], [4, 1, 1], 2, 0));
    check(&spec([2, 3, 1, 9], [8, 1, 4], 1, 0));
    check(&spec([2, 3, 9, 1], [9, 4, 1], 3, 0));
    check(&spec([4, 2, 5, 5], [16, 5, 5], 1, 0));
    check(&spec([1, 4, 2, 2], [3, 1, 1], 1, 2));
    check(&spec([2, 3, 3, 4], [7, 5, 5], 3, 2));
    // Sums of no term.
    check(&spec([1, 0, 3, 3], [4, 1, 1], 1, 0));
    check(&spec([2, 3, 3, 3], [0, 2, 2], 1, 0));
}

/// An infinity in the last, unpaired term of a sum meets its own weight and no other.
#[test]
fn infinities() {
    for (ci, co, k, w) in
        [(3, 8, 3, 9), (1, 8, 3, 9), (3, 8, 5, 9), (5, 7, 3, 9), (3, 16, 3, 9), (3, 8, 3, 30), (1, 8, 3, 30)]
    {
        let s = spec([2, ci, 9, w], [co, k, k], 1, 0);
        let mut random = Random::new((ci * co) as u32);
        let (mut x, w, b) =
            (random.numbers(s.x().len()), random.numbers(s.weight().len()), random.numbers(co));
        (5..x.len()).step_by(173).for_each(|i| x[i] = f32::INFINITY);
        let w: Vec<f32> = w.iter().map(|w| w.abs() + 0.1).collect();
        let mut y = vec![0.0; s.y().len()];
        let nhwc = Layout::Nhwc;
        let (vx, vw) = (View::new(&x, &s.x(), nhwc), View::new(&w, &s.weight(), Layout::Hwio));
        reference::forward(&s, vx, vw, &b, ViewMut::new(&mut y, &s.y(), nhwc));
        assert!(y.iter().any(|y| y.is_infinite()) && y.iter().any(|y| y.is_finite()));
        for (isa, fast) in on_every_isa(y.len(), |cpu, y| cpu::forward(&s, &x, &w, &b, y, cpu)) {
            let kinds = |y: &[f32]| y.iter().map(|y| (y.is_nan(), y.is_infinite())).collect::<Vec<_>>();
            assert!(kinds(&fast) == kinds(&y), "{isa}: {s:?}");
        }
    }
}

/// Any channels from 1 to 33, sizes, strides and paddings.
#[test]
fn random_shapes() {
    let mut random = Random::new(2);
    let mut cases = 0;
    while cases < 80 {
        let [n, ci, co] = [random.within(1..8), random.within(1..34), random.within(1..34)];
        let [h, w, stride, padding] =
            [random.within(1..20), random.within(1..20), random.within(1..4), random.within(0..3)];
        let [kh, kw] = [h, w].map(|size| random.within(1..(size + 2 * padding).min(7) + 1));
        let s = spec([n, ci, h, w], [co, kh, kw], stride, padding);
        if s.flops() <= 2 * LIMIT {
            check(&s);
            cases += 1;
        }
    }
}

/// A step of zero images computes nothing, and the gradient of the weights is 0.
#[test]
fn no_image() {
    let s = spec([0, 3, 5, 5], [4, 3, 3], 1, 1);
    let w = vec![1.0; s.weight().len()];
    for (_, dw) in on_every_isa(w.len(), |cpu, dw| {
        cpu::forward(&s, &[], &w, &[0.0; 4], &mut [], cpu);
        cpu::dgrad(&s, &[], &w, &mut [], cpu);
        cpu::wgrad(&s, &[], &[], dw, cpu);
    }) {
        assert!(dw.iter().all(|&x| x == 0.0));
    }
}

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits()))
}

/// Convolution, activation and pooling at once against one after the other; NaNs, infinities and zeros of both signs occur.
#[test]
fn fused_is_one_after_the_other() {
    let mut random = Random::new(5);
    let mut planes = 0;
    for case in 0..60 {
        let channels = [1, 3, 8, 16];
        let [ci, co] = [channels[case % 4], [8, 16, random.within(1..25)][case % 3]];
        let [n, k, padding] = [random.within(1..5), random.within(1..4), random.within(0..2)];
        let [h, w] = [random.within(k + 3..14), random.within(k + 3..19)];
        // Wide enough for lanes that are pixels.
        let w = if case % 12 == 0 || case % 12 == 9 { w + 24 } else { w };
        let s = spec([n, ci, h, w], [co, k, k], random.within(1..3), padding);
        let mut x = random.numbers(s.x().len());
        x.iter_mut().step_by(97).for_each(|x| *x = [f32::NAN, f32::INFINITY, -0.0][case % 3]);
        let mut weight = random.numbers(s.weight().len());
        if case % 5 == 0 {
            // Every sum is a zero: of ties, the first wins.
            weight.fill(-0.0);
        }
        let b = if case % 5 == 0 { vec![-0.0; co] } else { random.numbers(co) };
        let kernel = random.within(1..s.oh().min(s.ow()).min(4));
        let pool = MaxPool2d::new(&s.y(), kernel, kernel + case % 2).unwrap();
        let others = [Activation::Sigmoid, Activation::Tanh, Activation::LeakyRelu { slope: 0.1 }];
        fused(&s, &Epilogue { activation: None, pool: Some(pool) }, &x, &weight, &b);
        for f in [Activation::Relu, others[case % 3]] {
            for pool in [None, Some(pool)] {
                fused(&s, &Epilogue { activation: Some(f), pool }, &x, &weight, &b);
            }
        }
        planes += usize::from(by_planes(&s));
    }
    assert!(planes > 0, "no case for lanes that are pixels");
}

fn fused(s: &Conv2d, e: &Epilogue, x: &[f32], w: &[f32], b: &[f32]) {
    for cpu in contexts().flat_map(|(_, cpus)| cpus) {
        let mut y = guarded(s.y().len(), |y| cpu::forward(s, x, w, b, y, &cpu));
        if let Some(f) = e.activation {
            y = guarded(y.len(), |z| activation::cpu::forward(f, &y, z, &cpu));
        }
        let mut winner = vec![0; e.pool.map_or(0, |pool| pool.y().len())];
        if let Some(pool) = &e.pool {
            y = guarded(pool.y().len(), |z| max_pool2d::cpu::forward(pool, &y, z, &mut winner, &cpu));
        }
        let plain = guarded(y.len(), |y| cpu::forward_fused(s, e, x, w, b, y, None, &cpu));
        assert!(same_bits(&plain, &y), "{} {s:?} {e:?}", cpu.isa());
        if e.pool.is_some() {
            let mut won = vec![u32::MAX; winner.len()];
            let y2 = guarded(y.len(), |y| cpu::forward_fused(s, e, x, w, b, y, Some(&mut won), &cpu));
            assert!(same_bits(&y2, &y) && won == winner, "{} {s:?} {e:?}", cpu.isa());
        }
    }
}

/// A call for all images, and calls for some of them after each other: the same bits.
#[test]
fn calls_may_split_the_images() {
    let mut random = Random::new(6);
    for [ci, co, k, side] in [
        [3, 8, 3, 8],
        [3, 8, 3, 26],
        [1, 8, 3, 26],
        [16, 8, 3, 7],
        [8, 16, 3, 7],
        [8, 16, 5, 6],
        [16, 16, 3, 6],
        [5, 7, 2, 5],
    ] {
        let s = spec([37, ci, side, side], [co, k, k], 1, 0);
        let (x, w) = (random.numbers(s.x().len()), random.numbers(s.weight().len()));
        let (b, dy) = (random.numbers(co), random.numbers(s.y().len()));
        let (from, to) = (ci * side * side, s.y().len() / s.n);
        for isa in Isa::available() {
            let cpu = Cpu::with_isa(&Pool::new(1), isa).unwrap();
            let y = guarded(s.y().len(), |y| cpu::forward(&s, &x, &w, &b, y, &cpu));
            let dx = guarded(s.x().len(), |dx| cpu::dgrad(&s, &dy, &w, dx, &cpu));
            let dw = guarded(w.len(), |dw| cpu::wgrad(&s, &x, &dy, dw, &cpu));
            let parts = Parts::of(s.n);
            for count in [1, 3, 5, 16] {
                let (mut all_y, mut all_dx, mut partials) = (vec![], vec![], vec![]);
                for some in parts.split(count) {
                    let images = some.images();
                    let s = Conv2d { n: images.len(), ..s };
                    let x = &x[images.start * from..images.end * from];
                    let dy = &dy[images.start * to..images.end * to];
                    all_y.extend(guarded(dy.len(), |y| cpu::forward(&s, x, &w, &b, y, &cpu)));
                    all_dx.extend(guarded(x.len(), |dx| cpu::dgrad(&s, dy, &w, dx, &cpu)));
                    let len = some.len() * w.len();
                    partials.extend(guarded(len, |p| cpu::wgrad_parts(&s, &some, x, dy, p, &cpu)));
                }
                assert!(same_bits(&all_y, &y), "{isa}: forward of {s:?} in {count} calls");
                assert!(same_bits(&all_dx, &dx), "{isa}: dgrad of {s:?} in {count} calls");
                assert!(
                    same_bits(&tree(partials.chunks(w.len()).map(<[f32]>::to_vec).collect()), &dw),
                    "{isa}: wgrad of {s:?} in {count} calls"
                );
            }
        }
    }
}

/// Neighbours are added, then pairs of neighbours, …
fn tree(mut sums: Vec<Vec<f32>>) -> Vec<f32> {
    while sums.len() > 1 {
        let add = |pair: &[Vec<f32>]| match pair {
            [a, b] => a.iter().zip(b).map(|(a, b)| a + b).collect(),
            _ => pair[0].clone(),
        };
        sums = sums.chunks(2).map(add).collect();
    }
    sums.remove(0)
}
