//! Convolution: forward pass with what follows it, input gradient, weight gradient.
use crate::{
    harness::{Operand, Output, run},
    support::{Random, assert_within, bounds},
};
use ferrotape_kernels::{
    Bound, Layout, Shape, View, ViewMut,
    activation::Activation,
    conv2d::{Conv2d, Epilogue, cuda, reference},
    cuda::Launches,
};

fn view<'a>(x: &'a [Bound], shape: &Shape, layout: Layout) -> View<'a, Bound, 4> {
    View::new(x, shape, layout)
}

fn zeros(shape: &Shape) -> Vec<Bound> {
    vec![Bound::default(); shape.len()]
}

/// What `launches` make of these operands, and their bank conflicts.
#[track_caller]
fn output(launches: &Launches, x: &[Operand], y: Output) -> u64 {
    let mut y = [y];
    run(launches, x, &mut y).iter().map(|counters| counters.bank_conflicts()).sum()
}

/// Operands of a convolution, as numbers and as exact bounds.
struct Operands {
    s: Conv2d,
    x: Vec<f32>,
    w: Vec<f32>,
    b: Vec<f32>,
    dy: Vec<f32>,
}

impl Operands {
    fn new(s: &Conv2d) -> Self {
        let mut random = Random::new(s.flops() as u32);
        let [x, w, b, dy] = [s.x().len(), s.weight().len(), s.co, s.y().len()].map(|len| random.numbers(len));
        Self { s: *s, x, w, b, dy }
    }

    fn forward(&self) -> Vec<Bound> {
        let s = &self.s;
        let [x, w, b] = [&self.x, &self.w, &self.b].map(|v| bounds(v));
        let (x, w) = (view(&x, &s.x(), Layout::Nhwc), view(&w, &s.weight(), Layout::Hwio));
        let mut y = zeros(&s.y());
        reference::forward(s, x, w, &b, ViewMut::new(&mut y, &s.y(), Layout::Nhwc));
        y
    }

    /// All three passes within the bound; bank conflicts of each.
    fn check(&self) -> [u64; 3] {
        let s = &self.s;
        let mut y = vec![0.0; s.y().len()];
        let xwb = [Operand::F32(&self.x), Operand::Parameter(&self.w), Operand::Parameter(&self.b)];
        let forward = output(&cuda::forward(s), &xwb, Output::F32(&mut y));
        assert_within(&y, &self.forward(), ("forward", s));

        let [x, w, dy] = [&self.x, &self.w, &self.dy].map(|v| bounds(v));
        let (x, w) = (view(&x, &s.x(), Layout::Nhwc), view(&w, &s.weight(), Layout::Hwio));
        let dy = view(&dy, &s.y(), Layout::Nhwc);
        let mut expected = zeros(&s.x());
        reference::dgrad(s, dy, w, ViewMut::new(&mut expected, &s.x(), Layout::Nhwc));
        let mut dx = vec![0.0; expected.len()];
        let operands = [Operand::F32(&self.dy), Operand::Parameter(&self.w)];
        let dgrad = output(&cuda::dgrad(s), &operands, Output::F32(&mut dx));
        assert_within(&dx, &expected, ("dgrad", s));

        let mut expected = zeros(&s.weight());
        reference::wgrad(s, x, dy, ViewMut::new(&mut expected, &s.weight(), Layout::Hwio));
        let mut dw = vec![0.0; expected.len()];
        let operands = [Operand::F32(&self.x), Operand::F32(&self.dy)];
        let wgrad = output(&cuda::wgrad(s), &operands, Output::Gradient(&mut dw));
        assert_within(&dw, &expected, ("wgrad", s));
        [forward, dgrad, wgrad]
    }
}

/// (n, ci, h, w), (co, kh, kw), stride, padding
fn spec(x: [usize; 4], [co, kh, kw]: [usize; 3], stride: usize, padding: usize) -> Conv2d {
    Conv2d::new(&x.into(), &[co, x[1], kh, kw].into(), &[co].into(), stride, padding).unwrap()
}

