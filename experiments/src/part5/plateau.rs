//! Where a validation curve stops rising.
use std::fmt;

/// Looks for the epoch after which validation accuracy no longer rises.
///
/// The accuracies of an epoch's records are averaged (a single record is noisy at a high rate). An epoch is *best* when
/// its mean is at least `threshold` above that of the best one before. The plateau begins after the first best epoch
/// that is followed by `patience` epochs without a new best one; PyTorch's `ReduceLROnPlateau` with an absolute
/// threshold waits in the same way.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Detector {
    /// Epochs without a new best one.
    pub patience: usize,
    /// Percentage points that count as a rise.
    pub threshold: f64,
}

impl Default for Detector {
    fn default() -> Self {
        Self { patience: 3, threshold: 0.5 }
    }
}

impl Detector {
    /// Epochs after which the curve no longer rises, counted over all of it; `None` where it still does. `accuracies` are
    /// those of every record, `per_epoch` (not always whole) of them an epoch; the first `skip` epochs are not
    /// looked at.
    pub fn find(&self, accuracies: &[f64], per_epoch: f64, skip: usize) -> Option<usize> {
        let means = epoch_means(accuracies, per_epoch);
        let (mut best, mut at) = (f64::NEG_INFINITY, skip);
        for (epoch, &mean) in means.iter().enumerate().skip(skip) {
            if mean >= best + self.threshold || best == f64::NEG_INFINITY {
                (best, at) = (mean, epoch);
            } else if epoch - at >= self.patience {
                return Some(at + 1);
            }
        }
        None
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { patience, threshold } = self;
        write!(
            f,
            "validation accuracy averaged over each epoch; the rate falls after the first epoch that none of the next \
             {patience} exceeds by {threshold} points"
        )
    }
}

/// Mean of the records of each complete epoch. Record `k` (from 0) belongs to epoch `⌊k / per_epoch⌋`.
pub fn epoch_means(records: &[f64], per_epoch: f64) -> Vec<f64> {
    let start = |epoch: usize| (epoch as f64 * per_epoch).ceil() as usize;
    let complete = (0..).take_while(|&epoch| per_epoch >= 1.0 && start(epoch + 1) <= records.len());
    let mean = |epoch| {
        let members = &records[start(epoch)..start(epoch + 1)];
        members.iter().sum::<f64>() / members.len() as f64
    };
    complete.map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETECTOR: Detector = Detector { patience: 2, threshold: 0.5 };

    #[test]
    fn means_are_of_whole_epochs() {
        assert_eq!(epoch_means(&[1.0, 3.0, 5.0, 7.0, 9.0], 2.0), [2.0, 6.0]);
        // Two and a half records an epoch: three belong to the first, two to the second.
        assert_eq!(epoch_means(&[1.0, 2.0, 3.0, 10.0, 20.0, 7.0], 2.5), [2.0, 15.0]);
        assert!(epoch_means(&[1.0], 0.5).is_empty());
    }

    #[test]
    fn a_curve_that_stops_rising() {
        let curve = [10.0, 20.0, 30.0, 30.2, 30.4, 30.1];
        assert_eq!(DETECTOR.find(&curve, 1.0, 0), Some(3));
        assert_eq!(DETECTOR.find(&curve[..4], 1.0, 0), None, "one epoch is not enough to say so");
        // Small steps add up: 30.6 is new, so the plateau begins behind it.
        assert_eq!(DETECTOR.find(&[10.0, 30.0, 30.3, 30.6, 30.7, 30.2], 1.0, 0), Some(4));
    }

    #[test]
    fn rising_and_falling_curves() {
        let rising: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(DETECTOR.find(&rising, 1.0, 0), None);
        assert_eq!(DETECTOR.find(&[50.0, 40.0, 30.0], 1.0, 0), Some(1));
        // After the rate has fallen at epoch 3, what came before is not looked at.
        assert_eq!(DETECTOR.find(&[50.0, 40.0, 30.0, 55.0, 56.0, 56.1, 56.2], 1.0, 3), Some(5));
    }
}
