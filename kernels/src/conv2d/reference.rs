//! The definition of a convolution and of its gradients.
use super::Conv2d;
use crate::{Scalar, View, ViewMut, indices};

/// `y[n,o,i,j] = b[o] + Σ_{c,p,q} x[n, c, i·stride + p - padding, j·stride + q - padding] · w[o,c,p,q]`
pub fn forward<S: Scalar>(s: &Conv2d, x: View<S, 4>, w: View<S, 4>, b: &[S], mut y: ViewMut<S, 4>) {
    for [n, o, i, j] in indices(y.sizes()) {
        let mut sum = b[o];
        for [p, q, c] in indices([s.kh, s.kw, s.ci]) {
            if let (Some(r), Some(t)) = (s.tap(i, p, s.h), s.tap(j, q, s.w)) {
                sum += x[[n, c, r, t]] * w[[o, c, p, q]];
            }
        }
        y[[n, o, i, j]] = sum;
    }
}

/// Input gradient: every `dy` flows back along the taps it was made of.
/// `dx[n,c,r,t] = Σ_{o,p,q : r = i·stride + p - padding, …} dy[n,o,i,j] · w[o,c,p,q]`
pub fn dgrad<S: Scalar>(s: &Conv2d, dy: View<S, 4>, w: View<S, 4>, mut dx: ViewMut<S, 4>) {
    for at in indices(dx.sizes()) {
        dx[at] = S::ZERO;
    }
    for [n, o, i, j] in indices(dy.sizes()) {
        for [p, q, c] in indices([s.kh, s.kw, s.ci]) {
            if let (Some(r), Some(t)) = (s.tap(i, p, s.h), s.tap(j, q, s.w)) {
                dx[[n, c, r, t]] += dy[[n, o, i, j]] * w[[o, c, p, q]];
            }
        }
    }
}

/// Weight gradient: `dw[o,c,p,q] = Σ_{n,i,j} dy[n,o,i,j] · x[n, c, i·stride + p - padding, …]`
pub fn wgrad<S: Scalar>(s: &Conv2d, x: View<S, 4>, dy: View<S, 4>, mut dw: ViewMut<S, 4>) {
    for [o, c, p, q] in indices(dw.sizes()) {
        let mut sum = S::ZERO;
        for [n, i, j] in indices([s.n, s.oh(), s.ow()]) {
            if let (Some(r), Some(t)) = (s.tap(i, p, s.h), s.tap(j, q, s.w)) {
                sum += dy[[n, o, i, j]] * x[[n, c, r, t]];
            }
        }
        dw[[o, c, p, q]] = sum;
    }
}
