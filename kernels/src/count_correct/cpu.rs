//! The count over rows that lie one after the other. The reference's result.
use crate::cross_entropy::CrossEntropy;

/// `Σ_n [argmax_c x[n,c] = label[n]]`. The first of equal values wins; a NaN wins over everything.
///
/// x (N, classes).
///
/// # Panics
/// If a label is not below the number of classes.
pub fn forward(s: &CrossEntropy, x: &[f32], labels: &[u32]) -> f32 {
    s.check(labels);
    assert_eq!(x.len(), s.n * s.classes);
    let rows = x.chunks_exact(s.classes).zip(labels);
    rows.filter(|(x, label)| argmax(x) == **label as usize).count() as f32
}

fn argmax(x: &[f32]) -> usize {
    let (mut best, mut max) = (0, x[0]);
    for (c, &x) in x.iter().enumerate() {
        if x > max || (x.is_nan() && !max.is_nan()) {
            (best, max) = (c, x);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::argmax;

    #[test]
    fn ties_and_nans() {
        let nan = f32::NAN;
        assert_eq!([[1., 2., 2.], [nan, 9., nan], [3., nan, 9.]].map(|x| argmax(&x)), [1, 0, 1]);
    }
}
