//! A fully connected layer and its activation, in one pass: what the planner makes of `linear` and an activation.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Type, ViewMut,
    card::{Card, Case, Family, Input},
    ops::Linear,
};
use ferrotape_kernels::{
    activation::{self, Activation},
    linear::{cpu, cuda, reference},
};

/// (x, w, b) -> y, `y[n,o] = f(b[o] + Σ_i x[n,i] · w[o,i])`
///
/// - **Shapes**: as of [`Linear`](super::Linear).
/// - **Gradient**: none flows through it: the planner fuses after differentiation.
/// - **Conventions**: those of the two operations, whose bits it gives.
/// - **Errors**: as theirs.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, ops::LinearBlock};
/// # use ferrotape_kernels::activation::Activation;
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let x = tape.input([2, 2], &[1., -2., 3., 4.]);
/// let (w, b) = (tape.input([2, 2], &[1., 2., -1., 1.]), tape.input([2], &[0.5, 0.]));
/// let fused = tape.apply(LinearBlock { activation: Activation::Tanh }, &[x, w, b]);
/// assert_eq!(fused.values(), x.linear(w, b).tanh().values());
/// ```
#[derive(Clone, Debug)]
pub struct LinearBlock {
    /// The function f.
    pub activation: Activation,
}

impl Op for LinearBlock {
    fn name(&self) -> &'static str {
        match self.activation {
            Activation::Relu => "linear_relu",
            Activation::LeakyRelu { .. } => "linear_leaky_relu",
            Activation::Sigmoid => "linear_sigmoid",
            Activation::Tanh => "linear_tanh",
        }
    }

    fn wants(&self, i: usize, x: &[Type]) -> Layout {
        Linear.wants(i, x)
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Linear.infer(x)
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = Linear::spec(io.ty(0), io.ty(1), io.ty(2)).expect("inferred");
        let (shape, y) = (io.out_ty(0).shape, io.y(0));
        reference::forward(&spec, io.view(0), io.view(1), io.x(2), ViewMut::new(y, &shape, Layout::Rows));
        let before = y.to_vec();
        activation::reference::forward(self.activation, &before, y);
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = Linear::spec(io.ty(0), io.ty(1), io.ty(2)).expect("inferred");
        let operands = [io.x(0), io.x(1), io.x(2)];
        cpu::forward_fused(&spec, self.activation, operands, io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let spec = Linear::spec(&x[0], &x[1], &x[2]).expect("inferred");
        Some(cuda::forward_fused(&spec, Some(self.activation)))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, x: &[Type], y: &[Type]) -> u64 {
        Linear.flops(x, y) + self.activation.flops() * y[0].len() as u64
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "linear_block",
    equation: "y[n,o] = f(b[o] + Σ_i x[n,i] w[o,i])",
    cases: || {
        let xwb =
            |n, fan_in, fan_out| [&[n, fan_in][..], &[fan_out, fan_in], &[fan_out]].map(Input::real).to_vec();
        vec![
            Case::new(Family::Plain, xwb(4, 8, 6), |tape, x| {
                tape.apply(LinearBlock { activation: Activation::Relu }, x)
            }),
            Case::new(Family::OddSizes, xwb(7, 19, 33), |tape, x| {
                tape.apply(LinearBlock { activation: Activation::LeakyRelu { slope: 0.25 } }, x)
            }),
            Case::new(Family::NonSquare, xwb(3, 2, 5), |tape, x| {
                tape.apply(LinearBlock { activation: Activation::Sigmoid }, x)
            }),
            Case::new(Family::Batch1, xwb(1, 300, 10), |tape, x| {
                tape.apply(LinearBlock { activation: Activation::Tanh }, x)
            }),
            Case::new(Family::OneElement, xwb(1, 1, 1), |tape, x| {
                tape.apply(LinearBlock { activation: Activation::Relu }, x)
            }),
        ]
        .into_iter()
        .map(Case::no_gradient)
        .collect()
    },
    refusals: Vec::new,
};
