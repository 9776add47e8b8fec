//! Multiplication by a constant.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::elementwise::{cpu, cuda, reference};
use std::ops;

/// `y = factor · x`, the factor a constant of the program.
///
/// - **Shapes**: any; y as x.
/// - **Gradient**: `dx = factor · dy`.
/// - **Conventions**: f64 when it is recorded; the f32 machines round it once.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([2], &[3., -4.]);
/// let y = 0.5 * x - 2. * x;
/// assert_eq!(y.values(), [-4.5, 6.]);
/// assert_eq!(y.sum().backward().get(x).unwrap().values(), [-1.5, -1.5]);
/// ```
#[derive(Clone, Debug)]
pub struct Scale(pub f64);

impl Op for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::scale(self.0, io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::scale(self.0, io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::scale(self.0, x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx = factor · dy`
    fn vjp<'t>(&self, _: usize, _: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.scale(self.0))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// `factor · x`, also written `x * factor`. The factor is a constant: it is recorded with the program and gets
    /// no gradient. Gradient: factor · dy.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[3., -4.]);
    /// let y = x * 0.5;
    /// assert_eq!(y.values(), [1.5, -2.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn scale(self, factor: f64) -> Var<'t> {
        self.tape().apply(Scale(factor), &[self])
    }
}

impl<'t> ops::Mul<f64> for Var<'t> {
    type Output = Var<'t>;

    /// See [`Var::scale`].
    #[track_caller]
    fn mul(self, factor: f64) -> Var<'t> {
        self.scale(factor)
    }
}

impl<'t> ops::Mul<Var<'t>> for f64 {
    type Output = Var<'t>;

    /// See [`Var::scale`].
    #[track_caller]
    fn mul(self, x: Var<'t>) -> Var<'t> {
        x.scale(self)
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "scale",
    equation: "y = factor x;  dx = factor dy",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0] * 2.5),
            Case::new(Family::Square, one(&[3, 3, 3, 3]), |_, x| x[0].relayout(Layout::Nhwc) * 1.5),
            Case::new(Family::OneElement, one(&[]), |_, x| -0.1 * x[0]),
            Case::new(Family::UsedTwice, one(&[3, 5]), |_, x| x[0] * 3.0 + x[0] * 0.5),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 1]), |_, x| x[0].scale(1.0 / 3.0)),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc) * 0.7),
        ]
    },
    refusals: Vec::new,
};
