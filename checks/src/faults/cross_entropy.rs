//! `y = -1/N Σ_n ln softmax(x[n])[label n]`.
use super::{Fault, Right, apply};
use ferrotape_autograd::{
    DType, Io, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Case, Family, Input},
};

#[derive(Copy, Clone, Debug, PartialEq)]
enum Mistake {
    None,
    /// The cotangent is not multiplied in: right where the loss is the end.
    NoCotangent,
    /// Divided by the number of classes instead of images.
    ByClasses,
    /// The label's 1 is subtracted after the division by N.
    LabelLate,
}

#[derive(Copy, Clone, Debug)]
struct CrossEntropy(Mistake);

impl Op for CrossEntropy {
    fn name(&self) -> &'static str {
        "handwritten_cross_entropy"
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::scalar()])
    }

    fn dtype(&self, i: usize) -> DType {
        if i == 1 { DType::U32 } else { DType::Real }
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let (x, labels, [n, classes]) = (io.x(0), io.x_u32(1), sizes(io));
        let row = |i: usize| &x[i * classes..][..classes];
        let loss = |i: usize| sum_of_exp(row(i)).ln() - row(i)[labels[i] as usize];
        let sum = (0..n).fold(S::ZERO, |sum, i| sum + loss(i));
        io.y(0)[0] = sum * S::from_f64(1.0 / n as f64);
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| apply(dy.tape(), CrossEntropyGrad(self.0), &[at.x[0], at.x[1], dy]))
    }
}

/// X0: logits, X1: labels, X2: dy. Y0: dx = (softmax(x) - one-hot) dy / N.
#[derive(Copy, Clone, Debug)]
struct CrossEntropyGrad(Mistake);

impl Op for CrossEntropyGrad {
    fn name(&self) -> &'static str {
        "handwritten_cross_entropy_grad"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn dtype(&self, i: usize) -> DType {
        if i == 1 { DType::U32 } else { DType::Real }
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let (x, labels, dy, [n, classes]) = (io.x(0), io.x_u32(1), io.x(2)[0], sizes(io));
        let count = if self.0 == Mistake::ByClasses { classes } else { n };
        let share = S::from_f64(1.0 / count as f64);
        let one = if self.0 == Mistake::LabelLate { S::ONE } else { share };
        let dy = if self.0 == Mistake::NoCotangent { S::ONE } else { dy };
        let dx = io.y(0);
        for i in 0..n {
            let row = &x[i * classes..][..classes];
            let sum = sum_of_exp(row);
            for (c, &x) in row.iter().enumerate() {
                let hot = if labels[i] as usize == c { one } else { S::ZERO };
                dx[i * classes + c] = (x.exp() / sum * share - hot) * dy;
            }
        }
    }
}

/// The logits of a check are small: no maximum need be subtracted.
fn sum_of_exp<S: Scalar>(row: &[S]) -> S {
    row.iter().fold(S::ZERO, |sum, &x| sum + x.exp())
}

fn sizes<S>(io: &Io<'_, S>) -> [usize; 2] {
    [io.shape(0).dim(0), io.shape(0).dim(1)]
}

macro_rules! case {
    ($mistake:ident, $n:expr, $classes:expr) => {
        || {
            let inputs = vec![Input::real(&[$n, $classes]), Input::integers($n, $classes)];
            Case::new(Family::Plain, inputs, |tape, x| apply(tape, CrossEntropy(Mistake::$mistake), x))
        }
    };
}

pub(super) const RIGHT: Right = ("cross_entropy", case!(None, 3, 5));

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        op: "cross_entropy",
        mistake: "the cotangent is not multiplied in",
        case: case!(NoCotangent, 3, 5),
        hidden: case!(NoCotangent, 4, 4),
    },
    Fault {
        op: "cross_entropy",
        mistake: "divided by the number of classes instead of images",
        case: case!(ByClasses, 3, 5),
        hidden: case!(ByClasses, 4, 4),
    },
    Fault {
        op: "cross_entropy",
        mistake: "the label's 1 is not divided by the number of images",
        case: case!(LabelLate, 3, 5),
        hidden: case!(LabelLate, 1, 1),
    },
];
