//! One class against the rest: ROC and precision-recall curves, with their areas.
//!
//! A classifier ranks images by a score for the class; a threshold turns the ranking into a decision.
//! Both curves run through all thresholds. Images of equal score pass the threshold together, so the
//! curves do not depend on the order in which they came.

use serde::{Deserialize, Serialize};

use super::{Error, Result, ratio, thin};

/// A curve with what is said about its area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Points `[x, y]`, x never falling along a ROC curve nor along a precision-recall curve.
    pub points: Vec<[f64; 2]>,
    /// The area: of a ROC curve under trapezoids, of a precision-recall curve the average precision.
    pub area: f64,
}

impl Curve {
    /// The same area over at most `most` of the points, chosen by [`thin`]; for storing and drawing.
    pub fn thinned(&self, most: usize) -> Self {
        Self { points: thin(&self.points, most), area: self.area }
    }
}

/// True and false positives after each distinct threshold, from the highest score to the lowest.
struct Steps {
    positives: f64,
    negatives: f64,
    passed: Vec<[f64; 2]>,
}

impl Steps {
    fn new(scores: &[f64], positive: &[bool]) -> Result<Self> {
        super::check_equal("scores and labels", scores.len(), positive.len())?;
        if let Some(i) = scores.iter().position(|s| s.is_nan()) {
            return Err(Error(format!("score {i} is NaN, which has no rank")));
        }
        let mut ranked: Vec<usize> = (0..scores.len()).collect();
        ranked.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let (mut hits, mut alarms) = (0.0, 0.0);
        let mut passed = Vec::new();
        // Zeros of both signs are equal scores, so groups are formed by `==` and not by the sorted order.
        for group in ranked.chunk_by(|&a, &b| scores[a] == scores[b]) {
            let right = group.iter().filter(|&&i| positive[i]).count();
            hits += right as f64;
            alarms += (group.len() - right) as f64;
            passed.push([hits, alarms]);
        }
        Ok(Self { positives: hits, negatives: alarms, passed })
    }
}

/// The ROC curve: true positive rate over false positive rate, from (0, 0) to (1, 1).
///
/// ```text
/// TPR = TP / P      FPR = FP / N      area = Σ (FPR_k − FPR_{k−1}) (TPR_k + TPR_{k−1}) / 2
/// ```
///
/// The area is the probability that a positive outranks a negative, ties counting one half
/// (Mann-Whitney U / (P N)). T. Fawcett, *An introduction to ROC analysis*, Pattern Recognition Letters 27,
/// 2006. Where a class has no positives or no negatives there is nothing to rank: the curve is the diagonal,
/// its area 1/2.
///
/// # Errors
/// Where the lists differ in length or a score is NaN.
pub fn roc(scores: &[f64], positive: &[bool]) -> Result<Curve> {
    let steps = Steps::new(scores, positive)?;
    let (p, n) = (steps.positives, steps.negatives);
    if p == 0.0 || n == 0.0 {
        return Ok(Curve { points: vec![[0.0, 0.0], [1.0, 1.0]], area: 0.5 });
    }
    let mut points = vec![[0.0, 0.0]];
    points.extend(steps.passed.iter().map(|[hits, alarms]| [alarms / n, hits / p]));
    let trapezoid = |w: &[[f64; 2]]| (w[1][0] - w[0][0]) * (w[1][1] + w[0][1]) / 2.0;
    let area = points.windows(2).map(trapezoid).sum();
    Ok(Curve { points, area })
}

