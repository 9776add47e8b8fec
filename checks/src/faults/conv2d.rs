//! `y[n,o,i,j] = Σ x[n,c,i s + p - pad,j s + q - pad] w[o,c,p,q]`.
use super::{Fault, Right, apply, reals};
use ferrotape_autograd::{
    Io, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Case, Family},
};

#[derive(Copy, Clone, Debug, PartialEq)]
enum Mistake {
    None,
    /// dx uses the kernel as it lies, not turned by 180 degrees.
    Unturned,
    /// dw reads x one pixel too far to the right where there is padding.
    PaddingOff,
    /// dx takes neighbouring outputs to be one pixel apart.
    StrideIgnored,
    /// dw leaves out the last row of outputs.
    LastRow,
}

#[derive(Copy, Clone, Debug)]
struct Conv {
    stride: usize,
    padding: usize,
    mistake: Mistake,
}

impl Conv {
    fn out(&self, size: usize, kernel: usize) -> usize {
        (size + 2 * self.padding - kernel) / self.stride + 1
    }

    /// Calls `f` with the numbers of an element of x, of w and of y, for every product; `turned` kernels are read backwards, and
    /// x `right` pixels further on.
    fn products(
        &self,
        x: &Type,
        w: &Type,
        stride: usize,
        turned: bool,
        right: usize,
        mut f: impl FnMut([usize; 4]),
    ) {
        let ([n, ci, h, width], [co, _, kh, kw]) =
            (x.shape.dims().expect("images"), w.shape.dims().expect("kernels"));
        let (oh, ow) = (self.out(h, kh), self.out(width, kw));
        for image in 0..n {
            for o in 0..co {
                for (i, j) in (0..oh * ow).map(|k| (k / ow, k % ow)) {
                    for c in 0..ci {
                        for (p, q) in (0..kh * kw).map(|k| (k / kw, k % kw)) {
                            let row = (i * stride + p).checked_sub(self.padding).filter(|&row| row < h);
                            let column = (j * stride + q + right)
                                .checked_sub(self.padding)
                                .filter(|&column| column < width);
                            let Some((row, column)) = row.zip(column) else { continue };
                            let (tp, tq) = if turned { (kh - 1 - p, kw - 1 - q) } else { (p, q) };
                            let x = ((image * ci + c) * h + row) * width + column;
                            let w = ((o * ci + c) * kh + tp) * kw + tq;
                            f([x, w, ((image * co + o) * oh + i) * ow + j, i]);
                        }
                    }
                }
            }
        }
    }
}

impl Op for Conv {
    fn name(&self) -> &'static str {
        "handwritten_conv2d"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let ([n, _, h, w], [co, _, kh, kw]) =
            (x[0].shape.dims().expect("images"), x[1].shape.dims().expect("kernels"));
        Ok(vec![Type::real([n, co, self.out(h, kh), self.out(w, kw)])])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let ([x, w], [tx, tw]) = ([io.x(0), io.x(1)], [*io.ty(0), *io.ty(1)]);
        let y = io.y(0);
        y.fill(S::ZERO);
        self.products(&tx, &tw, self.stride, false, 0, |[k, l, m, _]| y[m] += x[k] * w[l]);
    }

    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| apply(dy.tape(), ConvGrad { wrt, conv: *self }, &[at.x[0], at.x[1], dy]))
    }
}

/// X0: x, X1: w, X2: dy. Y0: dx or dw.
#[derive(Copy, Clone, Debug)]
struct ConvGrad {
    wrt: usize,
    conv: Conv,
}

impl Op for ConvGrad {
    fn name(&self) -> &'static str {
        if self.wrt == 0 { "handwritten_dgrad" } else { "handwritten_wgrad" }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[self.wrt]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let ([x, w, dy], [tx, tw]) = ([io.x(0), io.x(1), io.x(2)], [*io.ty(0), *io.ty(1)]);
        let Self { wrt, conv } = *self;
        let rows = conv.out(tx.shape.dim(2), tw.shape.dim(2));
        let d = io.y(0);
        d.fill(S::ZERO);
        if wrt == 0 {
            let stride = if conv.mistake == Mistake::StrideIgnored { 1 } else { conv.stride };
            let turned = conv.mistake == Mistake::Unturned;
            conv.products(&tx, &tw, stride, turned, 0, |[k, l, m, _]| d[k] += dy[m] * w[l]);
        } else {
            let right = usize::from(conv.mistake == Mistake::PaddingOff && conv.padding > 0);
            conv.products(&tx, &tw, conv.stride, false, right, |[k, l, m, row]| {
                if conv.mistake != Mistake::LastRow || row + 1 < rows {
                    d[l] += dy[m] * x[k];
                }
            });
        }
    }
}

macro_rules! case {
    ($mistake:ident, $stride:literal, $padding:literal, $x:expr, $w:expr) => {
        || {
            Case::new(Family::Plain, reals([&$x, &$w]), |tape, x| {
                let op = Conv { stride: $stride, padding: $padding, mistake: Mistake::$mistake };
                apply(tape, op, x)
            })
        }
    };
}

pub(super) const RIGHT: Right = ("conv2d", case!(None, 2, 1, [2, 2, 5, 6], [3, 2, 3, 3]));

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        op: "conv2d",
        mistake: "dx with the kernel not turned by 180 degrees",
        case: case!(Unturned, 1, 0, [2, 2, 4, 5], [3, 2, 3, 2]),
        hidden: case!(Unturned, 1, 0, [3, 3, 3, 3], [3, 3, 1, 1]),
    },
    Fault {
        op: "conv2d",
        mistake: "dw reads x one pixel further on where there is padding",
        case: case!(PaddingOff, 1, 1, [2, 2, 4, 5], [3, 2, 3, 3]),
        hidden: case!(PaddingOff, 1, 0, [3, 3, 3, 3], [3, 3, 3, 3]),
    },
    Fault {
        op: "conv2d",
        mistake: "dx ignores the stride",
        case: case!(StrideIgnored, 2, 0, [1, 2, 5, 7], [2, 2, 3, 3]),
        hidden: case!(StrideIgnored, 1, 0, [3, 3, 3, 3], [3, 3, 3, 3]),
    },
    Fault {
        op: "conv2d",
        mistake: "dw leaves out the last row of outputs",
        case: case!(LastRow, 1, 0, [2, 2, 4, 5], [3, 2, 3, 2]),
        hidden: case!(LastRow, 1, 0, [3, 3, 3, 3], [3, 3, 3, 3]),
    },
];
