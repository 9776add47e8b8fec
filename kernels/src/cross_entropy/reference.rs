//! The definition of the mean softmax cross-entropy and of its gradient.
use super::CrossEntropy;
use crate::{Scalar, View, ViewMut, indices};

/// With `m = max_c x[n,c]` and `Z = Σ_c e^(x[n,c] - m)`:
/// `p[n,c] = e^(x[n,c] - m) / Z` and `loss = 1/N Σ_n (ln Z - (x[n, label] - m))`, which is `-1/N Σ_n ln p[n, label]`.
///
/// # Panics
/// If a label is not below the number of classes.
pub fn forward<S: Scalar>(
    s: &CrossEntropy,
    x: View<S, 2>,
    labels: &[u32],
    loss: &mut S,
    mut p: ViewMut<S, 2>,
) {
    s.check(labels);
    let mut sum = S::ZERO;
    for (n, &label) in labels.iter().enumerate() {
        let max = (0..s.classes).fold(x[[n, 0]], |m, c| if x[[n, c]] > m { x[[n, c]] } else { m });
        let mut z = S::ZERO;
        for c in 0..s.classes {
            p[[n, c]] = (x[[n, c]] - max).exp();
            z += p[[n, c]];
        }
        for c in 0..s.classes {
            p[[n, c]] = p[[n, c]] / z;
        }
        sum += z.ln() - (x[[n, label as usize]] - max);
    }
    *loss = sum / S::from_f64(s.n as f64);
}

/// `dx[n,c] = (p[n,c] - [c = label]) · dloss / N`
pub fn backward<S: Scalar>(s: &CrossEntropy, p: View<S, 2>, labels: &[u32], dloss: S, mut dx: ViewMut<S, 2>) {
    let scale = dloss / S::from_f64(s.n as f64);
    for at @ [n, c] in indices([s.n, s.classes]) {
        let hit = if labels[n] as usize == c { S::ONE } else { S::ZERO };
        dx[at] = (p[at] - hit) * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout::Rows;

    fn run(x: &[f64], labels: &[u32]) -> (f64, Vec<f64>, Vec<f64>) {
        let s = CrossEntropy { n: labels.len(), classes: x.len() / labels.len() };
        let (mut loss, mut p, mut dx) = (0.0, vec![0.0; x.len()], vec![0.0; x.len()]);
        let shape = s.logits();
        forward(&s, View::new(x, &shape, Rows), labels, &mut loss, ViewMut::new(&mut p, &shape, Rows));
        let dx_view = ViewMut::new(&mut dx, &shape, Rows);
        backward(&s, View::new(&p, &shape, Rows), labels, 1.0, dx_view);
        (loss, p, dx)
    }

    /// Logits that are logarithms: the probabilities are their arguments.
    #[test]
    fn two_rows() {
        let x: Vec<f64> = [1.0f64, 1.0, 2.0, 1.0, 3.0, 4.0].iter().map(|v| v.ln()).collect();
        let (loss, p, dx) = run(&x, &[2, 0]);
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
        assert!((loss - 0.5 * (2f64.ln() + 8f64.ln())).abs() < 1e-15);
        assert!(close(&p, &[0.25, 0.25, 0.5, 0.125, 0.375, 0.5]));
        assert!(close(&dx, &[0.125, 0.125, -0.25, -0.4375, 0.1875, 0.25]));
    }

    #[test]
    fn huge_logits_do_not_overflow() {
        assert_eq!(run(&[1e300, 0.0], &[0]).0, 0.0);
        assert_eq!(run(&[-1e4, 0.0], &[0]).0, 1e4);
    }

    #[test]
    #[should_panic(expected = "row 1 has label 3, but the logits have 3 classes")]
    fn a_label_that_is_no_class() {
        run(&[0.0; 6], &[2, 3]);
    }
}
