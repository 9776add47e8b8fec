//! The definition of a fully connected layer and of its gradients.
use super::Linear;
use crate::{Scalar, View, ViewMut, indices};

/// `y[n,o] = b[o] + Σ_i x[n,i] · w[o,i]`
pub fn forward<S: Scalar>(s: &Linear, x: View<S, 2>, w: View<S, 2>, b: &[S], mut y: ViewMut<S, 2>) {
    for [n, o] in indices([s.n, s.fan_out]) {
        let mut sum = b[o];
        for i in 0..s.fan_in {
            sum += x[[n, i]] * w[[o, i]];
        }
        y[[n, o]] = sum;
    }
}

/// Input gradient: `dx[n,i] = Σ_o dy[n,o] · w[o,i]`
pub fn dgrad<S: Scalar>(s: &Linear, dy: View<S, 2>, w: View<S, 2>, mut dx: ViewMut<S, 2>) {
    for [n, i] in indices([s.n, s.fan_in]) {
        let mut sum = S::ZERO;
        for o in 0..s.fan_out {
            sum += dy[[n, o]] * w[[o, i]];
        }
        dx[[n, i]] = sum;
    }
}

/// Weight gradient: `dw[o,i] = Σ_n dy[n,o] · x[n,i]`
pub fn wgrad<S: Scalar>(s: &Linear, x: View<S, 2>, dy: View<S, 2>, mut dw: ViewMut<S, 2>) {
    for [o, i] in indices([s.fan_out, s.fan_in]) {
        let mut sum = S::ZERO;
        for n in 0..s.n {
            sum += dy[[n, o]] * x[[n, i]];
        }
        dw[[o, i]] = sum;
    }
}
