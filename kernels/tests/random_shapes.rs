//! Random shapes on every instruction set against the reference, with the tolerance the reference derives; proptest
//! shrinks what fails to a small spec. `PROPTEST_CASES` sets the number of cases.
mod support;

use ferrotape_kernels::{
    Bound, Layout, Shape, View, ViewMut,
    conv2d::{self, Conv2d},
    elementwise::Channels,
    linear::{self, Linear},
    matmul::{self, Matmul},
    max_pool2d::{self, MaxPool2d},
};
use proptest::{prelude::*, sample::select};
use std::env;
use support::{Random, assert_within, bounds, check_channels, on_every_isa};

/// The most multiply-adds of a case: in `Bound` arithmetic one takes 20 ns, and a convolution has three passes.
const LIMIT: u64 = 1_000_000;

fn cases(default: u32) -> ProptestConfig {
    let cases = env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Batches around the tiles whose rows are images, and around the parts of a batch.
fn batch() -> impl Strategy<Value = usize> {
    select(vec![1, 2, 7, 15, 16, 17, 50])
}

/// A reference kernel's outputs, all of which it sets.
fn reference(shape: &Shape, layout: Layout, kernel: impl FnOnce(ViewMut<Bound, 4>)) -> Vec<Bound> {
    let mut y = vec![Bound::default(); shape.len()];
    kernel(ViewMut::new(&mut y, shape, layout));
    y
}

/// The same for matrices.
fn matrix(shape: &Shape, layout: Layout, kernel: impl FnOnce(ViewMut<Bound, 2>)) -> Vec<Bound> {
    let mut y = vec![Bound::default(); shape.len()];
    kernel(ViewMut::new(&mut y, shape, layout));
    y
}

/// All three passes.
fn convolution(s: &Conv2d) {
    let mut random = Random::new(s.flops() as u32);
    let (x, w) = (random.numbers(s.x().len()), random.numbers(s.weight().len()));
    let (b, dy) = (random.numbers(s.co), random.numbers(s.y().len()));
    let [bx, bw, bb, bdy] = [&x, &w, &b, &dy].map(|v| bounds(v));
    let (vx, vw) = (View::new(&bx, &s.x(), Layout::Nhwc), View::new(&bw, &s.weight(), Layout::Hwio));
    let vdy = View::new(&bdy, &s.y(), Layout::Nhwc);

    use conv2d::{cpu, reference as definition};
    let y = reference(&s.y(), Layout::Nhwc, |y| definition::forward(s, vx, vw, &bb, y));
    for (isa, fast) in on_every_isa(y.len(), |cpu, y| cpu::forward(s, &x, &w, &b, y, cpu)) {
        assert_within(&fast, &y, ("forward", isa, s));
    }
    let dx = reference(&s.x(), Layout::Nhwc, |dx| definition::dgrad(s, vdy, vw, dx));
    for (isa, fast) in on_every_isa(dx.len(), |cpu, dx| cpu::dgrad(s, &dy, &w, dx, cpu)) {
        assert_within(&fast, &dx, ("dgrad", isa, s));
    }
    let dw = reference(&s.weight(), Layout::Hwio, |dw| definition::wgrad(s, vx, vdy, dw));
    for (isa, fast) in on_every_isa(dw.len(), |cpu, dw| cpu::wgrad(s, &x, &dy, dw, cpu)) {
        assert_within(&fast, &dw, ("wgrad", isa, s));
    }
}

/// Any spec; the image is made smaller until the reference is quick.
fn convolutions() -> impl Strategy<Value = Conv2d> {
    // Odd channels, and those for which kernels are compiled.
    let channels = || prop_oneof![1..34_usize, select(vec![1, 3, 8, 16, 32])];
    let (side, kernel) = (|| 1..34_usize, || 1..8_usize);
    (batch(), [channels(), channels()], [side(), side()], [kernel(), kernel()], 1..4_usize, 0..3_usize)
        .prop_map(|(n, [ci, co], [mut h, mut w], [kh, kw], stride, padding)| {
            loop {
                let [kh, kw] = [kh.min(h + 2 * padding), kw.min(w + 2 * padding)];
                let s = Conv2d { n, ci, h, w, co, kh, kw, stride, padding };
                if s.flops() <= 2 * LIMIT || h * w == 1 {
                    return s;
                }
                (h, w) = (h.div_ceil(2), w.div_ceil(2));
            }
        })
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn convolutions_of_any_shape(s in convolutions()) {
        convolution(&s);
    }

    #[test]
    fn products(m in 1..71_usize, k in 1..71_usize, n in 1..71_usize, ta: bool, tb: bool) {
        let s = Matmul { m, k, n, ta, tb };
        let mut random = Random::new((m * 7 + k * 3 + n) as u32);
        let (a, b) = (random.numbers(m * k), random.numbers(k * n));
        let shape = |[rows, columns]: [usize; 2], t| Shape::from(if t { [columns, rows] } else { [rows, columns] });
        let (sa, sb) = (shape([m, k], ta), shape([k, n], tb));
        let (ba, bb) = (bounds(&a), bounds(&b));
        let (va, vb) = (View::new(&ba, &sa, Layout::Rows), View::new(&bb, &sb, Layout::Rows));
        let y = matrix(&s.y(), Layout::Rows, |y| matmul::reference::matmul(&s, va, vb, y));
        for (isa, fast) in on_every_isa(y.len(), |cpu, y| matmul::cpu::matmul(&s, &a, &b, y, cpu)) {
            assert_within(&fast, &y, (isa, s));
        }
    }

    /// `fan_in` up to several blocks of a long sum.
    #[test]
    fn layers(n in batch(), fan_in in prop_oneof![1..71_usize, 500..700_usize], fan_out in 1..71_usize) {
        let s = Linear { n, fan_in, fan_out };
        let mut random = Random::new(s.flops() as u32);
        let (x, w) = (random.numbers(n * fan_in), random.numbers(fan_in * fan_out));
        let (b, dy) = (random.numbers(fan_out), random.numbers(n * fan_out));
        let [bx, bw, bb, bdy] = [&x, &w, &b, &dy].map(|v| bounds(v));
        let [sx, sw, sy] = [[n, fan_in], [fan_out, fan_in], [n, fan_out]].map(Shape::from);
        let (vx, vdy) = (View::new(&bx, &sx, Layout::Rows), View::new(&bdy, &sy, Layout::Rows));
        let vw = View::new(&bw, &sw, Layout::InOut);

        use linear::{cpu, reference as definition};
        let y = matrix(&sy, Layout::Rows, |y| definition::forward(&s, vx, vw, &bb, y));
        for (isa, fast) in on_every_isa(y.len(), |cpu, y| cpu::forward(&s, &x, &w, &b, y, cpu)) {
            assert_within(&fast, &y, ("forward", isa, s));
        }
        let dx = matrix(&sx, Layout::Rows, |dx| definition::dgrad(&s, vdy, vw, dx));
        for (isa, fast) in on_every_isa(dx.len(), |cpu, dx| cpu::dgrad(&s, &dy, &w, dx, cpu)) {
            assert_within(&fast, &dx, ("dgrad", isa, s));
        }
        let dw = matrix(&sw, Layout::InOut, |dw| definition::wgrad(&s, vx, vdy, dw));
        for (isa, fast) in on_every_isa(dw.len(), |cpu, dw| cpu::wgrad(&s, &x, &dy, dw, cpu)) {
            assert_within(&fast, &dw, ("wgrad", isa, s));
        }
    }

    /// Bit for bit: windows overlap, touch and leave gaps.
    #[test]
    fn pools(n in batch(), c in 1..34_usize, h in 1..15_usize, w in 1..15_usize, k in 1..5_usize, stride in 1..4_usize) {
        let k = k.min(h).min(w);
        let s = MaxPool2d::new(&Shape::from([n, c, h, w]), k, stride).unwrap();
        let mut random = Random::new((n * c + h * w) as u32);
        // Few different values, so that there are ties.
        let x: Vec<f32> = (0..s.x().len()).map(|_| random.within(0..5) as f32 - 2.0).collect();
        let dy = random.numbers(s.y().len());
        let (mut y, mut winner) = (vec![0.0; s.y().len()], vec![0; s.y().len()]);
        let nhwc = Layout::Nhwc;
        let outputs = (ViewMut::new(&mut y, &s.y(), nhwc), ViewMut::new(&mut winner, &s.y(), nhwc));
        max_pool2d::reference::forward(&s, View::new(&x, &s.x(), nhwc), outputs.0, outputs.1);
        for (isa, fast) in on_every_isa(y.len(), |cpu, y| {
            let mut won = vec![u32::MAX; y.len()];
            max_pool2d::cpu::forward(&s, &x, y, &mut won, cpu);
            assert_eq!(won, winner, "{}: winners of {s:?}", cpu.isa());
        }) {
            assert_eq!(fast, y, "{isa}: {s:?}");
        }
        let mut dx = vec![0.0; x.len()];
        let (vdy, won) = (View::new(&dy, &s.y(), nhwc), View::new(&winner, &s.y(), nhwc));
        max_pool2d::reference::backward(&s, vdy, won, ViewMut::new(&mut dx, &s.x(), nhwc));
        for (isa, fast) in on_every_isa(dx.len(), |cpu, dx| max_pool2d::cpu::backward(&s, &dy, &winner, dx, cpu)) {
            assert_eq!(fast, dx, "{isa}: backward of {s:?}");
        }
    }

    #[test]
    fn channels(n in 0..70_usize, groups in prop_oneof![1..4_usize, 60..90_usize], c in 1..34_usize, inner in select(vec![1, 1, 2, 9])) {
        let outer = n * groups;
        let s = Channels { n, outer, c, inner };
        check_channels(&s, &mut Random::new((outer + c) as u32));
    }
}

/// Every convolution of the experiments' networks at its full size: the widths the tiles are chosen for.
#[test]
fn convolutions_of_the_networks() {
    // NEON is emulated, a hundred times as slow.
    let n = if cfg!(target_arch = "aarch64") { 1 } else { 2 };
    for (ci, co, k, side) in [
        (1, 16, 3, 28),
        (3, 8, 3, 32),
        (3, 16, 3, 32),
        (8, 16, 3, 26),
        (8, 16, 3, 30),
        (8, 16, 5, 12),
        (8, 16, 5, 28),
        (8, 16, 7, 13),
        (16, 8, 3, 10),
        (16, 8, 3, 28),
        (16, 8, 3, 30),
        (16, 8, 5, 30),
        (16, 8, 7, 26),
        (16, 16, 3, 12),
        (16, 16, 5, 12),
    ] {
        convolution(&Conv2d { n, ci, h: side, w: side, co, kh: k, kw: k, stride: 1, padding: 0 });
    }
}
