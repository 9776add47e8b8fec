//! Histograms: the activations of a layer, with the share that is nearly zero.

use super::frame::Frame;
use super::legend::Legend;
use super::limits;
use super::page::{Page, Plot, refuse};
use super::{Rendered, style, ticks};
use crate::output::Result;

/// Foot of the bars on a logarithmic axis: a single value still has a visible bar.
const FOOT: f64 = 0.5;

/// Counts of values in intervals of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// What the values are of: the layer.
    pub name: String,
    /// Lower end of the first interval.
    pub low: f64,
    /// Upper end of the last interval.
    pub high: f64,
    /// Values in each interval.
    pub counts: Vec<u64>,
    /// Values closer to 0 than [`Histogram::near`].
    pub near_zero: u64,
    /// What counts as nearly zero.
    pub near: f64,
    /// All values that are numbers.
    pub total: u64,
}

impl Histogram {
    /// Counts finite `values` in `bins` intervals from their least to their greatest; the last interval
    /// includes its end. `near` is the distance from 0 below which a value counts as nearly zero.
    pub fn new(name: impl Into<String>, values: &[f32], bins: usize, near: f64) -> Self {
        let finite = || values.iter().copied().filter(|v| v.is_finite()).map(f64::from);
        let range = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = if range.0 < range.1 { range } else { limits::around(&[range.0], &[], (0.0, 1.0)) };
        let bins = bins.max(1);
        let mut counts = vec![0; bins];
        for value in finite() {
            let share = (value - low) / (high - low);
            counts[((share * bins as f64) as usize).min(bins - 1)] += 1;
        }
        let near_zero = finite().filter(|v| v.abs() < near).count() as u64;
        let total = counts.iter().sum();
        Self { name: name.into(), low, high, counts, near_zero, near, total }
    }

    /// Share of values that are nearly zero, in percent; 0 without values.
    pub fn near_zero_percent(&self) -> f64 {
        100.0 * self.near_zero as f64 / self.total.max(1) as f64
    }

    fn caption(&self) -> String {
        format!("{}: {:.1} % closer to 0 than {}", self.name, self.near_zero_percent(), self.near)
    }
}

/// Draws histograms, a panel each; `log` counts on a logarithmic axis, where one interval holds nearly all.
///
/// # Errors
/// Where there is none.
pub fn histograms(title: &str, x_label: &str, histograms: &[Histogram], log: bool) -> Result<Rendered> {
    if histograms.iter().any(|h| h.counts.is_empty() || h.low >= h.high) {
        return Err(refuse(title, "a histogram without intervals".to_owned()));
    }
    let panels: Vec<Bins<'_>> = histograms.iter().map(|histogram| Bins { histogram, x_label, log }).collect();
    Page::new(title, Legend::default(), panels.iter().map(|panel| panel as &dyn Plot).collect()).draw()
}

struct Bins<'a> {
    histogram: &'a Histogram,
    x_label: &'a str,
    log: bool,
}

impl Plot for Bins<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let Histogram { low, high, counts, .. } = self.histogram;
        let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let width = (high - low) / counts.len() as f64;
        let margin = (high - low) * 0.02;
        let y = if self.log { (FOOT.log10(), most.log10() + 0.15) } else { (0.0, most * 1.05) };
        frame.limits((low - margin, high + margin), y);
        for (i, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let from = low + i as f64 * width;
            let top = if self.log { (count as f64).log10() } else { count as f64 };
            frame.rectangle([from, y.0], [from + width, top], style::colour(0).with_alpha(0.6), None);
        }
        if self.log {
            ticks::logarithmic(frame);
        }
        frame.labels(self.x_label, "count");
        frame.title(&self.histogram.caption());
    }

    fn words(&self) -> String {
        self.histogram.caption()
    }
}
