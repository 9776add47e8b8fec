//! A convolution with what follows it: the bits of the launches one by one, each of which is held against its definition elsewhere.
use crate::{
    harness::{Operand, Output, run},
    same::assert_same,
    support::Random,
};
use ferrotape_kernels::{
    activation::{self, Activation},
    conv2d::{Conv2d, Epilogue, cuda},
    max_pool2d::{self, MaxPool2d},
};

const ACTIVATIONS: [Option<Activation>; 5] = [
    None,
    Some(Activation::Relu),
    Some(Activation::LeakyRelu { slope: 0.25 }),
    Some(Activation::Sigmoid),
    Some(Activation::Tanh),
];

/// (n, ci, h, w), (co, kh, kw), stride, padding
fn spec([n, ci, h, w]: [usize; 4], [co, kh, kw]: [usize; 3], stride: usize, padding: usize) -> Conv2d {
    Conv2d { n, ci, h, w, co, kh, kw, stride, padding }
}

/// Operands of a convolution.
struct Operands {
    s: Conv2d,
    x: Vec<f32>,
    w: Vec<f32>,
    b: Vec<f32>,
}

impl Operands {
    /// With what pooling has to decide: the first output channel is the same everywhere, so all its windows are ties, but where
    /// numbers of x that are none, or have no end, make a NaN.
    fn new(s: &Conv2d) -> Self {
        let mut random = Random::new(s.flops() as u32);
        let [mut x, mut w, b] = [s.x().len(), s.weight().len(), s.co].map(|len| random.numbers(len));
        w.iter_mut().step_by(s.co).for_each(|w| *w = 0.0);
        for special in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let at = random.within(0..x.len());
            x[at] = special;
        }
        Self { s: *s, x, w, b }
    }

    fn operands(&self) -> [Operand<'_>; 3] {
        [Operand::F32(&self.x), Operand::Parameter(&self.w), Operand::Parameter(&self.b)]
    }

    /// The activation's output, from two launches.
    fn activated(&self, activation: Option<Activation>) -> Vec<f32> {
        let mut y = vec![0.0; self.s.y().len()];
        run(&cuda::forward(&self.s), &self.operands(), &mut [Output::F32(&mut y)]);
        if let Some(f) = activation {
            let x = y.clone();
            run(&activation::cuda::forward(f, x.len()), &[Operand::F32(&x)], &mut [Output::F32(&mut y)]);
        }
        y
    }

    /// Bank conflicts of the block, which must be one launch.
    #[track_caller]
    fn run_block(&self, epilogue: &Epilogue, winner: bool, y: &mut [Output]) -> u64 {
        let launches = cuda::block(&self.s, epilogue, winner);
        let counters = run(&launches, &self.operands(), y);
        assert_eq!(counters.len(), 1, "launches of {:?}, {epilogue:?}", self.s);
        counters[0].bank_conflicts()
    }

    /// With the activation alone, and pooled, with winners and without: the bits, and bank conflicts of each.
    #[track_caller]
    fn check(&self, activation: Option<Activation>) -> [u64; 3] {
        let s = &self.s;
        let what = format!("{s:?}, {activation:?}");
        let activated = self.activated(activation);
        let mut y = vec![0.0; activated.len()];
        let alone = self.run_block(&Epilogue { activation, pool: None }, false, &mut [Output::F32(&mut y)]);
        assert_same(&y, &activated, &what);

        let pool = MaxPool2d::new(&s.y(), 2, 2).unwrap();
        let len = pool.y().len();
        let (mut expected, mut places) = (vec![0.0; len], vec![0; len]);
        let outputs = &mut [Output::F32(&mut expected), Output::U32(&mut places)];
        run(&max_pool2d::cuda::forward(&pool), &[Operand::F32(&activated)], outputs);
        let epilogue = Epilogue { activation, pool: Some(pool) };
        let (mut y, mut winner) = (vec![0.0; len], vec![0; len]);
        let with_winners =
            self.run_block(&epilogue, true, &mut [Output::F32(&mut y), Output::U32(&mut winner)]);
        assert_same(&y, &expected, &what);
        assert_eq!(winner, places, "{what}");
        let mut y = vec![0.0; len];
        let pooled = self.run_block(&epilogue, false, &mut [Output::F32(&mut y)]);
        assert_same(&y, &expected, &format!("{what}, without winners"));
        [alone, with_winners, pooled]
    }
}

/// Each activation, windows that leave out a row, a column, both.
#[test]
fn activations() {
    for (h, w) in [(8, 10), (9, 8), (8, 9), (9, 9)] {
        let operands = Operands::new(&spec([2, 3, h, w], [8, 3, 3], 1, 0));
        for activation in ACTIVATIONS {
            assert_eq!(operands.check(activation), [0; 3], "bank conflicts of {activation:?}");
        }
    }
}