/// The precision-recall curve: precision over recall, by falling threshold.
///
/// ```text
/// precision = TP / (TP + FP)      recall = TP / P      AP = Σ (R_k − R_{k−1}) P_k
/// ```
///
/// The area is the average precision: precision does not interpolate linearly between two thresholds, so
/// trapezoids would flatter (J. Davis and M. Goadrich, *The relationship between precision-recall and ROC
/// curves*, ICML 2006). The curve starts at recall 0 with the precision of its first threshold and ends with the
/// threshold that all positives pass; lower ones only fall at recall 1. Without positives recall is 0/0: the
/// curve is the point (0, 0), its area 0.
///
/// # Errors
/// Where the lists differ in length or a score is NaN.
pub fn precision_recall(scores: &[f64], positive: &[bool]) -> Result<Curve> {
    let steps = Steps::new(scores, positive)?;
    let at = |[hits, alarms]: &[f64; 2]| [ratio(*hits, steps.positives), hits / (hits + alarms)];
    let (Some(first), true) = (steps.passed.first(), steps.positives > 0.0) else {
        return Ok(Curve { points: vec![[0.0, 0.0]], area: 0.0 });
    };
    let all = steps.passed.iter().position(|[hits, _]| *hits == steps.positives).unwrap_or(0);
    let mut points = vec![[0.0, at(first)[1]]];
    points.extend(steps.passed[..=all].iter().map(at));
    let area = points.windows(2).map(|w| (w[1][0] - w[0][0]) * w[1][1]).sum();
    Ok(Curve { points, area })
}

