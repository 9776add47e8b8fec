//! A fully connected layer on a GPU: matrix products over weights that lie as `[in, out]`.
use super::Linear;
use crate::{
    activation::Activation,
    cuda::{Arg, Launches},
    matmul::cuda::{Gemm, pair},
};

/// `y[n,o] = b[o] + Σ_i x[n,i] · w[i,o]`: operands (x, w, b), output y.
pub fn forward(s: &Linear) -> Launches {
    forward_fused(s, None)
}

/// `y[n,o] = f(b[o] + Σ_i x[n,i] · w[i,o])`, f if there is one: operands (x, w, b), output y.
pub fn forward_fused(s: &Linear, activation: Option<Activation>) -> Launches {
    let (m, k, n) = (s.n, s.fan_in, s.fan_out);
    let gemm = Gemm { m, k, n, ta: false, tb: false, y_aligned: true, activation };
    gemm.launches(Arg::X(0), Arg::X(1), Some(Arg::X(2)), Arg::Y(0))
}

/// Input gradient, `dx[n,i] = Σ_o dy[n,o] · w[i,o]`: operands (dy, w), output dx.
pub fn dgrad(s: &Linear) -> Launches {
    of_x(s).launches(Arg::X(0), Arg::X(1), None, Arg::Y(0))
}

/// Weight gradient, `dw[i,o] = Σ_n x[n,i] · dy[n,o]`: operands (x, dy), output dw, lying as the weights do.
pub fn wgrad(s: &Linear) -> Launches {
    of_w(s).launches(Arg::X(0), Arg::X(1), None, Arg::Y(0))
}

/// [`dgrad`] and [`wgrad`], in one launch if they are small: operands (x, w, dy), outputs dx and dw.
pub fn gradients(s: &Linear) -> Launches {
    let [x, w, dy] = [0, 1, 2].map(Arg::X);
    pair([(of_x(s), [dy, w, Arg::Y(0)]), (of_w(s), [x, dy, Arg::Y(1)])])
}

fn of_x(s: &Linear) -> Gemm {
    let (m, k, n) = (s.n, s.fan_out, s.fan_in);
    Gemm { m, k, n, ta: false, tb: true, y_aligned: true, activation: None }
}

/// It is written among the parameters' gradients.
fn of_w(s: &Linear) -> Gemm {
    let (m, k, n) = (s.fan_in, s.n, s.fan_out);
    Gemm { m, k, n, ta: true, tb: false, y_aligned: false, activation: None }
}
