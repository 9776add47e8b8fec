//! Matrix products on a GPU: one kernel made for the sizes, and a second pass where K is split.
mod gemm;
mod pair;
mod plan;

pub(crate) use gemm::Gemm;
pub(crate) use pair::pair;

use super::Matmul;
use crate::cuda::{Arg, Launches};

/// `y = op(a) op(b)`: operands (a, b), output y.
pub fn matmul(s: &Matmul) -> Launches {
    let Matmul { m, k, n, ta, tb } = *s;
    // The product may be a gradient of parameters.
    let gemm = Gemm { m, k, n, ta, tb, y_aligned: false, activation: None };
    gemm.launches(Arg::X(0), Arg::X(1), None, Arg::Y(0))
}
