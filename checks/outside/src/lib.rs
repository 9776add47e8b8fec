//! A layer norm with a gradient written by hand, on plain slices, and its check: what a project outside Ferrotape does.
use ferrotape_autograd::{Scalar, check::Function};

/// `y = (x - mean) / √(variance + ε)`, over all of x.
pub struct LayerNorm {
    /// A mistake put in on purpose: the gradient forgets that the variance depends on x.
    pub forgets_variance: bool,
}

const EPSILON: f64 = 1e-5;

/// y, and 1 / √(variance + ε).
fn normalise<S: Scalar>(x: &[S]) -> (Vec<S>, S) {
    let n = S::from_f64(x.len() as f64);
    let mean = x.iter().fold(S::ZERO, |sum, &x| sum + x) / n;
    let variance = x.iter().fold(S::ZERO, |sum, &x| sum + (x - mean) * (x - mean)) / n;
    let scale = S::ONE / (variance + S::from_f64(EPSILON)).sqrt();
    (x.iter().map(|&x| (x - mean) * scale).collect(), scale)
}

impl Function for LayerNorm {
    fn value<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        normalise(x).0
    }

    /// `dx = scale (dy - mean(dy) - y mean(dy y))`
    fn vjp(&self, x: &[f64], dy: &[f64]) -> Vec<f64> {
        let (y, scale) = normalise(x);
        let n = x.len() as f64;
        let mean = dy.iter().sum::<f64>() / n;
        let along =
            if self.forgets_variance { 0.0 } else { y.iter().zip(dy).map(|(y, dy)| y * dy).sum::<f64>() / n };
        y.iter().zip(dy).map(|(y, dy)| scale * (dy - mean - y * along)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrotape_autograd::check::GradCheck;

    #[test]
    fn the_gradient_is_right() {
        GradCheck::function(&LayerNorm { forgets_variance: false })
            .input([9])
            .second_order()
            .run()
            .assert_ok();
    }

    /// The planted fault is found, and a cotangent of ones would not have: with it the forgotten term is zero.
    #[test]
    fn the_planted_fault_is_found() {
        let wrong = LayerNorm { forgets_variance: true };
        let report = GradCheck::function(&wrong).input([9]).run();
        println!("{report}");
        assert!(!report.ok());
        let x: Vec<f64> = (0..9).map(|k| f64::from(k * k % 7)).collect();
        let [right, wrong] =
            [false, true].map(|forgets_variance| LayerNorm { forgets_variance }.vjp(&x, &[1.0; 9]));
        assert!(right.iter().zip(wrong).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
