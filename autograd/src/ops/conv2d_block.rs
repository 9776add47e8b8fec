//! A convolution with what follows it, in one pass: what the planner makes of `conv2d`, an activation and `max_pool2d`.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Share, Type, View, ViewMut,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    activation::{self, Activation},
    conv2d::{self, Epilogue, Pass, cpu, cuda, reference},
    max_pool2d::{self, MaxPool2d},
};

/// (x, w, b) -> y, or (y, winner): `y = max_pool2d(f(conv2d(x, w, b)))`, with or without each of the outer two. A window
/// is pooled as soon as its rows are there, so that the convolution's whole output is never in memory.
///
/// - **Shapes**: x, w, b as of [`Conv2d`](super::Conv2d); y and winner as of [`MaxPool2d`](super::MaxPool2d), or of the
///   convolution.
/// - **Gradient**: none flows through it: the planner fuses after differentiation.
/// - **Conventions**: those of the operations it is made of, whose bits it gives.
/// - **Errors**: as theirs.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, ops::Conv2dBlock};
/// # use ferrotape_kernels::activation::Activation;
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let x = tape.input([1, 1, 4, 4], &[1., -2., 3., 4., 5., 6., -7., 8., 9., 1., 2., 3., 4., -5., 6., 7.]);
/// let (w, b) = (tape.input([1, 1, 1, 1], &[0.5]), tape.input([1], &[-1.]));
/// let (activation, pool) = (Some(Activation::Relu), Some([2, 2]));
/// let block = Conv2dBlock { stride: 1, padding: 0, activation, pool, winner: false };
/// assert_eq!(tape.apply(block, &[x, w, b]).values(), x.conv2d(w, b, 1, 0).relu().max_pool2d(2, 2).values());
/// ```
#[derive(Clone, Debug)]
pub struct Conv2dBlock {
    /// Distance between neighbouring windows of the convolution.
    pub stride: usize,
    /// Rows and columns of zeros around the input.
    pub padding: usize,
    /// The function f.
    pub activation: Option<Activation>,
    /// Side and distance of the pooling's windows, which do not overlap.
    pub pool: Option<[usize; 2]>,
    /// Whether the second output is there.
    pub winner: bool,
}

impl Conv2dBlock {
    pub(super) fn spec(&self, x: &[Type]) -> Result<(conv2d::Conv2d, Epilogue), ShapeError> {
        let conv = conv2d::Conv2d::new(&x[0].shape, &x[1].shape, &x[2].shape, self.stride, self.padding)?;
        let pool = self.pool.map(|[kernel, stride]| MaxPool2d::new(&conv.y(), kernel, stride)).transpose()?;
        Ok((conv, Epilogue { activation: self.activation, pool }))
    }

    fn spec_of<S>(&self, io: &Io<'_, S>) -> (conv2d::Conv2d, Epilogue) {
        self.spec(&[*io.ty(0), *io.ty(1), *io.ty(2)]).expect("inferred")
    }

    /// The definition; winners are put where they are asked for.
    pub(super) fn define<S: Scalar>(
        &self,
        (conv, epilogue): &(conv2d::Conv2d, Epilogue),
        x: View<S, 4>,
        w: View<S, 4>,
        b: &[S],
        last: &mut [S],
        winner: Option<ViewMut<u32, 4>>,
    ) {
        let mut y = vec![S::ZERO; conv.y().len()];
        reference::forward(conv, x, w, b, ViewMut::new(&mut y, &conv.y(), Layout::Nhwc));
        if let Some(f) = epilogue.activation {
            let before = y.clone();
            activation::reference::forward(f, &before, &mut y);
        }
        let Some(pool) = epilogue.pool else { return last.copy_from_slice(&y) };
        let mut unread = vec![0; if winner.is_some() { 0 } else { pool.y().len() }];
        let winner = winner.unwrap_or_else(|| ViewMut::new(&mut unread, &pool.y(), Layout::Nhwc));
        let y = View::new(&y, &conv.y(), Layout::Nhwc);
        max_pool2d::reference::forward(&pool, y, ViewMut::new(last, &pool.y(), Layout::Nhwc), winner);
    }
}

