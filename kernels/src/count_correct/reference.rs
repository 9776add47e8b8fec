//! The definition of the number of right answers.
use crate::{Scalar, View, cross_entropy::CrossEntropy};

/// `count = Σ_n [argmax_c x[n,c] = label[n]]`. The first of equal values wins; a NaN wins over everything.
///
/// # Panics
/// If a label is not below the number of classes.
pub fn forward<S: Scalar>(s: &CrossEntropy, x: View<S, 2>, labels: &[u32], count: &mut S) {
    s.check(labels);
    let right = (0..s.n).filter(|&n| argmax(s.classes, |c| x[[n, c]]) == labels[n] as usize).count();
    *count = S::from_f64(right as f64);
}

fn argmax<S: Scalar>(classes: usize, x: impl Fn(usize) -> S) -> usize {
    let mut best = 0;
    for c in 1..classes {
        if x(c) > x(best) || (x(c).re().is_nan() && !x(best).re().is_nan()) {
            best = c;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout::Rows;

    #[test]
    fn ties_and_nans() {
        let s = CrossEntropy { n: 4, classes: 3 };
        let nan = f64::NAN;
        let x = [0.0, 1.0, 2.0, 5.0, 5.0, 1.0, 9.0, nan, nan, -1.0, -3.0, -2.0];
        let count = |labels: &[u32]| {
            let mut count = nan;
            forward(&s, View::new(&x, &s.logits(), Rows), labels, &mut count);
            count
        };
        assert_eq!(count(&[2, 0, 1, 0]), 4.0);
        assert_eq!(count(&[2, 1, 2, 2]), 1.0);
    }
}
