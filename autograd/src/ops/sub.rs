//! Subtraction.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
    ops::Neg,
};
use ferrotape_kernels::elementwise::{self, cpu, reference};
use std::ops;

/// `y[i] = a[i] - b[i]`
///
/// - **Shapes**: a, b and y alike; no broadcast.
/// - **Gradient**: `da = dy`, `db = -dy`.
/// - **Conventions**: x - x is 0, but for NaN and ∞.
/// - **Errors**: shapes that differ.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # let params = Params::default();
/// gradcheck(&params, &[&[2, 3], &[2, 3]], |_, x| (x[0] - x[1]) * x[1]).assert_ok();
/// ```
#[derive(Clone, Debug)]
pub struct Sub;

impl Op for Sub {
    fn name(&self) -> &'static str {
        "sub"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        elementwise::same(&x[0].shape, &x[1].shape)?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::sub(io.x(0), io.x(1), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::sub(io.x(0), io.x(1), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(elementwise::cuda::sub(x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::ZIP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `da = dy`, `db = -dy`
    fn vjp<'t>(&self, wrt: usize, _: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| if wrt == 0 { dy } else { dy.tape().apply(Neg, &[dy]) })
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64
    }
}

impl<'t> ops::Sub for Var<'t> {
    type Output = Var<'t>;

    /// `a - b`, for equal shapes. Gradients: dy to a, -dy to b.
    ///
    /// # Panics
    /// If the shapes differ.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let (a, b) = (tape.variable([2], &[5., 7.]), tape.variable([2], &[1., 10.]));
    /// let y = a - b;
    /// assert_eq!(y.values(), [4., -3.]);
    /// assert_eq!(y.sum().backward().get(b).unwrap().values(), [-1., -1.]);
    /// ```
    #[track_caller]
    fn sub(self, b: Var<'t>) -> Var<'t> {
        self.tape().apply(Sub, &[self, b])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "sub",
    equation: "y = a - b;  da = dy,  db = -dy",
    cases: || {
        let two = |s: &[usize]| vec![Input::real(s), Input::real(s)];
        vec![
            Case::new(Family::Plain, two(&[3, 4]), |_, x| x[0] - x[1]),
            Case::new(Family::Square, two(&[3, 3, 3, 3]), |_, x| x[0] - x[1].relayout(Layout::Nhwc)),
            Case::new(Family::OneElement, two(&[]), |_, x| x[0] - x[1]),
            Case::new(Family::UsedTwice, two(&[3, 5]), |_, x| x[0] - (x[1] - x[0])),
            Case::new(Family::OddSizes, two(&[3, 5, 7, 1]), |_, x| x[0] - x[1]),
            Case::new(Family::Layouts, two(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc) - x[1]),
            Case::new(Family::Layouts, two(&[2, 3, 5, 4]), |_, x| x[0] - x[1].relayout(Layout::Nhwc)),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 4], &[4, 3]], |_, x| x[0] - x[1]),
            Refusal::new(&[&[3, 4], &[4]], |_, x| x[0] - x[1]),
        ]
    },
};
