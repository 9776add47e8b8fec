//! Confusion matrices and what is read off them.

use serde::{Deserialize, Serialize};

use super::{Error, Result, ratio};

/// How often each class was taken for each: row = true class, column = prediction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u64>,
}

/// The scores of one class against all others.
///
/// With TP, FP, FN the true positives, false positives and false negatives of the class:
///
/// ```text
/// precision = TP / (TP + FP)      recall = TP / (TP + FN)      F1 = 2 TP / (2 TP + FP + FN)
/// ```
///
/// Where a denominator is 0 the score is 0: a class that was never predicted has precision 0, one that
/// does not occur has recall 0, one that is neither has F1 0.
/// C. J. van Rijsbergen, *Information Retrieval*, 2nd ed., 1979, chapter 7.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Share of the predictions of this class that are right.
    pub precision: f64,
    /// Share of the images of this class that are found; the class' own accuracy.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// Images of this class.
    pub support: u64,
}

impl Confusion {
    /// Counts pairs of label and prediction.
    ///
    /// # Errors
    /// Where the lists differ in length, or a label or prediction is not below `classes`.
    pub fn new(labels: &[u8], predictions: &[u8], classes: usize) -> Result<Self> {
        super::check_equal("labels and predictions", labels.len(), predictions.len())?;
        let mut counts = vec![0; classes * classes];
        for (i, (&label, &prediction)) in labels.iter().zip(predictions).enumerate() {
            for (what, class) in [("label", label), ("prediction", prediction)] {
                if usize::from(class) >= classes {
                    return Err(Error(format!("{what} {i} is {class}, expected a class below {classes}")));
                }
            }
            counts[usize::from(label) * classes + usize::from(prediction)] += 1;
        }
        Ok(Self { classes, counts })
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many images of class `label` were taken for `prediction`.
    pub fn count(&self, label: usize, prediction: usize) -> u64 {
        self.counts[label * self.classes + prediction]
    }

    /// One row a class.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks_exact(self.classes.max(1))
    }

    /// Images of class `label`.
    pub fn support(&self, label: usize) -> u64 {
        (0..self.classes).map(|prediction| self.count(label, prediction)).sum()
    }

    /// Predictions of class `prediction`.
    pub fn predicted(&self, prediction: usize) -> u64 {
        (0..self.classes).map(|label| self.count(label, prediction)).sum()
    }

    /// All images.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Share of its row: of the images of class `label`, how many were taken for `prediction`. 0 where the
    /// class does not occur.
    pub fn share(&self, label: usize, prediction: usize) -> f64 {
        ratio(self.count(label, prediction) as f64, self.support(label) as f64)
    }

    /// Share of right predictions in percent; 0 without images.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.classes).map(|c| self.count(c, c)).sum();
        100.0 * ratio(right as f64, self.total() as f64)
    }

    /// Precision, recall and F1 of each class.
    pub fn scores(&self) -> Vec<ClassScores> {
        let score = |class: usize| {
            let right = self.count(class, class) as f64;
            let (support, predicted) = (self.support(class), self.predicted(class));
            ClassScores {
                precision: ratio(right, predicted as f64),
                recall: ratio(right, support as f64),
                f1: ratio(2.0 * right, (support + predicted) as f64),
                support,
            }
        };
        (0..self.classes).map(score).collect()
    }

    /// Unweighted means over all classes ("macro"); `support` is the number of images.
    ///
    /// F1 is the mean of the classes' F1, not the F1 of the means. Every class counts, also one that does
    /// not occur.
    pub fn macro_means(&self) -> ClassScores {
        let scores = self.scores();
        let mean =
            |score: fn(&ClassScores) -> f64| ratio(scores.iter().map(score).sum(), scores.len() as f64);
        ClassScores {
            precision: mean(|s| s.precision),
            recall: mean(|s| s.recall),
            f1: mean(|s| s.f1),
            support: self.total(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two cats seen right, one taken for a dog; one dog right; a mouse taken for a cat; no bird at all.
    fn sample() -> Confusion {
        Confusion::new(&[0, 0, 0, 1, 2], &[0, 0, 1, 1, 0], 4).expect("valid")
    }

    #[test]
    fn counts_and_scores_by_hand() {
        let matrix = sample();
        assert_eq!(matrix.count(0, 0), 2);
        assert_eq!(matrix.count(2, 0), 1);
        assert_eq!(matrix.rows().nth(1), Some(&[0, 1, 0, 0][..]));
        assert_eq!((matrix.support(0), matrix.predicted(0), matrix.total()), (3, 3, 5));
        assert!((matrix.accuracy() - 60.0).abs() < 1e-12);
        let scores = matrix.scores();
        let expected =
            [(2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0), (0.5, 1.0, 2.0 / 3.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)];
        for (score, (precision, recall, f1)) in scores.iter().zip(expected) {
            assert_eq!((score.precision, score.recall), (precision, recall));
            assert!((score.f1 - f1).abs() < 1e-15);
        }
        let means = matrix.macro_means();
        assert!((means.precision - 7.0 / 24.0).abs() < 1e-15);
        assert!((means.recall - 5.0 / 12.0).abs() < 1e-15);
        assert!((means.f1 - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!(matrix.share(3, 3), 0.0);
    }

    #[test]
    fn nothing_and_nonsense() {
        let empty = Confusion::new(&[], &[], 10).expect("valid");
        assert_eq!((empty.accuracy(), empty.macro_means().f1), (0.0, 0.0));
        let error = |labels: &[u8], predictions: &[u8]| {
            Confusion::new(labels, predictions, 2).expect_err("must be refused").to_string()
        };
        assert_eq!(error(&[0], &[]), "labels and predictions: 1 and 0, expected as many");
        assert_eq!(error(&[0, 1], &[1, 2]), "prediction 1 is 2, expected a class below 2");
    }
}
