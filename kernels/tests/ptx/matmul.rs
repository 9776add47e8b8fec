//! Matrix products and fully connected layers.
use crate::{
    harness::{Operand, Output, run},
    same::assert_same,
    support::{Random, assert_within, bounds},
};
use ferrotape_kernels::{
    Bound, Layout, Shape, View, ViewMut,
    activation::{self, Activation},
    cuda::Launches,
    linear::{self, Linear},
    matmul::{self, Matmul},
};

/// What `launches` make of these operands is within `expected`; no bank conflicts on the way.
#[track_caller]
fn check(launches: &Launches, x: &[Operand], parameter: bool, expected: &[Bound]) {
    let mut y = vec![0.0; expected.len()];
    let output = if parameter { Output::Gradient(&mut y) } else { Output::F32(&mut y) };
    let counters = run(launches, x, &mut [output]);
    for (launch, counters) in launches.list.iter().zip(counters) {
        assert_eq!(counters.bank_conflicts(), 0, "{}", launch.entry);
    }
    assert_within(&y, expected, launches.list.first().map(|launch| &launch.entry));
}

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
    check(&matmul::cuda::matmul(s), &[Operand::Parameter(&a), Operand::Parameter(&b)], true, &y);
}

/// All four forms: sizes beside those of the tiles, of every tile, split and not, and the empty ones.
#[test]
fn products() {
    let mut random = Random::new(1);
    for case in 0..24 {
        let [m, k, n] = [random.within(1..80), random.within(1..70), random.within(1..70)];
        check_matmul(&Matmul { m, k, n, ta: case & 1 > 0, tb: case & 2 > 0 });
    }
    for [m, k, n] in [[1, 1, 1], [0, 3, 4], [4, 3, 0], [3, 0, 5], [7, 700, 17]] {
        for form in 0..4 {
            check_matmul(&Matmul { m, k, n, ta: form & 1 > 0, tb: form & 2 > 0 });
        }
    }
    check_matmul(&Matmul { m: 1100, k: 5, n: 9, ta: false, tb: true });
    check_matmul(&Matmul { m: 1030, k: 18, n: 1033, ta: true, tb: false });
    check_matmul(&Matmul { m: 8500, k: 3, n: 30, ta: false, tb: false });
}

#[test]
#[should_panic(expected = "cuda: 4194305 columns of a product are 65537 tiles, but a grid has 65535")]
fn more_columns_than_a_grid_has_room_for() {
    matmul::cuda::matmul(&Matmul { m: 1, k: 1, n: (1 << 22) + 1, ta: false, tb: false });
}

fn check_linear(s: &Linear) {
    let mut random = Random::new(s.flops() as u32);
    let (x, w) = (random.numbers(s.n * s.fan_in), random.numbers(s.fan_in * s.fan_out));
    let (b, dy) = (random.numbers(s.fan_out), random.numbers(s.n * s.fan_out));
    let [bx, bw, bb, bdy] = [&x, &w, &b, &dy].map(|v| bounds(v));
    let [sx, sw, sy] = [[s.n, s.fan_in], [s.fan_out, s.fan_in], [s.n, s.fan_out]].map(Shape::from);
    let (vx, vdy) = (View::new(&bx, &sx, Layout::Rows), View::new(&bdy, &sy, Layout::Rows));
    let vw = View::new(&bw, &sw, Layout::InOut);
    let (x, dy) = (Operand::F32(&x), Operand::F32(&dy));
    let (w, b) = (Operand::Parameter(&w), Operand::Parameter(&b));

    let mut y = vec![Bound::default(); sy.len()];
    linear::reference::forward(s, vx, vw, &bb, ViewMut::new(&mut y, &sy, Layout::Rows));
    check(&linear::cuda::forward(s), &[x, w, b], false, &y);
    let mut plain = vec![0.0; sy.len()];
    run(&linear::cuda::forward(s), &[x, w, b], &mut [Output::F32(&mut plain)]);
    let leaky = Activation::LeakyRelu { slope: 0.25 };
    for f in [Activation::Relu, leaky, Activation::Sigmoid, Activation::Tanh] {
        let [mut fused, mut expected] = [vec![0.0; sy.len()], vec![0.0; sy.len()]];
        run(
            &activation::cuda::forward(f, sy.len()),
            &[Operand::F32(&plain)],
            &mut [Output::F32(&mut expected)],
        );
        run(&linear::cuda::forward_fused(s, Some(f)), &[x, w, b], &mut [Output::F32(&mut fused)]);
        assert_same(&fused, &expected, &format!("{f:?} of {s:?}"));
    }
    let mut dx = vec![Bound::default(); sx.len()];
    linear::reference::dgrad(s, vdy, vw, ViewMut::new(&mut dx, &sx, Layout::Rows));
    check(&linear::cuda::dgrad(s), &[dy, w], false, &dx);
    let mut dw = vec![Bound::default(); sw.len()];
    linear::reference::wgrad(s, vx, vdy, ViewMut::new(&mut dw, &sw, Layout::InOut));
    check(&linear::cuda::wgrad(s), &[x, dy], true, &dw);

    let mut alone = [vec![0.0; sx.len()], vec![0.0; sw.len()]];
    let mut together = alone.clone();
    run(&linear::cuda::dgrad(s), &[dy, w], &mut [Output::F32(&mut alone[0])]);
    run(&linear::cuda::wgrad(s), &[x, dy], &mut [Output::Gradient(&mut alone[1])]);
    let [dx, dw] = &mut together;
    let y = &mut [Output::F32(dx), Output::Gradient(dw)];
    for counters in run(&linear::cuda::gradients(s), &[x, w, dy], y) {
        assert_eq!(counters.bank_conflicts(), 0, "{s:?}");
    }
    for (together, alone) in together.iter().zip(&alone) {
        assert_same(together, alone, &format!("gradients of {s:?}"));
    }
}

/// The layers of the experiments, and others.
#[test]
fn layers() {
    for [n, fan_in, fan_out] in [
        [50, 3072, 32],
        [50, 32, 64],
        [50, 64, 10],
        [50, 256, 10],
        [1, 784, 10],
        [7, 33, 17],
        [131, 140, 70],
        [257, 40, 3],
    ] {
        check_linear(&Linear { n, fan_in, fan_out });
    }
}