/// The layers of the networks (nn/src/models/tables.rs), with their images: sums within the bound, no bank conflict.
#[track_caller]
fn check_layers(layers: &[(usize, usize, usize, usize)]) {
    for &(side, ci, k, co) in layers {
        for n in [1, 2] {
            let s = spec([n, ci, side, side], [co, k, k], 1, 0);
            assert_eq!(Operands::new(&s).check(), [0; 3], "bank conflicts of forward, dgrad, wgrad of {s:?}");
        }
    }
}

#[test]
fn layers_of_cnn_3() {
    check_layers(&[(32, 3, 3, 16), (30, 16, 5, 8), (13, 8, 7, 16)]);
}

#[test]
fn layers_of_cnn_4() {
    check_layers(&[(32, 3, 3, 16), (30, 16, 3, 8), (28, 8, 5, 16), (12, 16, 5, 16)]);
}

#[test]
fn layers_of_cnn_5() {
    check_layers(&[(32, 3, 3, 8), (30, 8, 3, 16), (28, 16, 3, 8), (26, 8, 3, 16)]);
    check_layers(&[(12, 16, 3, 16), (10, 16, 3, 8)]);
}

/// Table B: 28x28 gray images.
#[test]
fn layers_of_table_b() {
    check_layers(&[(28, 1, 3, 16), (26, 16, 7, 8), (10, 8, 5, 16)]);
    check_layers(&[(26, 16, 5, 8), (22, 8, 3, 8), (10, 8, 3, 16), (8, 16, 3, 16)]);
}

/// Sizes that nothing was made for: strides, padding, odd channels and images, kernels of one row, 1x1, several chunks.
#[test]
fn other_sizes() {
    for (x, w, stride, padding) in [
        ([1, 1, 1, 1], [1, 1, 1], 1, 0),
        ([3, 5, 7, 9], [7, 3, 5], 1, 0),
        ([2, 3, 9, 8], [10, 2, 2], 2, 1),
        ([2, 4, 8, 8], [12, 3, 3], 1, 2),
        ([2, 6, 11, 5], [9, 1, 4], 3, 1),
        ([1, 17, 5, 6], [18, 3, 3], 1, 1),
        ([1, 32, 6, 6], [36, 3, 3], 1, 1),
        ([2, 16, 9, 7], [8, 1, 1], 1, 0),
        ([2, 8, 7, 7], [16, 1, 1], 2, 3),
        ([1, 12, 4, 70], [4, 2, 3], 1, 0),
        ([1, 2, 3, 67], [3, 2, 2], 1, 0),
        ([1, 1, 20, 20], [2, 11, 11], 1, 0),
        ([5, 3, 4, 4], [8, 3, 3], 1, 0),
    ] {
        Operands::new(&spec(x, w, stride, padding)).check();
    }
}

/// Batches of which a block has several images, and no image at all.
#[test]
fn batches() {
    for n in [0, 1300] {
        Operands::new(&spec([n, 4, 4, 4], [8, 3, 3], 1, 0)).check();
    }
}

/// A kernel that no shared memory holds.
#[test]
fn large_kernels() {
    Operands::new(&spec([1, 1, 41, 41], [1, 40, 40], 1, 0)).check();
    Operands::new(&spec([2, 2, 38, 39], [3, 38, 38], 2, 1)).check();
}

/// A NaN is not swallowed by a relu, and sums do not depend on the run.
#[test]
fn nan_and_repetition() {
    let s = spec([2, 3, 6, 6], [8, 3, 3], 1, 0);
    let mut operands = Operands::new(&s);
    let launches = cuda::block(&s, &Epilogue { activation: Some(Activation::Relu), pool: None }, false);
    operands.x[0] = f32::NAN;
    let runs = [(); 2].map(|()| {
        let mut y = vec![0.0; s.y().len()];
        let xwb =
            [Operand::F32(&operands.x), Operand::Parameter(&operands.w), Operand::Parameter(&operands.b)];
        output(&launches, &xwb, Output::F32(&mut y));
        y.iter().map(|y| y.to_bits()).collect::<Vec<_>>()
    });
    assert_eq!(runs[0], runs[1]);
    assert!(f32::from_bits(runs[0][0]).is_nan(), "the pixel that reads the NaN");
    assert!(runs[0][8..].iter().all(|&y| f32::from_bits(y) >= 0.0), "no other");
}
