//! The definition of the copies.
use super::{Flatten, Relayout};
use crate::{MAX_RANK, View, ViewMut, indices};

/// `y[i] = x[i]` at every spoken index `i`.
pub fn relayout<T: Copy>(s: &Relayout, x: &[T], y: &mut [T]) {
    let (from, to) = (s.from.strides(&s.shape), s.to.strides(&s.shape));
    let sizes = std::array::from_fn(|d| if d < s.shape.rank() { s.shape.dim(d) } else { 1 });
    for at in indices::<MAX_RANK>(sizes) {
        let place = |strides: [usize; MAX_RANK]| (0..MAX_RANK).map(|d| at[d] * strides[d]).sum::<usize>();
        y[place(to)] = x[place(from)];
    }
}

/// `y[j,i] = x[i,j]`
pub fn transpose<T: Copy>(x: View<T, 2>, mut y: ViewMut<T, 2>) {
    for [i, j] in indices(x.sizes()) {
        y[[j, i]] = x[[i, j]];
    }
}

/// `y[n, (c·H + h)·W + w] = x[n,c,h,w]`
pub fn flatten<T: Copy>(s: &Flatten, x: View<T, 4>, mut y: ViewMut<T, 2>) {
    for [n, c, h, w] in indices(x.sizes()) {
        y[[n, s.column(c, h, w)]] = x[[n, c, h, w]];
    }
}

/// The inverse of [`flatten`], and its gradient: `x[n,c,h,w] = y[n, (c·H + h)·W + w]`
pub fn unflatten<T: Copy>(s: &Flatten, y: View<T, 2>, mut x: ViewMut<T, 4>) {
    for [n, c, h, w] in indices(x.sizes()) {
        x[[n, c, h, w]] = y[[n, s.column(c, h, w)]];
    }
}

/// The elements in spoken order, which is memory order where both lie in rows: `y[i] = x[i]`
pub fn reshape<T: Copy>(x: &[T], y: &mut [T]) {
    y.copy_from_slice(x);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Shape};

    #[test]
    fn rows_to_nhwc_and_back() {
        let shape = Shape::from([1, 2, 1, 3]);
        let there = Relayout::new(&shape, Layout::Rows, Layout::Nhwc).unwrap();
        let back = Relayout { from: there.to, to: there.from, shape };
        let (x, mut y, mut z) = ([1, 2, 3, 4, 5, 6], [0; 6], [0; 6]);
        relayout(&there, &x, &mut y);
        assert_eq!(y, [1, 4, 2, 5, 3, 6]);
        relayout(&back, &y, &mut z);
        assert_eq!(z, x);
    }

    #[test]
    fn a_scalar_and_a_matrix() {
        let (rows, in_out) = (Layout::Rows, Layout::InOut);
        let mut one = [0];
        relayout(&Relayout::new(&Shape::SCALAR, rows, rows).unwrap(), &[7], &mut one);
        assert_eq!(one, [7]);
        let (shape, mut y) = (Shape::from([2, 3]), [0; 6]);
        relayout(&Relayout::new(&shape, rows, in_out).unwrap(), &[1, 2, 3, 4, 5, 6], &mut y);
        assert_eq!(y, [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn transposing() {
        let (x, mut y) = ([1, 2, 3, 4, 5, 6], [0; 6]);
        let (wide, tall) = (Shape::from([2, 3]), Shape::from([3, 2]));
        transpose(View::new(&x, &wide, Layout::Rows), ViewMut::new(&mut y, &tall, Layout::Rows));
        assert_eq!(y, [1, 4, 2, 5, 3, 6]);
    }

    /// Pixels with their channels together come out plane by plane, and go back.
    #[test]
    fn flattening() {
        let s = Flatten::new(&Shape::from([2, 2, 1, 2])).unwrap();
        let (x, mut y, mut z) = ([1, 2, 3, 4, 5, 6, 7, 8], [0; 8], [0; 8]);
        flatten(&s, View::new(&x, &s.x(), Layout::Nhwc), ViewMut::new(&mut y, &s.y(), Layout::Rows));
        assert_eq!(y, [1, 3, 2, 4, 5, 7, 6, 8]);
        unflatten(&s, View::new(&y, &s.y(), Layout::Rows), ViewMut::new(&mut z, &s.x(), Layout::Nhwc));
        assert_eq!(z, x);
    }
}
