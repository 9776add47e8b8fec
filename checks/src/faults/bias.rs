//! `y[n,c,h,w] = x[n,c,h,w] + b[c]`.
use super::{Fault, Right, apply, reals};
use ferrotape_autograd::{
    Io, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Case, Family},
};

#[derive(Copy, Clone, Debug, PartialEq)]
enum Mistake {
    None,
    /// The mean over the batch instead of the sum.
    Mean,
    /// The last image is left out.
    LastImage,
    /// The sum of the first image for all.
    FirstImage,
}

#[derive(Copy, Clone, Debug)]
struct Bias(Mistake);

impl Op for Bias {
    fn name(&self) -> &'static str {
        "handwritten_bias"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let ([x, b], [_, c, pixels]) = ([io.x(0), io.x(1)], sizes(io));
        for (k, y) in io.y(0).iter_mut().enumerate() {
            *y = x[k] + b[k / pixels % c];
        }
    }

    fn vjp<'t>(&self, wrt: usize, _: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        if wrt == 0 { dy[0] } else { dy[0].map(|dy| apply(dy.tape(), BiasGrad(self.0), &[dy])) }
    }
}

/// X0: dy. Y0: db.
#[derive(Copy, Clone, Debug)]
struct BiasGrad(Mistake);

impl Op for BiasGrad {
    fn name(&self) -> &'static str {
        "handwritten_bias_grad"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real([x[0].shape.dim(1)])])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let (dy, [n, c, pixels]) = (io.x(0), sizes(io));
        let images = if self.0 == Mistake::LastImage { n - 1 } else { n };
        for (channel, db) in io.y(0).iter_mut().enumerate() {
            *db = S::ZERO;
            for i in 0..images {
                let image = if self.0 == Mistake::FirstImage { 0 } else { i };
                let first = (image * c + channel) * pixels;
                dy[first..first + pixels].iter().for_each(|&dy| *db += dy);
            }
            if self.0 == Mistake::Mean {
                *db = *db * S::from_f64(1.0 / n as f64);
            }
        }
    }
}

/// Images, channels, pixels of operand 0.
fn sizes<S>(io: &Io<'_, S>) -> [usize; 3] {
    let shape = io.shape(0);
    [shape.dim(0), shape.dim(1), shape.dim(2) * shape.dim(3)]
}

macro_rules! case {
    ($mistake:ident, $x:expr) => {
        || {
            Case::new(Family::Plain, reals([&$x, &$x[1..2]]), |tape, x| {
                apply(tape, Bias(Mistake::$mistake), x)
            })
        }
    };
}

pub(super) const RIGHT: Right = ("bias", case!(None, [3, 2, 4, 5]));

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        op: "bias",
        mistake: "the mean over the batch instead of the sum",
        case: case!(Mean, [3, 2, 4, 5]),
        hidden: case!(Mean, [1, 3, 3, 3]),
    },
    Fault {
        op: "bias",
        mistake: "the last image is left out",
        case: case!(LastImage, [3, 2, 4, 5]),
        hidden: case!(LastImage, [3, 3, 3, 3]),
    },
    Fault {
        op: "bias",
        mistake: "the sum of the first image for every image",
        case: case!(FirstImage, [3, 2, 4, 5]),
        hidden: case!(FirstImage, [3, 3, 3, 3]),
    },
];
