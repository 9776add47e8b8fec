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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout::Rows;

    /// One 2x5 plane under two 2x2 windows: values and winners.
    fn pool(x: [f64; 10]) -> ([f64; 2], [u32; 2]) {
        let s = MaxPool2d::new(&[1, 1, 2, 5].into(), 2, 2).unwrap();
        let (mut y, mut winner) = ([0.0; 2], [0; 2]);
        let winners = ViewMut::new(&mut winner, &s.y(), Rows);
        forward(&s, View::new(&x, &s.x(), Rows), ViewMut::new(&mut y, &s.y(), Rows), winners);
        (y, winner)
    }

    #[test]
    fn the_first_of_equals_wins_and_the_last_column_is_not_read() {
        assert_eq!(
            pool([1.0, 3.0, -2.0, -1.0, 9.0, 3.0, 3.0, -1.0, -5.0, 9.0]),
            ([3.0, -1.0], [1, 3]),
            "place 1 before 5 and 6, place 3 before 7"
        );
    }

    #[test]
    fn the_first_nan_wins() {
        let (y, winner) =
            pool([f64::INFINITY, f64::NAN, f64::NAN, 1.0, 0.0, f64::NAN, 0.0, 0.0, f64::NAN, 0.0]);
        assert!(y.iter().all(|v| v.is_nan()));
        assert_eq!(winner, [1, 2]);
    }

    /// Overlapping windows add up in the element that won both.
    #[test]
    fn gradient_of_overlapping_windows() {
        let s = MaxPool2d::new(&[1, 1, 2, 3].into(), 2, 1).unwrap();
        let mut dx = [f64::NAN; 6];
        let dx_view = ViewMut::new(&mut dx, &s.x(), Rows);
        backward(&s, View::new(&[2.0, 3.0], &s.y(), Rows), View::new(&[4, 4], &s.y(), Rows), dx_view);
        assert_eq!(dx, [0.0, 0.0, 0.0, 0.0, 5.0, 0.0]);
    }
}
