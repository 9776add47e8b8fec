//! `y = a b`.
use super::{Fault, Right, apply, reals};
use ferrotape_autograd::{
    Io, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Case, Family},
};

#[derive(Copy, Clone, Debug, PartialEq)]
enum Mistake {
    None,
    /// `da = dy b`: b is not transposed.
    Untransposed,
    /// `db[k,j] = Σ_i a[i,k] dy[0,j]`: the first row of dy for all.
    FirstRow,
    /// `da` leaves out the last column of dy.
    LastColumn,
}

#[derive(Copy, Clone, Debug)]
struct Matmul(Mistake);

impl Op for Matmul {
    fn name(&self) -> &'static str {
        "handwritten_matmul"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real([x[0].shape.dim(0), x[1].shape.dim(1)])])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let ([a, b], [n, k, m]) = ([io.x(0), io.x(1)], sizes(io));
        let y = io.y(0);
        for i in 0..n {
            for j in 0..m {
                y[i * m + j] = (0..k).fold(S::ZERO, |sum, l| sum + a[i * k + l] * b[l * m + j]);
            }
        }
    }

    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let grad = MatmulGrad { wrt, mistake: self.0 };
        dy[0].map(|dy| apply(dy.tape(), grad, &[at.x[0], at.x[1], dy]))
    }
}

/// X0: a, X1: b, X2: dy. Y0: da or db.
#[derive(Copy, Clone, Debug)]
struct MatmulGrad {
    wrt: usize,
    mistake: Mistake,
}

impl Op for MatmulGrad {
    fn name(&self) -> &'static str {
        "handwritten_matmul_grad"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[self.wrt]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let ([a, b, dy], [n, k, m]) = ([io.x(0), io.x(1), io.x(2)], sizes(io));
        let dx = io.y(0);
        if self.wrt == 0 {
            let columns = if self.mistake == Mistake::LastColumn { m - 1 } else { m };
            // Only where b is square has what is not transposed the right shape.
            let b_at = |l: usize, j: usize| match self.mistake {
                Mistake::Untransposed => b[j * m + l],
                _ => b[l * m + j],
            };
            for i in 0..n {
                for l in 0..k {
                    dx[i * k + l] = (0..columns).fold(S::ZERO, |sum, j| sum + dy[i * m + j] * b_at(l, j));
                }
            }
        } else {
            let row = |i: usize| if self.mistake == Mistake::FirstRow { 0 } else { i };
            for l in 0..k {
                for j in 0..m {
                    dx[l * m + j] = (0..n).fold(S::ZERO, |sum, i| sum + a[i * k + l] * dy[row(i) * m + j]);
                }
            }
        }
    }
}

fn sizes<S>(io: &Io<'_, S>) -> [usize; 3] {
    [io.shape(0).dim(0), io.shape(0).dim(1), io.shape(1).dim(1)]
}

macro_rules! case {
    ($mistake:ident, $a:expr, $b:expr) => {
        || Case::new(Family::Plain, reals([&$a, &$b]), |tape, x| apply(tape, Matmul(Mistake::$mistake), x))
    };
}

pub(super) const RIGHT: Right = ("matmul", case!(None, [3, 4], [4, 5]));

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        op: "matmul",
        mistake: "da = dy b, b not transposed",
        case: case!(Untransposed, [4, 4], [4, 4]),
        hidden: case!(Untransposed, [4, 4], [4, 4]),
    },
    Fault {
        op: "matmul",
        mistake: "db = aᵀ dy with the first row of dy in place of all",
        case: case!(FirstRow, [3, 4], [4, 5]),
        hidden: case!(FirstRow, [4, 4], [4, 4]),
    },
    Fault {
        op: "matmul",
        mistake: "da leaves out the last column of dy",
        case: case!(LastColumn, [3, 4], [4, 5]),
        hidden: case!(LastColumn, [4, 4], [4, 4]),
    },
];
