//! Decision boundaries: the network's output over a grid, and how much of it changes from run to run.
use super::xor::{self, THRESHOLD};
use anyhow::Result;
use ferrotape_autograd::{Device, Params};
use ferrotape_data::blobs::Blobs;
use ferrotape_nn::Sequential;

/// Distance between neighbouring points.
pub const STEP: f64 = 0.01;
/// What is added to the points' range on every side.
const MARGIN: f64 = 0.1;

/// A grid over the range of some points and a little more.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Abscissae, ascending.
    pub x: Vec<f64>,
    /// Ordinates, ascending.
    pub y: Vec<f64>,
}

impl Grid {
    /// The grid around these points.
    pub fn around(points: &Blobs) -> Self {
        let axis = |i: usize| {
            let values = points.points.iter().map(|p| f64::from(p[i]));
            let (low, high) =
                values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            let count = ((high - low + 2.0 * MARGIN) / STEP).ceil() as usize;
            (0..count).map(|k| low - MARGIN + STEP * k as f64).collect()
        };
        Self { x: axis(0), y: axis(1) }
    }

    /// The network's output at every point, row by row from the lowest y.
    ///
    /// # Errors
    /// Where the machine fails.
    pub fn outputs(&self, model: &Sequential, params: &Params, device: &Device) -> Result<Vec<f32>> {
        let row = |&y: &f64| self.x.iter().flat_map(move |&x| [x as f32, y as f32]);
        let points: Vec<f32> = self.y.iter().flat_map(row).collect();
        xor::outputs(model, params, &points, device)
    }
}

/// At each point of the grid, how many runs say 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agreement {
    above: Vec<u32>,
    runs: u32,
}

impl Agreement {
    /// Counts another run by its outputs.
    pub fn add(&mut self, outputs: &[f32]) {
        self.above.resize(outputs.len(), 0);
        for (above, &out) in self.above.iter_mut().zip(outputs) {
            *above += u32::from(out > THRESHOLD);
        }
        self.runs += 1;
    }

    /// Percent of the grid that two runs decide differently, averaged over all pairs of runs; `None` for a single run.
    pub fn change(&self) -> Option<f64> {
        let runs = f64::from(self.runs);
        let pairs = runs * (runs - 1.0) / 2.0;
        // A point that k of n runs call 1 is seen differently by k (n - k) pairs.
        let differing = |&k: &u32| f64::from(k) * (runs - f64::from(k));
        let sum: f64 = self.above.iter().map(differing).sum();
        (pairs > 0.0).then(|| 100.0 * sum / (pairs * self.above.len() as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_covers_the_points() {
        let points = Blobs { points: vec![[-1.0, 0.0], [2.0, 0.5]], labels: vec![0.0, 1.0] };
        let Grid { x, y } = Grid::around(&points);
        assert_eq!((x.len(), y.len()), (320, 70));
        assert!((x[0] + 1.1).abs() < 1e-12 && (x[319] - 2.09).abs() < 1e-12 && (y[0] + 0.1).abs() < 1e-12);
    }

    #[test]
    fn change_is_the_mean_over_pairs() {
        let mut agreement = Agreement::default();
        assert_eq!(agreement.change(), None);
        agreement.add(&[0.9, 0.6, 0.5, 0.1]);
        assert_eq!(agreement.change(), None);
        agreement.add(&[0.9, 0.6, 0.7, 0.1]);
        agreement.add(&[0.9, 0.4, 0.7, 0.1]);
        // Differences: 1, 2 and 1 of 4 points.
        assert!((agreement.change().unwrap() - 100.0 * 4.0 / 12.0).abs() < 1e-12);
    }
}
