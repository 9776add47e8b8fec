//! The definition of the mean squared error and of its gradient.
use crate::Scalar;

/// `loss = 1/n Σ_i (a_i - b_i)²`
pub fn forward<S: Scalar>(a: &[S], b: &[S], loss: &mut S) {
    assert_eq!(a.len(), b.len());
    let mut sum = S::ZERO;
    for (&a, &b) in a.iter().zip(b) {
        sum += (a - b) * (a - b);
    }
    *loss = sum / S::from_f64(a.len() as f64);
}

/// `da_i = (a_i - b_i) · 2 dloss / n`; for `db`, swap `a` and `b`.
pub fn backward<S: Scalar>(a: &[S], b: &[S], dloss: S, da: &mut [S]) {
    assert_eq!((a.len(), b.len()), (da.len(), da.len()));
    let scale = (dloss + dloss) / S::from_f64(a.len() as f64);
    for ((da, &a), &b) in da.iter_mut().zip(a).zip(b) {
        *da = (a - b) * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_and_both_gradients() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 4.0, 7.0]);
        let (mut loss, mut da, mut db) = (0.0, [0.0; 4], [0.0; 4]);
        forward(&a, &b, &mut loss);
        assert_eq!(loss, 3.5, "(0 + 4 + 1 + 9) / 4");
        backward(&a, &b, 1.0, &mut da);
        backward(&b, &a, 1.0, &mut db);
        assert_eq!(da, [0.0, 1.0, -0.5, -1.5]);
        assert_eq!(db, [0.0, -1.0, 0.5, 1.5]);
    }

    #[test]
    fn shapes() {
        let text = crate::mse::check(&[2, 3].into(), &[3, 2].into()).unwrap_err().to_string();
        assert_eq!(text, "prediction and target must have the same shape, got [2, 3] and [3, 2]");
    }
}
