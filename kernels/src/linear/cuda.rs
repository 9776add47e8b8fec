//! A fully connected layer on a GPU: matrix products over weights that lie as `[in, out]`.
use super::Linear;
use crate::{
    cuda::{Arg, Launches},
    matmul::cuda::Gemm,
};

/// `y[n,o] = b[o] + Σ_i x[n,i] · w[i,o]`: operands (x, w, b), output y.
pub fn forward(s: &Linear) -> Launches {
    let gemm = Gemm { m: s.n, k: s.fan_in, n: s.fan_out, ta: false, tb: false, y_aligned: true };
    gemm.launches(Arg::X(0), Arg::X(1), Some(Arg::X(2)), Arg::Y(0))
}

/// Input gradient, `dx[n,i] = Σ_o dy[n,o] · w[i,o]`: operands (dy, w), output dx.
pub fn dgrad(s: &Linear) -> Launches {
    let gemm = Gemm { m: s.n, k: s.fan_out, n: s.fan_in, ta: false, tb: true, y_aligned: true };
    gemm.launches(Arg::X(0), Arg::X(1), None, Arg::Y(0))
}

/// Weight gradient, `dw[i,o] = Σ_n x[n,i] · dy[n,o]`: operands (x, dy), output dw, lying as the weights do.
pub fn wgrad(s: &Linear) -> Launches {
    // It is written among the parameters' gradients.
    let gemm = Gemm { m: s.fan_in, k: s.n, n: s.fan_out, ta: true, tb: false, y_aligned: false };
    gemm.launches(Arg::X(0), Arg::X(1), None, Arg::Y(0))
}
