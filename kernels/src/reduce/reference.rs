//! The definition of the reductions and of what their gradients are made of.
use crate::{Scalar, elementwise::Channels, indices};

/// `Σ_i x[i]`
pub fn sum<S: Scalar>(x: &[S]) -> S {
    x.iter().fold(S::ZERO, |sum, &x| sum + x)
}

/// `(Σ_i x[i]) / n`
pub fn mean<S: Scalar>(x: &[S]) -> S {
    sum(x) / S::from_f64(x.len() as f64)
}

/// `Σ_i x[i]²`
pub fn sum_of_squares<S: Scalar>(x: &[S]) -> S {
    x.iter().fold(S::ZERO, |sum, &x| sum + x * x)
}

/// `√(Σ_i x[i]²)`, nothing rescaled: in f32 the squares overflow from about 1e19 on.
pub fn l2_norm<S: Scalar>(x: &[S]) -> S {
    sum_of_squares(x).sqrt()
}

/// `y[i] = factor · x`: the gradient of a sum (factor 1) and of a mean (1/n).
pub fn expand<S: Scalar>(factor: f64, x: S, y: &mut [S]) {
    y.fill(S::from_f64(factor) * x);
}

/// Gradient of [`sum_of_squares`]: `dx[i] = 2 x[i] · dy`
pub fn sum_of_squares_grad<S: Scalar>(x: &[S], dy: S, dx: &mut [S]) {
    let factor = S::from_f64(2.0) * dy;
    along(factor, x, dx);
}

/// Gradient of [`l2_norm`], given its value `y`: `dx[i] = x[i] / y · dy`, and 0 where `y` is 0. There the norm has
/// a kink; 0 is the subgradient of least norm.
pub fn l2_norm_grad<S: Scalar>(x: &[S], y: S, dy: S, dx: &mut [S]) {
    let factor = if y.re() == 0.0 { S::ZERO } else { dy / y };
    along(factor, x, dx);
}

/// `y[c] = Σ x[n,c,…]`: the gradient of the channel broadcast.
pub fn channel_sum<S: Scalar>(s: &Channels, x: &[S], y: &mut [S]) {
    y.fill(S::ZERO);
    for [o, ch, i] in indices([s.outer, s.c, s.inner]) {
        y[ch] += x[s.at(o, ch, i)];
    }
}

fn along<S: Scalar>(factor: S, x: &[S], y: &mut [S]) {
    assert_eq!(x.len(), y.len());
    for (y, &x) in y.iter_mut().zip(x) {
        *y = factor * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dual;

    #[test]
    fn numbers() {
        let x = [3.0, -4.0, 0.0, 12.0];
        assert_eq!([sum(&x), mean(&x), sum_of_squares(&x), l2_norm(&x)], [11.0, 2.75, 169.0, 13.0]);
        assert_eq!([sum::<f64>(&[]), l2_norm::<f64>(&[])], [0.0, 0.0]);
    }

    #[test]
    fn gradients() {
        let (x, mut dx) = ([3.0, -4.0], [f64::NAN; 2]);
        expand(0.5, 3.0, &mut dx);
        assert_eq!(dx, [1.5, 1.5]);
        sum_of_squares_grad(&x, 0.5, &mut dx);
        assert_eq!(dx, [3.0, -4.0]);
        l2_norm_grad(&x, 5.0, 10.0, &mut dx);
        assert_eq!(dx, [6.0, -8.0]);
    }

    /// At the kink, derivative and gradient are 0 by convention, not NaN.
    #[test]
    fn norm_of_zero() {
        let mut dx = [f64::NAN; 2];
        l2_norm_grad(&[0.0, 0.0], 0.0, 1.0, &mut dx);
        assert_eq!(dx, [0.0, 0.0]);
        assert_eq!(l2_norm(&[Dual::new(0.0, 1.0), Dual::new(0.0, -2.0)]).eps, 0.0);
    }

    #[test]
    fn channels() {
        let (x, mut y) = ([1.0, 2.0, 3.0, 4.0], [f64::NAN; 2]);
        channel_sum(&Channels { n: 1, outer: 1, c: 2, inner: 2 }, &x, &mut y);
        assert_eq!(y, [3.0, 7.0]);
        channel_sum(&Channels { n: 2, outer: 2, c: 2, inner: 1 }, &x, &mut y);
        assert_eq!(y, [4.0, 6.0]);
    }
}
