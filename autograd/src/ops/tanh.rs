//! The hyperbolic tangent.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    activation::{Activation, cpu, cuda, reference},
    elementwise,
};

/// `y[i] = (e^2x[i] - 1) / (e^2x[i] + 1)`
///
/// - **Shapes**: any; y as x.
/// - **Gradient**: `dx[i] = dy[i] · (1 - y[i]²)`, by [`TanhGrad`].
/// - **Conventions**: `tanh x = 2 σ(2x) - 1`. No power overflows; a NaN stays one.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, check::gradcheck};
/// # let params = Params::default();
/// gradcheck(&params, &[&[3, 5]], |_, x| x[0].tanh()).assert_ok();
/// let tape = Tape::inference(&params);
/// let x = tape.input([2], &[0.5, -3.]);
/// assert!((x.tanh() - 2. * (2. * x).sigmoid()).values().iter().all(|d| (d + 1.).abs() < 1e-6));
/// ```
#[derive(Clone, Debug)]
pub struct Tanh;

impl Op for Tanh {
    fn name(&self) -> &'static str {
        "tanh"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::forward(Activation::Tanh, io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::forward(Activation::Tanh, io.x(0), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::forward(Activation::Tanh, x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(TanhGrad, &[at.y[0], dy]))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        Activation::Tanh.flops() * y[0].len() as u64
    }
}

/// Gradient of [`Tanh`]: (y, dy) -> dx, `dx[i] = dy[i] · (1 - y[i]²)`
///
/// - **Shapes**: y, dy and dx alike.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: at most dy; 0 where y has become ±1.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([3], &[-50., 0., 50.]);
/// assert_eq!(x.tanh().sum().backward().get(x).unwrap().values(), [0., 1., 0.]);
/// ```
#[derive(Clone, Debug)]
pub struct TanhGrad;

impl Op for TanhGrad {
    fn name(&self) -> &'static str {
        "tanh_grad"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        elementwise::same(&x[0].shape, &x[1].shape)?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::backward(Activation::Tanh, io.x(0), io.x(1), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::backward(Activation::Tanh, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::backward(Activation::Tanh, x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::ZIP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        Activation::Tanh.gradient_flops() * y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// `(e^2x - 1) / (e^2x + 1)`, element by element. Gradient: `dy · (1 - y²)`.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[0., 100.]);
    /// let y = x.tanh();
    /// assert_eq!(y.values(), [0., 1.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [1., 0.]);
    /// ```
    #[track_caller]
    pub fn tanh(self) -> Var<'t> {
        self.tape().apply(Tanh, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "tanh",
    equation: "y = tanh x;  dx = dy (1 - y²)",
    cases: || {
        let one = |s: &[usize], most: f32| vec![Input::real(s).within(-most, most)];
        vec![
            Case::new(Family::Plain, one(&[3, 4], 3.0), |_, x| x[0].tanh()),
            Case::new(Family::Square, one(&[4, 4], 3.0), |_, x| x[0].tanh()),
            Case::new(Family::OneElement, one(&[], 3.0), |_, x| x[0].tanh()),
            Case::new(Family::UsedTwice, one(&[3, 5], 3.0), |_, x| x[0].tanh() * x[0]),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11], 3.0), |_, x| x[0].tanh()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4], 3.0), |_, x| x[0].relayout(Layout::Nhwc).tanh()),
            Case::new(Family::Edge, one(&[64], 8.0), |_, x| x[0].tanh()),
        ]
    },
    refusals: Vec::new,
};