/// The scores of `class`, and which images are of it, from rows of `classes` scores an image.
///
/// # Errors
/// Where the rows do not fit the labels, or there is no such class.
pub fn one_against_rest(
    scores: &[f64],
    labels: &[u8],
    classes: usize,
    class: usize,
) -> Result<(Vec<f64>, Vec<bool>)> {
    super::check_equal("scores and labels times classes", scores.len(), labels.len() * classes)?;
    if class >= classes {
        return Err(Error(format!("class {class}: expected one below {classes}")));
    }
    let column = scores.chunks_exact(classes).map(|row| row[class]).collect();
    let positive = labels.iter().map(|&label| usize::from(label) == class).collect();
    Ok((column, positive))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCORES: [f64; 5] = [0.9, 0.8, 0.8, 0.3, 0.1];
    const POSITIVE: [bool; 5] = [true, true, false, true, false];

    #[test]
    fn both_curves_by_hand() {
        let roc = roc(&SCORES, &POSITIVE).expect("valid");
        let third = 1.0 / 3.0;
        assert_eq!(roc.points, [[0.0, 0.0], [0.0, third], [0.5, 2.0 / 3.0], [0.5, 1.0], [1.0, 1.0]]);
        // U: 0.9 beats both, 0.8 ties one and beats one, 0.3 beats one: 2 + 1.5 + 1 of 6.
        assert!((roc.area - 4.5 / 6.0).abs() < 1e-15);
        let pr = precision_recall(&SCORES, &POSITIVE).expect("valid");
        let expected = [[0.0, 1.0], [third, 1.0], [2.0 / 3.0, 2.0 / 3.0], [1.0, 0.75]];
        assert_eq!(pr.points, expected);
        assert!((pr.area - (1.0 + 2.0 / 3.0 + 0.75) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn one_sided_and_empty_lists_stay_finite() {
        for positive in [&[true, true][..], &[false, false]] {
            assert_eq!(roc(&[0.1, 0.2], positive).expect("valid").area, 0.5);
            let pr = precision_recall(&[0.1, 0.2], positive).expect("valid");
            assert_eq!(pr.area, if positive[0] { 1.0 } else { 0.0 });
        }
        assert_eq!(roc(&[], &[]).expect("valid").area, 0.5);
        assert_eq!(precision_recall(&[], &[]).expect("valid").points, [[0.0, 0.0]]);
        assert_eq!(roc(&[0.0, -0.0], &[true, false]).expect("valid").area, 0.5);
        let error = roc(&[0.0, f64::NAN], &[true, false]).expect_err("must be refused");
        assert_eq!(error.to_string(), "score 1 is NaN, which has no rank");
    }

    #[test]
    fn columns_are_taken_from_rows() {
        let (scores, positive) = one_against_rest(&[0.1, 0.9, 0.7, 0.3], &[1, 0], 2, 1).expect("valid");
        assert_eq!((scores, positive), (vec![0.9, 0.3], vec![true, false]));
        assert!(one_against_rest(&[0.0; 4], &[0, 0], 2, 2).is_err());
        assert!(one_against_rest(&[0.0; 3], &[0, 0], 2, 0).is_err());
    }

    /// The share of pairs in which the positive has the higher score, ties half: Mann and Whitney's U.
    fn mann_whitney(scores: &[f64], positive: &[bool]) -> f64 {
        let of = |kind: bool| scores.iter().zip(positive).filter(move |&(_, &p)| p == kind).map(|(&s, _)| s);
        let pairs = of(true).flat_map(|p| of(false).map(move |n| (p, n)));
        let (wins, count) = pairs.fold((0.0, 0.0), |(wins, count), (p, n)| {
            (
                wins + if p > n {
                    1.0
                } else if p == n {
                    0.5
                } else {
                    0.0
                },
                count + 1.0,
            )
        });
        wins / count
    }

    /// Lists with both kinds; few distinct scores, so that many tie.
    fn ranked() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
        let pairs = prop::collection::vec((-6i8..6, any::<bool>()), 2..60);
        let mixed = pairs.prop_filter("both kinds", |p| p.iter().any(|x| x.1) && p.iter().any(|x| !x.1));
        mixed.prop_map(|pairs| pairs.into_iter().map(|(s, p)| (f64::from(s), p)).unzip())
    }

    proptest! {
        #[test]
        fn area_is_mann_whitneys_u((scores, positive) in ranked()) {
            let area = roc(&scores, &positive).expect("valid").area;
            prop_assert!((area - mann_whitney(&scores, &positive)).abs() < 1e-12);
        }

        #[test]
        fn monotone_maps_change_nothing_and_reversal_mirrors((scores, positive) in ranked()) {
            let curve = roc(&scores, &positive).expect("valid");
            let mapped: Vec<f64> = scores.iter().map(|s| s.exp() * 3.0 - 1.0).collect();
            prop_assert_eq!(&roc(&mapped, &positive).expect("valid"), &curve);
            let pr = precision_recall(&scores, &positive).expect("valid");
            prop_assert_eq!(precision_recall(&mapped, &positive).expect("valid"), pr);
            let reversed: Vec<f64> = scores.iter().map(|s| -s).collect();
            let area = roc(&reversed, &positive).expect("valid").area;
            prop_assert!((area + curve.area - 1.0).abs() < 1e-12);
        }

        #[test]
        fn perfect_rankings_have_area_one_and_order_does_not_matter((scores, positive) in ranked()) {
            let perfect: Vec<f64> = positive.iter().map(|&p| f64::from(u8::from(p))).collect();
            prop_assert_eq!(roc(&perfect, &positive).expect("valid").area, 1.0);
            prop_assert_eq!(precision_recall(&perfect, &positive).expect("valid").area, 1.0);
            let worst: Vec<f64> = perfect.iter().map(|s| -s).collect();
            prop_assert_eq!(roc(&worst, &positive).expect("valid").area, 0.0);
            let back = |list: &[f64]| list.iter().rev().copied().collect::<Vec<_>>();
            let positive_back: Vec<bool> = positive.iter().rev().copied().collect();
            prop_assert_eq!(roc(&back(&scores), &positive_back).expect("valid"), roc(&scores, &positive).expect("valid"));
        }

        #[test]
        fn curves_stay_in_the_unit_square_and_do_not_turn_back((scores, positive) in ranked()) {
            for curve in [roc(&scores, &positive), precision_recall(&scores, &positive)] {
                let curve = curve.expect("valid");
                let all = curve.points.iter().flatten().chain([&curve.area]);
                prop_assert!(all.into_iter().all(|v| (0.0..=1.0 + 1e-12).contains(v)));
                prop_assert!(curve.points.windows(2).all(|w| w[0][0] <= w[1][0]));
            }
        }
    }
}
