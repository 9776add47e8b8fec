//! The definition of the activation functions and of their gradients.
use super::Activation;
use crate::Scalar;

impl Activation {
    /// The function. The sigmoid of a negative x is `e^x / (1 + e^x)`, so that no power overflows.
    #[inline(always)]
    pub fn at<S: Scalar>(self, x: S) -> S {
        match self {
            Self::Relu => {
                if x <= S::ZERO {
                    S::ZERO
                } else {
                    x
                }
            }
            Self::LeakyRelu { slope } => {
                if x > S::ZERO {
                    x
                } else {
                    S::from_f64(slope) * x
                }
            }
            Self::Sigmoid if x < S::ZERO => {
                let e = x.exp();
                e / (S::ONE + e)
            }
            Self::Sigmoid => S::ONE / (S::ONE + (-x).exp()),
            Self::Tanh => x.tanh(),
        }
    }

    /// The gradient dx of dy, from y: see the [table](super) for what else will do.
    #[inline(always)]
    pub fn gradient<S: Scalar>(self, y: S, dy: S) -> S {
        match self {
            Self::Relu => {
                if y <= S::ZERO {
                    S::ZERO
                } else {
                    dy
                }
            }
            Self::LeakyRelu { slope } => {
                if y > S::ZERO {
                    dy
                } else {
                    S::from_f64(slope) * dy
                }
            }
            Self::Sigmoid => dy * (y * (S::ONE - y)),
            Self::Tanh => dy * (S::ONE - y * y),
        }
    }
}

/// `y[i] = f(x[i])`
pub fn forward<S: Scalar>(f: Activation, x: &[S], y: &mut [S]) {
    assert_eq!(x.len(), y.len());
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f.at(x);
    }
}

/// `dx[i] = f'(x[i]) · dy[i]`, from `y` as in [`Activation::gradient`].
pub fn backward<S: Scalar>(f: Activation, y: &[S], dy: &[S], dx: &mut [S]) {
    assert_eq!((y.len(), dy.len()), (dx.len(), dx.len()));
    for ((dx, &y), &dy) in dx.iter_mut().zip(y).zip(dy) {
        *dx = f.gradient(y, dy);
    }
}

#[cfg(test)]
mod tests {
    use super::{Activation::*, *};
    use crate::Dual;

    const LEAKY: Activation = LeakyRelu { slope: 0.25 };

    fn values<S: Scalar>(f: Activation, x: &[S]) -> Vec<S> {
        let mut y = vec![S::ZERO; x.len()];
        forward(f, x, &mut y);
        y
    }

    #[test]
    fn of_some_numbers() {
        assert_eq!(values(Relu, &[-1.5, -0.0, 0.0, 2.5]), [0.0, 0.0, 0.0, 2.5]);
        assert_eq!(values(LEAKY, &[-2.0, 0.0, 3.0]), [-0.5, 0.0, 3.0]);
        assert_eq!(values(Sigmoid, &[0.0, 3.0f64.ln(), -(3.0f64.ln())]), [0.5, 0.75, 0.25]);
        assert_eq!(values(Tanh, &[0.0, f64::INFINITY]), [0.0, 1.0]);
    }

    #[test]
    fn gradients() {
        let gradient = |f, y: [f64; 3]| {
            let mut dx = [f64::NAN; 3];
            backward(f, &y, &[1.0, 2.0, 4.0], &mut dx);
            dx
        };
        assert_eq!(gradient(Relu, [0.0, 0.0, 2.5]), [0.0, 0.0, 4.0]);
        assert_eq!(gradient(LEAKY, [-2.0, 0.0, 3.0]), [0.25, 0.5, 4.0]);
        assert_eq!(gradient(Sigmoid, [0.5, 0.75, 0.0]), [0.25, 0.375, 0.0]);
        assert_eq!(gradient(Tanh, [0.0, 0.5, -1.0]), [1.0, 1.5, 0.0]);
    }

    /// Where y stands for x, it gives the same gradient.
    #[test]
    fn y_says_what_x_says() {
        for (slope, from_y) in [(0.25, true), (0.0, true), (1e-60, true), (-0.0, false), (-1.0, false)] {
            let f = LeakyRelu { slope };
            assert_eq!(f.differentiates_from_y(), from_y, "{slope}");
            for x in [-2.0f32, -1e-45, -0.0, 0.0, 1e-45, 3.0, f32::NAN, f32::INFINITY] {
                let same = f.gradient(x, 4.0).to_bits() == f.gradient(f.at(x), 4.0).to_bits();
                assert!(same || !from_y, "{slope} at {x}");
            }
        }
        assert!(!LeakyRelu { slope: 1e300 }.differentiates_from_y(), "infinite as f32");
    }

    /// Far out, values and derivatives saturate instead of overflowing.
    #[test]
    fn sigmoid_saturates() {
        assert_eq!(values(Sigmoid, &[-1e4f32, 1e4]), [0.0, 1.0]);
        let far = values(Sigmoid, &[Dual::new(-1e4, 1.0), Dual::new(1e4, 1.0)]);
        assert_eq!(far.iter().map(|d| d.eps).collect::<Vec<_>>(), [0.0, 0.0]);
    }

    #[test]
    fn nan_stays_nan() {
        for f in [Relu, LEAKY, Sigmoid, Tanh] {
            assert!(f.at(f64::NAN).is_nan(), "{f:?}");
        }
    }
}
