//! Whether a predicted probability is met by how often the prediction is right.

use serde::{Deserialize, Serialize};

use super::{Error, Result, ratio};

/// The predictions whose probability lies in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The interval is above `from` …
    pub from: f64,
    /// … up to and with `to`.
    pub to: f64,
    /// Predictions in it.
    pub count: u64,
    /// Mean predicted probability; 0 in an empty bin.
    pub predicted: f64,
    /// Share that came true; 0 in an empty bin.
    pub observed: f64,
}

/// A reliability diagram in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Intervals of equal width over [0, 1], rising.
    pub bins: Vec<Bin>,
    /// Expected calibration error, from 0 to 1.
    pub error: f64,
}

/// Sorts predictions by probability into `bins` intervals of equal width.
///
/// `probability[i]` was predicted for an event that `happened[i]`: of a classifier, the probability of the
/// class it chose and whether that was right; or of one class, and whether the image was of it.
///
/// ```text
/// bin m = ((m−1)/M, m/M]      ECE = Σ_m (n_m / n) |observed_m − predicted_m|
/// ```
///
/// A probability of 0 belongs to the first bin. C. Guo, G. Pleiss, Y. Sun and K. Weinberger, *On calibration
/// of modern neural networks*, ICML 2017. Empty bins and empty lists add 0.
///
/// # Errors
/// Where the lists differ in length, `bins` is 0 or a probability is not in [0, 1].
pub fn calibration(probability: &[f64], happened: &[bool], bins: usize) -> Result<Calibration> {
    super::check_equal("probabilities and outcomes", probability.len(), happened.len())?;
    if bins == 0 {
        return Err(Error("0 bins, expected at least one".to_owned()));
    }
    let mut sums = vec![(0_u64, 0.0, 0_u64); bins];
    for (i, (&p, &came)) in probability.iter().zip(happened).enumerate() {
        if !(0.0..=1.0).contains(&p) {
            return Err(Error(format!("probability {i} is {p}, expected 0 to 1")));
        }
        let bin = ((p * bins as f64).ceil() as usize).clamp(1, bins) - 1;
        let (count, sum, hits) = &mut sums[bin];
        *count += 1;
        *sum += p;
        *hits += u64::from(came);
    }
    let edge = |m: usize| m as f64 / bins as f64;
    let bin = |(m, &(count, sum, hits)): (usize, &(u64, f64, u64))| Bin {
        from: edge(m),
        to: edge(m + 1),
        count,
        predicted: ratio(sum, count as f64),
        observed: ratio(hits as f64, count as f64),
    };
    let bins: Vec<Bin> = sums.iter().enumerate().map(bin).collect();
    let gaps: f64 = bins.iter().map(|b| b.count as f64 * (b.observed - b.predicted).abs()).sum();
    Ok(Calibration { bins, error: ratio(gaps, probability.len() as f64) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bins_by_hand() {
        let found = calibration(&[0.0, 0.5, 0.6, 1.0], &[false, true, false, true], 2).expect("valid");
        let low = Bin { from: 0.0, to: 0.5, count: 2, predicted: 0.25, observed: 0.5 };
        let high = Bin { from: 0.5, to: 1.0, count: 2, predicted: 0.8, observed: 0.5 };
        assert_eq!(found.bins, [low, high]);
        assert!((found.error - (0.5 * 0.25 + 0.5 * 0.3)).abs() < 1e-15);
    }

    #[test]
    fn edges_belong_to_the_lower_bin_and_empty_bins_stay_finite() {
        let edges: Vec<f64> = (0..=10).map(|i| f64::from(i) / 10.0).collect();
        let found = calibration(&edges, &[true; 11], 10).expect("valid");
        assert_eq!(found.bins.iter().map(|b| b.count).collect::<Vec<_>>(), [2, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        let empty = calibration(&[], &[], 10).expect("valid");
        assert_eq!((empty.error, empty.bins[3].predicted), (0.0, 0.0));
        assert!(calibration(&[1.5], &[true], 10).is_err());
        assert!(calibration(&[f64::NAN], &[true], 10).is_err());
        assert!(calibration(&[0.5], &[true], 0).is_err());
    }
}
