//! The rectified linear unit.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    activation::{Activation, cpu, cuda, reference},
    elementwise,
};

/// `y[i] = max(x[i], 0)`
///
/// - **Shapes**: any; y as x.
/// - **Gradient**: `dx[i] = dy[i]` where `y[i] > 0`, else 0, by [`ReluGrad`].
/// - **Conventions**: relu'(0) = 0. A NaN stays one, and lets its gradient pass.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # use ferrotape_autograd::Tape;
/// # let params = Params::default();
/// // At the kink any slope between those of either side will do; away from it, one alone.
/// gradcheck(&params, &[&[3, 5]], |_, x| x[0].relu()).assert_ok();
/// let tape = Tape::inference(&params);
/// assert!(tape.input([1], &[f32::NAN]).relu().item().is_nan());
/// ```
#[derive(Clone, Debug)]
pub struct Relu;

impl Op for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::forward(Activation::Relu, io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::forward(Activation::Relu, io.x(0), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::forward(Activation::Relu, x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(ReluGrad, &[at.y[0], dy]))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        Activation::Relu.flops() * y[0].len() as u64
    }
}

/// Gradient of [`Relu`]: (y, dy) -> dx, `dx[i] = 0` where `y[i] <= 0`, else `dy[i]`
///
/// - **Shapes**: y, dy and dx alike.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: from y, which the next operation reads anyhow: x need not be kept.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([4], &[-1., 0., 2., f32::NAN]);
/// let dx = x.relu().backward_with(tape.input([4], &[5., 6., 7., 8.])).get(x).unwrap();
/// assert_eq!(dx.values(), [0., 0., 7., 8.]);
/// ```
#[derive(Clone, Debug)]
pub struct ReluGrad;

impl Op for ReluGrad {
    fn name(&self) -> &'static str {
        "relu_grad"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        elementwise::same(&x[0].shape, &x[1].shape)?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::backward(Activation::Relu, io.x(0), io.x(1), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::backward(Activation::Relu, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::backward(Activation::Relu, x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::ZIP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        Activation::Relu.gradient_flops() * y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// `max(x, 0)`, element by element; a NaN stays one. Gradient: `dy` where `x > 0`, else 0; at the kink
    /// relu'(0) = 0.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([4], &[-1., 0., 2., 3.]);
    /// let y = x.relu();
    /// assert_eq!(y.values(), [0., 0., 2., 3.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [0., 0., 1., 1.]);
    /// ```
    #[track_caller]
    pub fn relu(self) -> Var<'t> {
        self.tape().apply(Relu, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "relu",
    equation: "y = max(x, 0);  dx = dy where y > 0, else 0",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s).away_from(0.0, 0.05)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0].relu()),
            Case::new(Family::Square, one(&[4, 4]), |_, x| x[0].relu()),
            Case::new(Family::OneElement, one(&[]), |_, x| x[0].relu()),
            Case::new(Family::UsedTwice, one(&[3, 5]), |_, x| x[0].relu() * x[0]),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11]), |_, x| x[0].relu()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc).relu()),
        ]
    },
    refusals: Vec::new,
};
