//! Convolution on every instruction set against the reference, with the tolerance the reference derives.
mod support;

use ferrotape_kernels::{
    Bound, Layout, Shape, View, ViewMut,
    conv2d::{Conv2d, cpu, reference},
};
use support::{Random, assert_within, bounds, on_every_isa};

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
