//! `y = mask x / (1 - p)`, the mask a hash of the index.
use super::{Fault, Right, apply, reals};
use ferrotape_autograd::{
    Io, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Case, Family, Input},
};

const P: f64 = 0.25;

#[derive(Copy, Clone, Debug, PartialEq)]
enum Mistake {
    None,
    /// The gradient draws a mask of its own.
    OtherMask,
    /// The gradient is not divided by 1 - p.
    Unscaled,
    /// The mask is taken to be where y is not zero; x may be zero, too.
    FromOutput,
}

/// Whether element `k` is kept: a fixed pattern will do.
fn kept(k: usize, salt: usize) -> bool {
    !(k.wrapping_add(salt).wrapping_mul(0x9e37_79b9) >> 7).is_multiple_of(4)
}

#[derive(Copy, Clone, Debug)]
struct Dropout(Mistake);

impl Op for Dropout {
    fn name(&self) -> &'static str {
        "handwritten_dropout"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let x = io.x(0);
        for (k, y) in io.y(0).iter_mut().enumerate() {
            *y = if kept(k, 0) { x[k] * S::from_f64(1.0 / (1.0 - P)) } else { S::ZERO };
        }
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| apply(dy.tape(), DropoutGrad(self.0), &[at.y[0], dy]))
    }
}

/// X0: y, X1: dy. Y0: dx.
#[derive(Copy, Clone, Debug)]
struct DropoutGrad(Mistake);

impl Op for DropoutGrad {
    fn name(&self) -> &'static str {
        "handwritten_dropout_grad"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let [y, dy] = [io.x(0), io.x(1)];
        let factor = if self.0 == Mistake::Unscaled { 1.0 } else { 1.0 / (1.0 - P) };
        for (k, dx) in io.y(0).iter_mut().enumerate() {
            let passes = match self.0 {
                Mistake::OtherMask => kept(k, 17),
                Mistake::FromOutput => y[k].re() > 0.0 || y[k].re() < 0.0,
                _ => kept(k, 0),
            };
            *dx = if passes { dy[k] * S::from_f64(factor) } else { S::ZERO };
        }
    }
}

macro_rules! case {
    ($mistake:ident, $inputs:expr) => {
        || {
            Case::new(Family::Plain, $inputs, |tape, x| {
                apply(tape, Dropout(Mistake::$mistake), &[x[0] * x[1]])
            })
        }
    };
}

/// Two factors.
fn factors(shape: &[usize]) -> Vec<Input> {
    reals([shape, shape])
}

/// The second is zero: dropout sees zeros that it keeps, and a gradient that is none.
fn with_zeros(shape: &[usize]) -> Vec<Input> {
    vec![Input::real(shape), Input::real(shape).within(0.0, 0.0)]
}

pub(super) const RIGHT: Right = ("dropout", case!(None, with_zeros(&[5, 7])));

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        op: "dropout",
        mistake: "the gradient draws a mask of its own",
        case: case!(OtherMask, factors(&[5, 7])),
        hidden: case!(OtherMask, factors(&[4, 4])),
    },
    Fault {
        op: "dropout",
        mistake: "the gradient is not divided by 1 - p",
        case: case!(Unscaled, factors(&[5, 7])),
        hidden: case!(Unscaled, factors(&[4, 4])),
    },
    Fault {
        op: "dropout",
        mistake: "the mask is taken to be where y is not zero",
        case: case!(FromOutput, with_zeros(&[5, 7])),
        hidden: case!(FromOutput, factors(&[4, 4])),
    },
];
