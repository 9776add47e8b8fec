//! The definition of the activation functions and of their gradients.
use crate::Scalar;

fn each<S: Scalar>(x: &[S], y: &mut [S], f: impl Fn(S) -> S) {
    assert_eq!(x.len(), y.len());
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f(x);
    }
}

fn each_pair<S: Scalar>(a: &[S], b: &[S], y: &mut [S], f: impl Fn(S, S) -> S) {
    assert_eq!((a.len(), b.len()), (y.len(), y.len()));
    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
        *y = f(a, b);
    }
}

/// `y = max(x, 0)`; a NaN stays one.
pub fn relu<S: Scalar>(x: &[S], y: &mut [S]) {
    each(x, y, |x| if x <= S::ZERO { S::ZERO } else { x });
}

/// `dx = dy` where `y > 0` (or is NaN), else 0.
pub fn relu_grad<S: Scalar>(y: &[S], dy: &[S], dx: &mut [S]) {
    each_pair(y, dy, dx, |y, dy| if y <= S::ZERO { S::ZERO } else { dy });
}

/// `y = x` where `x > 0`, else `slope · x`.
pub fn leaky_relu<S: Scalar>(slope: S, x: &[S], y: &mut [S]) {
    each(x, y, |x| if x > S::ZERO { x } else { slope * x });
}

/// `dx = dy` where `x > 0`, else `slope · dy`.
pub fn leaky_relu_grad<S: Scalar>(slope: S, x: &[S], dy: &[S], dx: &mut [S]) {
    each_pair(x, dy, dx, |x, dy| if x > S::ZERO { dy } else { slope * dy });
}

/// `y = 1 / (1 + e^-x)`; for negative x as `e^x / (1 + e^x)`, so that no power overflows.
pub fn sigmoid<S: Scalar>(x: &[S], y: &mut [S]) {
    each(x, y, |x| {
        if x < S::ZERO {
            let e = x.exp();
            e / (S::ONE + e)
        } else {
            S::ONE / (S::ONE + (-x).exp())
        }
    });
}

/// `dx = dy · y (1 - y)`
pub fn sigmoid_grad<S: Scalar>(y: &[S], dy: &[S], dx: &mut [S]) {
    each_pair(y, dy, dx, |y, dy| dy * (y * (S::ONE - y)));
}

/// `y = (e^2x - 1) / (e^2x + 1)`
pub fn tanh<S: Scalar>(x: &[S], y: &mut [S]) {
    each(x, y, S::tanh);
}

/// `dx = dy · (1 - y²)`
pub fn tanh_grad<S: Scalar>(y: &[S], dy: &[S], dx: &mut [S]) {
    each_pair(y, dy, dx, |y, dy| dy * (S::ONE - y * y));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dual;

    fn map<S: Scalar>(f: impl Fn(&[S], &mut [S]), x: &[S]) -> Vec<S> {
        let mut y = vec![S::ZERO; x.len()];
        f(x, &mut y);
        y
    }

    #[test]
    fn values() {
        assert_eq!(map(relu, &[-1.5, -0.0, 0.0, 2.5]), [0.0, 0.0, 0.0, 2.5]);
        assert_eq!(map(|x, y| leaky_relu(0.25, x, y), &[-2.0, 0.0, 3.0]), [-0.5, 0.0, 3.0]);
        assert_eq!(map(sigmoid, &[0.0, 3.0f64.ln(), -(3.0f64.ln())]), [0.5, 0.75, 0.25]);
        assert_eq!(map(tanh, &[0.0, f64::INFINITY]), [0.0, 1.0]);
    }

    #[test]
    fn gradients() {
        let dy = [1.0, 2.0, 4.0];
        assert_eq!(map(|y, dx| relu_grad(y, &dy, dx), &[0.0, 0.0, 2.5]), [0.0, 0.0, 4.0]);
        assert_eq!(map(|x, dx| leaky_relu_grad(0.25, x, &dy, dx), &[-2.0, 0.0, 3.0]), [0.25, 0.5, 4.0]);
        assert_eq!(map(|y, dx| sigmoid_grad(y, &dy, dx), &[0.5, 0.75, 0.0]), [0.25, 0.375, 0.0]);
        assert_eq!(map(|y, dx| tanh_grad(y, &dy, dx), &[0.0, 0.5, -1.0]), [1.0, 1.5, 0.0]);
    }

    /// Far out, values and derivatives saturate instead of overflowing.
    #[test]
    fn sigmoid_saturates() {
        assert_eq!(map(sigmoid, &[-1e4f32, 1e4]), [0.0, 1.0]);
        let far = map(sigmoid, &[Dual::new(-1e4, 1.0), Dual::new(1e4, 1.0)]);
        assert_eq!(far.iter().map(|d| d.eps).collect::<Vec<_>>(), [0.0, 0.0]);
    }

    #[test]
    fn nan_stays_nan() {
        let nan = [f64::NAN];
        for f in [relu, sigmoid, tanh, |x: &[f64], y: &mut [f64]| leaky_relu(0.1, x, y)] {
            assert!(map(f, &nan)[0].is_nan());
        }
    }
}
