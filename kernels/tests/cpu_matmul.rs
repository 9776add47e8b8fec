//! Matrix products and fully connected layers on every instruction set against the reference.
mod support;

use ferrotape_kernels::{
    Bound, Layout, Shape, View, ViewMut,
    linear::{self, Linear},
    matmul::{self, Matmul},
};
use support::{Random, assert_within, bounds, on_every_isa};

fn check_matmul(s: &Matmul) {
    let mut random = Random::new((s.m * 7 + s.k * 3 + s.n) as u32);
    let (a, b) = (random.numbers(s.m * s.k), random.numbers(s.k * s.n));
    let (ba, bb) = (bounds(&a), bounds(&b));
    let shape =
        |rows, columns, transposed| Shape::from(if transposed { [columns, rows] } else { [rows, columns] });
    let (sa, sb) = (shape(s.m, s.k, s.ta), shape(s.k, s.n, s.tb));
    let mut y = vec![Bound::default(); s.m * s.n];
    let view = |x, shape| View::new(x, shape, Layout::Rows);
    matmul::reference::matmul(s, view(&ba, &sa), view(&bb, &sb), ViewMut::new(&mut y, &s.y(), Layout::Rows));
    for (isa, fast) in on_every_isa(y.len(), |cpu, y| matmul::cpu::matmul(s, &a, &b, y, cpu)) {
        assert_within(&fast, &y, (isa, s));
    }
}

/// All four forms, sizes around the tiles, and the empty ones.
#[test]
fn products() {
    let mut random = Random::new(1);
    for case in 0..120 {
        let [m, k, n] = [random.within(1..40), random.within(1..70), random.within(1..90)];
        check_matmul(&Matmul { m, k, n, ta: case & 1 > 0, tb: case & 2 > 0 });
    }
    for [m, k, n] in [[1, 1, 1], [0, 3, 4], [4, 3, 0], [3, 0, 5], [130, 33, 65], [1, 700, 17], [257, 3, 100]]
    {
        for form in 0..4 {
            check_matmul(&Matmul { m, k, n, ta: form & 1 > 0, tb: form & 2 > 0 });
        }
    }
}

/// Large enough for packed operands: sizes beside those of the tiles, and more terms than a block has.
#[test]
fn large_products() {
    for (i, [m, k, n]) in
        [[128, 128, 65], [141, 200, 97], [180, 131, 64], [150, 150, 131]].into_iter().enumerate()
    {
        check_matmul(&Matmul { m, k, n, ta: i & 1 > 0, tb: i & 2 > 0 });
        check_matmul(&Matmul { m, k, n, ta: i & 1 == 0, tb: i & 2 == 0 });
    }
    check_matmul(&Matmul { m: 129, k: 1030, n: 65, ta: false, tb: false });
}

fn check_linear(s: &Linear) {
    let mut random = Random::new(s.flops() as u32);
    let (x, w) = (random.numbers(s.n * s.fan_in), random.numbers(s.fan_in * s.fan_out));
    let (b, dy) = (random.numbers(s.fan_out), random.numbers(s.n * s.fan_out));
    let [bx, bw, bb, bdy] = [&x, &w, &b, &dy].map(|v| bounds(v));
    let [sx, sw, sy] = [[s.n, s.fan_in], [s.fan_out, s.fan_in], [s.n, s.fan_out]].map(Shape::from);
    let (vx, vdy) = (View::new(&bx, &sx, Layout::Rows), View::new(&bdy, &sy, Layout::Rows));
    let vw = View::new(&bw, &sw, Layout::InOut);

    let mut y = vec![Bound::default(); sy.len()];
    linear::reference::forward(s, vx, vw, &bb, ViewMut::new(&mut y, &sy, Layout::Rows));
    for (isa, fast) in on_every_isa(y.len(), |cpu, y| linear::cpu::forward(s, &x, &w, &b, y, cpu)) {
        assert_within(&fast, &y, ("forward", isa, s));
    }
    let mut dx = vec![Bound::default(); sx.len()];
    linear::reference::dgrad(s, vdy, vw, ViewMut::new(&mut dx, &sx, Layout::Rows));
    for (isa, fast) in on_every_isa(dx.len(), |cpu, dx| linear::cpu::dgrad(s, &dy, &w, dx, cpu)) {
        assert_within(&fast, &dx, ("dgrad", isa, s));
    }
    let mut dw = vec![Bound::default(); sw.len()];
    linear::reference::wgrad(s, vx, vdy, ViewMut::new(&mut dw, &sw, Layout::InOut));
    for (isa, fast) in on_every_isa(dw.len(), |cpu, dw| linear::cpu::wgrad(s, &x, &dy, dw, cpu)) {
        assert_within(&fast, &dw, ("wgrad", isa, s));
    }
}

#[test]
fn layers() {
    for [n, fan_in, fan_out] in [
        [50, 300, 32],
        [50, 32, 64],
        [50, 64, 10],
        [1, 144, 10],
        [7, 33, 17],
        [50, 784, 16],
        [2, 5, 100],
        [131, 140, 70],
        [0, 3, 2],
    ] {
        check_linear(&Linear { n, fan_in, fan_out });
    }
}
