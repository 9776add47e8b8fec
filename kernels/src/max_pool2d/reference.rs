//! The definition of max-pooling and of its gradient.
use super::MaxPool2d;
use crate::{Scalar, View, ViewMut, indices};

/// `y[n,c,i,j] = max x[n, c, i·stride + p, j·stride + q]` over the window; `winner` is its place `row · W + column`
/// in the input plane. The first of equal values wins; a NaN wins over everything.
pub fn forward<S: Scalar>(s: &MaxPool2d, x: View<S, 4>, mut y: ViewMut<S, 4>, mut winner: ViewMut<u32, 4>) {
    for at @ [n, c, i, j] in indices(y.sizes()) {
        let (top, left) = (i * s.stride, j * s.stride);
        let mut best = [top, left];
        for [p, q] in indices([s.kernel, s.kernel]) {
            let (value, max) = (x[[n, c, top + p, left + q]], x[[n, c, best[0], best[1]]]);
            if value > max || (value.re().is_nan() && !max.re().is_nan()) {
                best = [top + p, left + q];
            }
        }
        y[at] = x[[n, c, best[0], best[1]]];
        winner[at] = (best[0] * s.w + best[1]) as u32;
    }
}

/// `dx = Σ dy` over the windows an element won; 0 where it won none.
pub fn backward<S: Scalar>(s: &MaxPool2d, dy: View<S, 4>, winner: View<u32, 4>, mut dx: ViewMut<S, 4>) {
    for at in indices(dx.sizes()) {
        dx[at] = S::ZERO;
    }
    for at @ [n, c, ..] in indices(dy.sizes()) {
        let place = winner[at] as usize;
        dx[[n, c, place / s.w, place % s.w]] += dy[at];
    }
}