impl Op for Conv2dBlock {
    fn name(&self) -> &'static str {
        match (self.activation, self.pool.is_some()) {
            (None, false) => "conv2d",
            (None, true) => "conv2d_max_pool2d",
            (Some(Activation::Relu), false) => "conv2d_relu",
            (Some(Activation::Relu), true) => "conv2d_relu_max_pool2d",
            (Some(Activation::LeakyRelu { .. }), false) => "conv2d_leaky_relu",
            (Some(Activation::LeakyRelu { .. }), true) => "conv2d_leaky_relu_max_pool2d",
            (Some(Activation::Sigmoid), false) => "conv2d_sigmoid",
            (Some(Activation::Sigmoid), true) => "conv2d_sigmoid_max_pool2d",
            (Some(Activation::Tanh), false) => "conv2d_tanh",
            (Some(Activation::Tanh), true) => "conv2d_tanh_max_pool2d",
        }
    }

    fn wants(&self, i: usize, _: &[Type]) -> Layout {
        [Layout::Nhwc, Layout::Hwio, Layout::Rows][i]
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let (conv, epilogue) = self.spec(x)?;
        let y = epilogue.pool.map_or(conv.y(), |pool| pool.y());
        let mut types = vec![Type::real(y).in_layout(Layout::Nhwc)];
        if self.winner {
            types.push(Type::u32(y).in_layout(Layout::Nhwc));
        }
        Ok(types)
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let specs = self.spec_of(io);
        let winner = self.winner.then(|| io.view_mut_u32(1));
        self.define(&specs, io.view(0), io.view(1), io.x(2), io.y(0), winner);
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let (conv, epilogue) = self.spec_of(io);
        let (x, w, b, y) = (io.x(0), io.x(1), io.x(2), io.y(0));
        let winner = self.winner.then(|| io.y_u32(1));
        cpu::forward_fused(&conv, &epilogue, x, w, b, y, winner, cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let (conv, epilogue) = self.spec(x).expect("inferred");
        Some(cuda::block(&conv, &epilogue, self.winner))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        const X: &[Share] = &[Share::Each, Share::Whole, Share::Whole];
        Some(ByImage { x: X, y: &[Share::Each; 2][..1 + usize::from(self.winner)] })
    }

    fn variant(&self, x: &[Type], isa: Isa) -> &'static str {
        self.spec(x).map_or("", |(s, _)| cpu::variant(Pass::Forward, &s, isa))
    }

    fn flops(&self, x: &[Type], y: &[Type]) -> u64 {
        let window = self.pool.map_or(0, |[kernel, _]| kernel * kernel);
        let activation = self.activation.map_or(0, Activation::flops);
        self.spec(x)
            .map_or(0, |(s, _)| s.flops() + activation * s.y().len() as u64 + (y[0].len() * window) as u64)
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "conv2d_block",
    equation: "y = max_pool2d(f(conv2d(x, w, b)))",
    cases: || {
        let xwb = |x: [usize; 4], w: [usize; 4]| vec![Input::real(&x), Input::real(&w), Input::real(&w[..1])];
        const PLAIN: Conv2dBlock =
            Conv2dBlock { stride: 1, padding: 0, activation: None, pool: Some([2, 2]), winner: false };
        vec![
            Case::new(Family::Plain, xwb([2, 3, 6, 6], [8, 3, 3, 3]), |tape, x| {
                let activation = Some(Activation::Relu);
                tape.apply_all(Conv2dBlock { activation, winner: true, ..PLAIN }, x)[0]
            }),
            Case::new(Family::Plain, xwb([2, 8, 7, 7], [16, 8, 3, 3]), |tape, x| {
                let activation = Some(Activation::Sigmoid);
                tape.apply_all(Conv2dBlock { activation, winner: true, ..PLAIN }, x)[0]
            }),
            Case::new(Family::OddSizes, xwb([3, 5, 7, 9], [7, 5, 3, 5]), |tape, x| {
                let activation = Some(Activation::Relu);
                tape.apply_all(Conv2dBlock { activation, pool: None, ..PLAIN }, x)[0]
            }),
            Case::new(Family::OddSizes, xwb([3, 3, 9, 7], [5, 3, 5, 3]), |tape, x| {
                let activation = Some(Activation::Tanh);
                tape.apply_all(Conv2dBlock { activation, pool: None, ..PLAIN }, x)[0]
            }),
            Case::new(Family::Batch1, xwb([1, 5, 7, 9], [7, 5, 3, 5]), |tape, x| {
                let activation = Some(Activation::LeakyRelu { slope: 0.25 });
                tape.apply_all(Conv2dBlock { activation, ..PLAIN }, x)[0]
            }),
            Case::new(Family::Stride, xwb([2, 3, 9, 8], [16, 3, 2, 2]), |tape, x| {
                tape.apply_all(Conv2dBlock { padding: 1, pool: Some([2, 3]), ..PLAIN }, x)[0]
            }),
            Case::new(Family::OneElement, xwb([1, 1, 1, 1], [1, 1, 1, 1]), |tape, x| {
                tape.apply_all(Conv2dBlock { pool: Some([1, 1]), winner: true, ..PLAIN }, x)[0]
            }),
        ]
        .into_iter()
        .map(Case::no_gradient)
        .collect()
    },
    refusals: Vec::new,
};
