//! The logistic function.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    activation::{Activation, cpu, cuda, reference},
    elementwise,
};

/// `y[i] = 1 / (1 + e^-x[i])`
///
/// - **Shapes**: any; y as x.
/// - **Gradient**: `dx[i] = dy[i] · y[i] (1 - y[i])`, by [`SigmoidGrad`].
/// - **Conventions**: no power overflows: below 0 it is e^x / (1 + e^x). A NaN stays one.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([3], &[-200., 0., 200.]);
/// assert_eq!(x.sigmoid().values(), [0., 0.5, 1.]);
/// ```
#[derive(Clone, Debug)]
pub struct Sigmoid;

impl Op for Sigmoid {
    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::forward(Activation::Sigmoid, io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::forward(Activation::Sigmoid, io.x(0), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::forward(Activation::Sigmoid, x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(SigmoidGrad, &[at.y[0], dy]))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        Activation::Sigmoid.flops() * y[0].len() as u64
    }
}

/// Gradient of [`Sigmoid`]: (y, dy) -> dx, `dx[i] = dy[i] · y[i] (1 - y[i])`
///
/// - **Shapes**: y, dy and dx alike.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: at most dy / 4: through many sigmoids little is left. 0 where y has become 0 or 1.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([2], &[0., 200.]);
/// let y = x.sigmoid();
/// assert_eq!(y.sum().backward().get(x).unwrap().values(), [0.25, 0.]);
/// ```
#[derive(Clone, Debug)]
pub struct SigmoidGrad;

impl Op for SigmoidGrad {
    fn name(&self) -> &'static str {
        "sigmoid_grad"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        elementwise::same(&x[0].shape, &x[1].shape)?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::backward(Activation::Sigmoid, io.x(0), io.x(1), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::backward(Activation::Sigmoid, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::backward(Activation::Sigmoid, x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::ZIP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        Activation::Sigmoid.gradient_flops() * y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// `1 / (1 + e^-x)`, element by element; no x overflows. Gradient: `dy · y (1 - y)`.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[0., -1e4]);
    /// let y = x.sigmoid();
    /// assert_eq!(y.values(), [0.5, 0.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [0.25, 0.]);
    /// ```
    #[track_caller]
    pub fn sigmoid(self) -> Var<'t> {
        self.tape().apply(Sigmoid, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "sigmoid",
    equation: "y = 1 / (1 + e^-x);  dx = dy y (1 - y)",
    cases: || {
        let one = |s: &[usize], most: f32| vec![Input::real(s).within(-most, most)];
        vec![
            Case::new(Family::Plain, one(&[3, 4], 3.0), |_, x| x[0].sigmoid()),
            Case::new(Family::OneElement, one(&[], 3.0), |_, x| x[0].sigmoid()),
            Case::new(Family::UsedTwice, one(&[3, 5], 3.0), |_, x| x[0].sigmoid() * x[0]),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11], 3.0), |_, x| x[0].sigmoid()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4], 3.0), |_, x| x[0].relayout(Layout::Nhwc).sigmoid()),
            Case::new(Family::Edge, one(&[64], 8.0), |_, x| x[0].sigmoid()),
        ]
    },
    refusals: Vec::new,
};
