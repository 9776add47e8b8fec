//! `y[n,c,i,j] = max_{p,q} x[n,c,i s + p,j s + q]`.
use super::{Fault, Right, apply};
use ferrotape_autograd::{
    Io, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Case, Family, Input},
};

#[derive(Copy, Clone, Debug, PartialEq)]
enum Mistake {
    None,
    /// The winner gets its share of the window, as in average pooling.
    Mean,
    /// Where windows overlap, the last one's gradient overwrites the others'.
    Overwritten,
    /// Every element equal to the maximum gets all of it.
    AllTied,
}

#[derive(Copy, Clone, Debug)]
struct MaxPool {
    kernel: usize,
    stride: usize,
    mistake: Mistake,
}

impl MaxPool {
    fn out(&self, size: usize) -> usize {
        (size - self.kernel) / self.stride + 1
    }

    /// The elements of x of each window of y, in the order of y.
    fn windows(&self, x: &Type) -> Vec<Vec<usize>> {
        let [n, c, h, w] = x.shape.dims().expect("images");
        let mut all = Vec::new();
        for plane in 0..n * c {
            for i in 0..self.out(h) {
                for j in 0..self.out(w) {
                    let cells = (0..self.kernel * self.kernel).map(|k| (k / self.kernel, k % self.kernel));
                    let place = |(p, q)| (plane * h + i * self.stride + p) * w + j * self.stride + q;
                    all.push(cells.map(place).collect());
                }
            }
        }
        all
    }
}

/// The first of the largest.
fn winner<S: Scalar>(x: &[S], window: &[usize]) -> usize {
    window.iter().copied().fold(window[0], |best, k| if x[k] > x[best] { k } else { best })
}

impl Op for MaxPool {
    fn name(&self) -> &'static str {
        "handwritten_max_pool"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let [n, c, h, w] = x[0].shape.dims().expect("images");
        Ok(vec![Type::real([n, c, self.out(h), self.out(w)])])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let (x, windows) = (io.x(0), self.windows(io.ty(0)));
        for (y, window) in io.y(0).iter_mut().zip(&windows) {
            *y = x[winner(x, window)];
        }
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| apply(dy.tape(), MaxPoolGrad(*self), &[at.x[0], dy]))
    }
}

/// X0: x, X1: dy. Y0: dx.
#[derive(Copy, Clone, Debug)]
struct MaxPoolGrad(MaxPool);

impl Op for MaxPoolGrad {
    fn name(&self) -> &'static str {
        "handwritten_max_pool_grad"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let ([x, dy], windows) = ([io.x(0), io.x(1)], self.0.windows(io.ty(0)));
        let dx = io.y(0);
        dx.fill(S::ZERO);
        for (window, &dy) in windows.iter().zip(dy) {
            let best = winner(x, window);
            match self.0.mistake {
                Mistake::None => dx[best] += dy,
                Mistake::Mean => dx[best] += dy * S::from_f64(1.0 / window.len() as f64),
                Mistake::Overwritten => dx[best] = dy,
                Mistake::AllTied => {
                    window.iter().filter(|&&k| x[k] == x[best]).for_each(|&k| dx[k] += dy);
                }
            }
        }
    }
}

macro_rules! case {
    ($mistake:ident, $kernel:literal / $stride:literal, $inputs:expr) => {
        || {
            Case::new(Family::Plain, $inputs, |tape, x| {
                let op = MaxPool { kernel: $kernel, stride: $stride, mistake: Mistake::$mistake };
                apply(tape, op, &x[..1])
            })
        }
    };
}

fn distinct(shape: [usize; 4]) -> Vec<Input> {
    vec![Input::real(&shape).distinct(0.05)]
}

/// All elements are equal.
fn tied(shape: [usize; 4]) -> Vec<Input> {
    vec![Input::real(&shape).within(0.5, 0.5)]
}

pub(super) const RIGHT: Right = ("max_pool2d", case!(None, 3 / 2, distinct([2, 2, 7, 9])));

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        op: "max_pool2d",
        mistake: "the winner gets dy / k², as in average pooling",
        case: case!(Mean, 2 / 2, distinct([2, 2, 4, 6])),
        hidden: case!(Mean, 1 / 1, distinct([4, 4, 4, 4])),
    },
    Fault {
        op: "max_pool2d",
        mistake: "overwritten where windows overlap (stride < kernel)",
        case: case!(Overwritten, 3 / 1, distinct([1, 2, 5, 6])),
        hidden: case!(Overwritten, 2 / 2, distinct([4, 4, 4, 4])),
    },
    Fault {
        op: "max_pool2d",
        mistake: "every element equal to the maximum gets all of dy",
        case: case!(AllTied, 2 / 2, tied([2, 2, 4, 6])),
        hidden: case!(AllTied, 2 / 2, distinct([4, 4, 4, 4])),
    },
];
