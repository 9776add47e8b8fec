//! Multiplication, element by element.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::elementwise::{self, cpu, reference};
use std::ops;

/// `y[i] = a[i] · b[i]`
///
/// - **Shapes**: a, b and y alike; no broadcast.
/// - **Gradient**: `da = dy · b`, `db = dy · a`.
/// - **Conventions**: the matrix product is [`Matmul`](super::Matmul). 0 · ∞ is NaN, as IEEE 754 has it, in the
///   gradient too.
/// - **Errors**: shapes that differ.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # let params = Params::default();
/// // x used three times: its gradients add up to 3 x² dy.
/// gradcheck(&params, &[&[5]], |_, x| x[0] * x[0] * x[0]).assert_ok();
/// ```
#[derive(Clone, Debug)]
pub struct Mul;

impl Op for Mul {
    fn name(&self) -> &'static str {
        "mul"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        elementwise::same(&x[0].shape, &x[1].shape)?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::mul(io.x(0), io.x(1), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::mul(io.x(0), io.x(1), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(elementwise::cuda::mul(x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::ZIP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `da = dy · b`, `db = dy · a`
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy * at.x[1 - wrt])
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64
    }
}

impl<'t> ops::Mul for Var<'t> {
    type Output = Var<'t>;

    /// `a · b` element by element, for equal shapes (the matrix product is [`Var::matmul`]). Gradients: dy · b to
    /// a, dy · a to b.
    ///
    /// # Panics
    /// If the shapes differ.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[3., -4.]);
    /// let y = x * x;
    /// assert_eq!(y.values(), [9., 16.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [6., -8.]);
    /// ```
    #[track_caller]
    fn mul(self, b: Var<'t>) -> Var<'t> {
        self.tape().apply(Mul, &[self, b])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "mul",
    equation: "y = a b;  da = dy b,  db = dy a",
    cases: || {
        let two = |s: &[usize]| vec![Input::real(s), Input::real(s)];
        vec![
            Case::new(Family::Plain, two(&[3, 4]), |_, x| x[0] * x[1]),
            Case::new(Family::Square, two(&[4, 4]), |_, x| x[0] * x[1]),
            Case::new(Family::OneElement, two(&[]), |_, x| x[0] * x[1]),
            Case::new(Family::UsedTwice, vec![Input::real(&[3, 5])], |_, x| x[0] * x[0]),
            Case::new(Family::UsedTwice, two(&[2, 3]), |_, x| x[0] * x[1] * x[0]),
            Case::new(Family::OddSizes, two(&[3, 5, 7, 1]), |_, x| x[0] * x[1]),
            Case::new(Family::Layouts, two(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc) * x[1]),
            Case::new(Family::Layouts, two(&[2, 3, 5, 4]), |_, x| x[0] * x[1].relayout(Layout::Nhwc)),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 4], &[4, 3]], |_, x| x[0] * x[1]),
            Refusal::new(&[&[3, 4], &[4]], |_, x| x[0] * x[1]),
        ]
    },
};
