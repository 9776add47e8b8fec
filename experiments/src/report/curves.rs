//! Long curves for a page: thinned so that no peak is lost, and smoothed so that they can be read.
use super::document::Series;
use crate::figure::{moving_average, window_for};

/// The most points of a curve in the page.
const MOST: usize = 1500;
/// Records that "at the end" is the mean of, as in the reports that are compared with.
pub const LAST: usize = 50;

/// Mean of the last [`LAST`] records, or of the last tenth of a curve that is not ten times as long.
pub fn at_the_end(curve: &[f64]) -> f64 {
    let count = LAST.min(curve.len().div_ceil(10)).max(1);
    mean(&curve[curve.len().saturating_sub(count)..])
}

/// Arithmetic mean; 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The largest value of the smoothed curve, and the record (from 0) it stands at.
pub fn best(curve: &[f64]) -> (usize, f64) {
    let smooth = smoothed(curve);
    let at = (0..smooth.len()).max_by(|&a, &b| smooth[a].total_cmp(&smooth[b]).then(b.cmp(&a))).unwrap_or(0);
    (at, smooth.get(at).copied().unwrap_or(0.0))
}

/// The moving average that the figures show.
pub fn smoothed(curve: &[f64]) -> Vec<f64> {
    moving_average(curve, window_for(curve.len()))
}

/// Curves over a common abscissa, thinned.
#[derive(Debug)]
pub struct Sheet {
    /// Records of the longest curve.
    records: usize,
    /// Records of which two are shown; 1 shows all.
    bucket: usize,
}

impl Sheet {
    /// For curves of up to `records` values.
    pub fn new(records: usize) -> Self {
        let bucket = if records <= MOST { 1 } else { records.div_ceil(MOST / 2) };
        Self { records, bucket }
    }

    /// The shown positions: all, or first and last of each bucket.
    fn positions(&self) -> Vec<usize> {
        let Self { records, bucket } = *self;
        if bucket == 1 {
            return (0..records).collect();
        }
        let ends = (0..records).step_by(bucket).map(|start| [start, (start + bucket).min(records) - 1]);
        let mut positions: Vec<usize> = ends.flatten().collect();
        positions.dedup();
        positions
    }

    /// The abscissas: `x` at the shown positions.
    pub fn x(&self, x: impl Fn(usize) -> f64) -> Vec<f64> {
        self.positions().into_iter().map(x).collect()
    }

    /// `curve` at the shown positions: of a bucket its smallest and largest value, in the order they come in.
    pub fn y(&self, curve: &[f64]) -> Vec<Option<f64>> {
        let Self { records, bucket } = *self;
        if bucket == 1 {
            return (0..records).map(|i| curve.get(i).copied().map(rounded)).collect();
        }
        let mut values = Vec::new();
        for start in (0..records).step_by(bucket) {
            let length = (records - start).min(bucket);
            let part = curve.get(start..(start + bucket).min(curve.len())).unwrap_or_default();
            let by = |a: &usize, b: &usize| part[*a].total_cmp(&part[*b]);
            let [low, high] = [(0..part.len()).min_by(by), (0..part.len()).max_by(by)];
            let ends = [low.min(high), low.max(high)].map(|at| at.map(|at| rounded(part[at])));
            values.extend_from_slice(&ends[..length.min(2)]);
        }
        values
    }

    /// `curve` as it is.
    pub fn line(&self, label: &str, colour: usize, dashed: bool, curve: &[f64]) -> Series {
        Series { label: label.to_owned(), colour, dashed, raw: false, y: self.y(curve) }
    }

    /// `curve` as a bold smoothed line, and its records as a pale one where smoothing changes it.
    pub fn smooth_line(&self, label: &str, colour: usize, dashed: bool, curve: &[f64]) -> Vec<Series> {
        let smooth = self.line(label, colour, dashed, &smoothed(curve));
        if window_for(curve.len()) == 1 {
            return vec![smooth];
        }
        let records = self.line(&format!("{label}, each record"), colour, dashed, curve);
        vec![Series { raw: true, ..records }, smooth]
    }
}

/// Six significant digits: no stairs where a nearly flat curve fills the panel.
fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_extremes() {
        let mut curve = vec![1.0; 10_000];
        (curve[1234], curve[5678]) = (9.0, -3.0);
        let sheet = Sheet::new(curve.len());
        let y: Vec<f64> = sheet.y(&curve).into_iter().flatten().collect();
        assert!(y.len() <= MOST && y.len() > MOST / 2);
        assert_eq!(y.len(), sheet.x(|i| i as f64).len());
        assert!(y.contains(&9.0) && y.contains(&-3.0));
    }

    #[test]
    fn shorter_curves_end_early() {
        for records in [4, 1501, 1507, 3000] {
            let sheet = Sheet::new(records);
            let y = sheet.y(&[1.0, 2.0]);
            assert_eq!(y.len(), sheet.x(|i| i as f64).len(), "{records}");
            assert_eq!(y.iter().flatten().count(), 2);
        }
    }

    #[test]
    fn the_end_is_a_mean() {
        assert_eq!(at_the_end(&[1.0, 2.0, 7.0]), 7.0);
        let long: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(at_the_end(&long), 974.5);
        assert_eq!(at_the_end(&[]), 0.0);
    }
}
