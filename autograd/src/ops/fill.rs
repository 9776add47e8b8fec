//! A constant everywhere: the cotangent every backward pass starts from.
use crate::{
    Cpu, Io, Isa, Launches, Op, Scalar, Shape, ShapeError, Type,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::elementwise::cuda;

/// `y[i] = value`, no operands.
///
/// - **Shapes**: no operands; y as asked for.
/// - **Gradient**: none: it has no operand.
/// - **Conventions**: the planner makes it a constant of the program, written once.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Shape, Tape, ops::Fill};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let y = tape.apply(Fill::new(0.5, Shape::from([3])), &[]);
/// assert_eq!((y.values(), y.needs_grad()), (vec![0.5; 3], false));
/// ```
#[derive(Clone, Debug)]
pub struct Fill {
    value: f64,
    shape: Shape,
}

impl Fill {
    /// `value` in every element of `shape`.
    pub fn new(value: f64, shape: Shape) -> Self {
        Self { value, shape }
    }

    /// The value as f32, if that is the same number: then it is a constant whatever scalar the program runs in.
    pub(crate) fn exact(&self) -> Option<f32> {
        let value = self.value as f32;
        (f64::from(value).to_bits() == self.value.to_bits()).then_some(value)
    }
}

impl Op for Fill {
    fn name(&self) -> &'static str {
        "fill"
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(self.shape)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        io.y(0).fill(S::from_f64(self.value));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, _: &Cpu) {
        io.y(0).fill(self.value as f32);
    }
    fn cuda(&self, _: &[Type], y: &[Type]) -> Option<Launches> {
        Some(cuda::fill(self.value, y[0].len()))
    }

    fn variant(&self, _: &[Type], _: Isa) -> &'static str {
        "fill"
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "fill",
    equation: "y = value everywhere; no operand, no gradient",
    cases: || {
        vec![
            Case::new(Family::OneElement, vec![], |t, _| t.apply(Fill::new(1.0, Shape::SCALAR), &[]))
                .no_gradient(),
            Case::new(Family::Plain, vec![Input::real(&[3, 5])], |t, x| {
                x[0] + t.apply(Fill::new(0.3, Shape::from([3, 5])), &[])
            }),
        ]
    },
    refusals: Vec::new,
};
