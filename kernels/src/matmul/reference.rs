//! The definition of the matrix product.
use super::Matmul;
use crate::{Scalar, View, ViewMut, indices};

/// `y[i,j] = Σ_k a[i,k] · b[k,j]`, with `a[k,i]` where `ta` and `b[j,k]` where `tb`
pub fn matmul<S: Scalar>(s: &Matmul, a: View<S, 2>, b: View<S, 2>, mut y: ViewMut<S, 2>) {
    for [i, j] in indices([s.m, s.n]) {
        let mut sum = S::ZERO;
        for k in 0..s.k {
            sum += a[if s.ta { [k, i] } else { [i, k] }] * b[if s.tb { [j, k] } else { [k, j] }];
        }
        y[[i, j]] = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Shape};

    /// The same product in all four forms: a transposed operand in rows is the plain one in in_out order.
    #[test]
    fn all_forms() {
        let (a, at) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        let (b, bt) = ([1.0, 0.0, -1.0, 2.0, 1.0, 1.0], [1.0, -1.0, 1.0, 0.0, 2.0, 1.0]);
        let (wide, tall) = (Shape::from([2, 3]), Shape::from([3, 2]));
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            let (a, sa) = if ta { (&at, tall) } else { (&a, wide) };
            let (b, sb) = if tb { (&bt, wide) } else { (&b, tall) };
            let s = Matmul::new(&sa, &sb, ta, tb).unwrap();
            let mut y = [f64::NAN; 4];
            let view = |x, shape| View::new(x, shape, Layout::Rows);
            matmul(&s, view(a, &sa), view(b, &sb), ViewMut::new(&mut y, &s.y(), Layout::Rows));
            assert_eq!(y, [2.0, 7.0, 5.0, 16.0], "ta {ta}, tb {tb}");
        }
    }
}
