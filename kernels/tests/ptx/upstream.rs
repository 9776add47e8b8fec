//! The fused pass ahead of a convolution's gradients, against the definitions one after the other.
use crate::{
    harness::{Operand, Output, run},
    same::assert_same,
    support::{Random, assert_within, bounds},
};
use ferrotape_kernels::{
    Bound,
    Layout::Nhwc,
    View, ViewMut,
    activation::{self, Activation},
    max_pool2d, reduce,
    upstream::{Upstream, cuda},
};

const FUNCTIONS: [Option<Activation>; 5] = [
    None,
    Some(Activation::Relu),
    Some(Activation::LeakyRelu { slope: 0.1 }),
    Some(Activation::Sigmoid),
    Some(Activation::Tanh),
];

/// What arrives: gradients, values and winners.
struct Arriving {
    dy: Vec<f32>,
    y: Vec<f32>,
    winner: Vec<u32>,
}

impl Arriving {
    /// The winners of random images, and values of which some are zeros of both signs and, if `special`, NaN.
    fn new(s: &Upstream, random: &mut Random, special: bool) -> Self {
        let len = s.n * s.arriving();
        let (mut dy, mut y, mut winner) = (random.numbers(len), random.numbers(len), vec![0; len]);
        y.iter_mut().step_by(5).for_each(|y| *y = 0.0);
        y.iter_mut().skip(1).step_by(9).for_each(|y| *y = -0.0);
        dy.iter_mut().step_by(6).for_each(|dy| *dy = -0.0);
        if special {
            y.iter_mut().skip(2).step_by(10).for_each(|y| *y = f32::NAN);
            dy.iter_mut().skip(3).step_by(13).for_each(|dy| *dy = f32::INFINITY);
        }
        if let Some(pool) = s.windows() {
            let (x, mut max) = (random.numbers(s.n * s.image()), vec![0.0; len]);
            let outputs =
                (ViewMut::new(&mut max, &pool.y(), Nhwc), ViewMut::new(&mut winner, &pool.y(), Nhwc));
            max_pool2d::reference::forward(&pool, View::new(&x, &pool.x(), Nhwc), outputs.0, outputs.1);
        }
        Self { dy, y, winner }
    }

    /// g, and the bounds of its sums.
    fn separately(&self, s: &Upstream) -> (Vec<f32>, Vec<Bound>) {
        let mut dy = self.dy.clone();
        if let Some(f) = s.activation {
            activation::reference::backward(f, &self.y, &self.dy, &mut dy);
        }
        let mut g = vec![0.0; s.n * s.image()];
        match s.windows() {
            None => g.copy_from_slice(&dy),
            Some(pool) => {
                let (dy, to) = (View::new(&dy, &pool.y(), Nhwc), ViewMut::new(&mut g, &pool.x(), Nhwc));
                max_pool2d::reference::backward(&pool, dy, View::new(&self.winner, &pool.y(), Nhwc), to);
            }
        }
        let mut sums = vec![Bound::default(); s.c];
        reduce::reference::channel_sum(&s.channels(), &bounds(&g), &mut sums);
        (g, sums)
    }

    fn fused(&self, s: &Upstream) -> (Vec<f32>, Vec<f32>) {
        let (mut g, mut db) = (vec![0.0; s.n * s.image()], vec![0.0; s.c]);
        let y = s.activation.map(|_| Operand::F32(&self.y));
        let winner = s.pool.map(|_| Operand::U32(&self.winner));
        let operands: Vec<_> = [Some(Operand::F32(&self.dy)), y, winner].into_iter().flatten().collect();
        run(&cuda::upstream(s), &operands, &mut [Output::F32(&mut g), Output::Gradient(&mut db)]);
        (g, db)
    }
}

/// One block and several, of few channels and of more than a warp has lanes; windows side by side and apart, rows and columns
/// that no window covers.
/// Without a pooling the sums have the bits of `channel_sum`: one block, and several.
#[test]
fn sums_of_channels_in_their_order() {
    let mut random = Random::new(9);
    for [n, c] in [[4, 10], [50, 32], [408, 10], [409, 10], [1000, 32], [9000, 32], [300, 70]] {
        let s = Upstream { n, c, h: 1, w: 1, activation: Some(Activation::Relu), pool: None };
        let (dy, y) = (random.numbers(n * c), random.numbers(n * c));
        let [mut g, mut db, mut expected] = [n * c, c, c].map(|len| vec![0.0; len]);
        let operands = [Operand::F32(&dy), Operand::F32(&y)];
        run(&cuda::upstream(&s), &operands, &mut [Output::F32(&mut g), Output::F32(&mut db)]);
        let sum = reduce::cuda::channel_sum(&s.channels());
        run(&sum, &[Operand::F32(&g)], &mut [Output::F32(&mut expected)]);
        assert_same(&db, &expected, &format!("{s:?}"));
    }
}

#[test]
fn bits_of_the_gradient_and_bounds_of_the_sums() {
    let plain = [[1, 1, 1, 1], [2, 3, 5, 7], [3, 16, 8, 8], [5, 8, 16, 16], [1, 40, 6, 5], [0, 3, 2, 2]];
    let plain = plain.map(|sizes| (sizes, None));
    let pooled = [
        ([1, 1, 2, 2], [2, 2]),
        ([2, 3, 7, 9], [2, 2]),
        ([3, 8, 16, 16], [2, 2]),
        ([9, 16, 12, 14], [2, 2]),
        ([2, 5, 8, 11], [2, 3]),
        ([1, 36, 7, 6], [3, 3]),
        ([0, 3, 4, 4], [2, 2]),
    ];
    let pooled = pooled.map(|(sizes, pool)| (sizes, Some(pool)));
    let mut random = Random::new(1);
    for ([n, c, h, w], pool) in [&plain[..], &pooled].concat() {
        for activation in FUNCTIONS {
            let s = Upstream { n, c, h, w, activation, pool };
            let from = Arriving::new(&s, &mut random, false);
            let ((expected, sums), (g, db)) = (from.separately(&s), from.fused(&s));
            assert_same(&g, &expected, &format!("{s:?}"));
            assert_within(&db, &sums, s);
        }
    }
}

/// Values that are NaN and gradients that are infinite go where the definitions have them go.
#[test]
fn nan_and_infinity() {
    let mut random = Random::new(2);
    for pool in [None, Some([2, 2])] {
        for activation in FUNCTIONS {
            let s = Upstream { n: 2, c: 3, h: 8, w: 8, activation, pool };
            let from = Arriving::new(&s, &mut random, true);
            assert_same(&from.fused(&s).0, &from.separately(&s).0, &format!("{s:?}"));
        }
    }
}