/// Sizes that nothing was made for: strides, padding, odd channels, one window, several images of a block, more than one tile.
#[test]
fn other_sizes() {
    for (x, w, stride, padding) in [
        ([1, 1, 2, 2], [1, 1, 1], 1, 0),
        ([3, 5, 7, 9], [7, 3, 5], 1, 0),
        ([2, 3, 9, 8], [10, 2, 2], 2, 1),
        ([2, 6, 11, 5], [9, 1, 4], 1, 1),
        ([1, 17, 5, 6], [18, 3, 3], 1, 1),
        ([1, 12, 4, 140], [4, 2, 3], 1, 0),
        ([1, 2, 70, 3], [3, 1, 2], 1, 0),
        ([5, 3, 4, 4], [8, 3, 3], 1, 0),
        ([301, 4, 6, 6], [8, 3, 3], 1, 0),
    ] {
        let operands = Operands::new(&spec(x, w, stride, padding));
        operands.check(None);
        operands.check(Some(Activation::Relu));
    }
}

/// The layers of the networks that are pooled (nn/src/models/tables.rs): side, channels, kernel, channels.
const POOLED: [(usize, usize, usize, usize); 12] = [
    (30, 16, 5, 8),
    (13, 8, 7, 16),
    (28, 8, 5, 16),
    (12, 16, 5, 16),
    (26, 8, 3, 16),
    (10, 16, 3, 8),
    (28, 1, 3, 16),
    (26, 16, 7, 8),
    (10, 8, 5, 16),
    (26, 16, 5, 8),
    (22, 8, 3, 8),
    (8, 16, 3, 16),
];

#[test]
fn layers_of_the_networks() {
    for (side, ci, k, co) in POOLED {
        let s = spec([2, ci, side, side], [co, k, k], 1, 0);
        let conflicts = Operands::new(&s).check(Some(Activation::Relu));
        assert_eq!(conflicts, [0; 3], "bank conflicts of {s:?}");
    }
}

/// As they are trained and validated, with their batches.
#[test]
fn a_layer_of_the_networks_is_one_launch() {
    for (side, ci, k, co) in POOLED {
        for n in [1, 50, 500, 5000] {
            let s = spec([n, ci, side, side], [co, k, k], 1, 0);
            let pool = MaxPool2d::new(&s.y(), 2, 2).ok();
            let launches = cuda::block(&s, &Epilogue { activation: None, pool }, n == 50);
            assert_eq!((launches.list.len(), launches.scratch), (1, 0), "{s:?}");
        }
    }
}

/// Windows that are not 2 x 2 side by side, and kernels that no shared memory holds: a launch of its own pools.
#[test]
fn pooled_by_a_launch_of_its_own() {
    for (s, window) in [
        (spec([2, 3, 9, 8], [8, 3, 3], 1, 0), [3, 3]),
        (spec([2, 3, 9, 8], [8, 3, 3], 1, 0), [1, 2]),
        (spec([2, 3, 9, 8], [8, 3, 3], 1, 0), [2, 3]),
        (spec([1, 1, 43, 42], [1, 40, 40], 1, 0), [2, 2]),
    ] {
        let operands = Operands::new(&s);
        let activation = Some(Activation::Relu);
        let activated = operands.activated(activation);
        let pool = MaxPool2d::new(&s.y(), window[0], window[1]).unwrap();
        let len = pool.y().len();
        let [(mut y, mut winner), (mut expected, mut places)] =
            [(); 2].map(|()| (vec![0.0; len], vec![0; len]));
        let outputs = &mut [Output::F32(&mut expected), Output::U32(&mut places)];
        run(&max_pool2d::cuda::forward(&pool), &[Operand::F32(&activated)], outputs);
        let epilogue = Epilogue { activation, pool: Some(pool) };
        let launches = cuda::block(&s, &epilogue, true);
        assert_eq!(launches.list.len(), 2, "{s:?}, {window:?}");
        run(&launches, &operands.operands(), &mut [Output::F32(&mut y), Output::U32(&mut winner)]);
        assert_same(&y, &expected, &format!("{s:?}, {window:?}"));
        assert_eq!(winner, places, "{s:?}, {window:?}");
        let mut y = vec![0.0; len];
        run(&cuda::block(&s, &epilogue, false), &operands.operands(), &mut [Output::F32(&mut y)]);
        assert_same(&y, &expected, &format!("{s:?}, {window:?}, without winners"));
    }
}
