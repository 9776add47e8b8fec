//! Negation.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::elementwise::{cpu, cuda, reference};
use std::ops;

/// `y = -x`
///
/// - **Shapes**: any; y as x.
/// - **Gradient**: `dx = -dy`.
/// - **Conventions**: the sign bit changes, that of 0 and of a NaN too.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([2], &[0., 2.]);
/// assert_eq!((-x).values(), [0., -2.]);
/// assert!((-x).values()[0].is_sign_negative());
/// ```
#[derive(Clone, Debug)]
pub struct Neg;

impl Op for Neg {
    fn name(&self) -> &'static str {
        "neg"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::neg(io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::neg(io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::neg(x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx = -dy`
    fn vjp<'t>(&self, _: usize, _: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| -dy)
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64
    }
}

impl<'t> ops::Neg for Var<'t> {
    type Output = Var<'t>;

    /// `-x`. Gradient: -dy.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[3., -4.]);
    /// let y = -x;
    /// assert_eq!(y.values(), [-3., 4.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [-1., -1.]);
    /// ```
    #[track_caller]
    fn neg(self) -> Var<'t> {
        self.tape().apply(Neg, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "neg",
    equation: "y = -x;  dx = -dy",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| -x[0]),
            Case::new(Family::Square, one(&[3, 3, 3, 3]), |_, x| -x[0].relayout(Layout::Nhwc)),
            Case::new(Family::OneElement, one(&[]), |_, x| -x[0]),
            Case::new(Family::UsedTwice, one(&[3, 5]), |_, x| -x[0] * x[0]),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 1]), |_, x| -x[0]),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| -x[0].relayout(Layout::Nhwc)),
        ]
    },
    refusals: Vec::new,
};
