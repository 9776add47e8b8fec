//! The four panels of part 3.

use rizzma::Axes;
use rizzma::artist::Line2D;
use rizzma::core::color::Rgba;

use super::limits::{self, Limits};
use super::smooth::{last_finite, moving_average, trailing_mean};
use super::style::{self, BOLD, DASHES, DOT, THIN};
use super::{Curves, PANELS};

/// The curves of one figure and what its panels share.
pub(super) struct Part3<'a> {
    /// One entry a network.
    pub curves: &'a [Curves<'a>],
    /// Records in a moving average; 1 when the curves are drawn as they are.
    pub window: usize,
}

impl Part3<'_> {
    /// `training_loss`: one line a network.
    pub(super) fn training_loss(&self, ax: &mut Axes) {
        let mut means = Vec::new();
        for (i, curves) in self.curves.iter().enumerate() {
            let mean = self.smooth(curves.loss);
            self.raw_line(ax, i, curves.loss);
            self.step_line(ax, i, &mean, false);
            means.extend(mean);
        }
        let raw: Vec<f64> = self.all(|c| c.loss);
        let (low, high) = limits::around(&means, &raw, (0.0, 1.0));
        self.step_axis(ax, "loss");
        ax.set_title(PANELS[0]).set_ylim(low, high);
    }

    /// `train_and_val_accuracies`: training solid, validation dashed.
    pub(super) fn accuracies(&self, ax: &mut Axes) {
        let mut means = Vec::new();
        for (i, curves) in self.curves.iter().enumerate() {
            for (values, dashed) in [(curves.train_acc, false), (curves.val_acc, true)] {
                let mean = self.smooth(values);
                self.raw_line(ax, i, values);
                self.step_line(ax, i, &mean, dashed);
                means.extend(mean);
            }
        }
        let mut raw: Vec<f64> = self.all(|c| c.train_acc);
        raw.extend(self.all(|c| c.val_acc));
        let (low, high) = limits::percent(&means, &raw);
        self.step_axis(ax, "accuracy (%)");
        ax.set_title(PANELS[1]).set_ylim(low, high);
    }

    /// `test_vs_training_accuracy`: a point a network, and a tick at the mean of its last records.
    pub(super) fn test_vs_training(&self, ax: &mut Axes) {
        let (mut values, mut whiskers) = (Vec::new(), Vec::new());
        for (i, curves) in self.curves.iter().enumerate() {
            let Some(last) = last_finite(curves.train_acc).filter(|_| curves.test_acc.is_finite()) else {
                continue;
            };
            let mean = trailing_mean(curves.train_acc, self.window).unwrap_or(last);
            values.extend([last, mean, curves.test_acc]);
            if self.window > 1 {
                whiskers.push((i, last, mean));
            }
            dot(ax, style::colour(i), last, curves.test_acc);
        }
        let (low, high) = accuracy_square(ax, &values);
        for (i, last, mean) in whiskers {
            whisker(ax, i, [last, mean], self.curves[i].test_acc, (high - low) * 0.015);
        }
        let note = self.note("dot: last record, tick: mean of the last");
        ax.set_title(PANELS[2]).set_ylabel("test accuracy (%)");
        ax.set_xlabel(format!("training accuracy (%){note}"));
    }

    /// `validation_vs_training_accuracy`: the path of each network, ending in a point.
    pub(super) fn validation_vs_training(&self, ax: &mut Axes) {
        let mut values = Vec::new();
        for (i, curves) in self.curves.iter().enumerate() {
            let (x, y) = (self.smooth(curves.train_acc), self.smooth(curves.val_acc));
            let shared = x.len().min(y.len());
            let (x, y) = (&x[..shared], &y[..shared]);
            let colour = style::colour(i);
            ax.add_line(line(x, y, colour.with_alpha(0.8), 1.2).with_zorder(3.0));
            if let (Some(x), Some(y)) = (last_finite(x), last_finite(y)) {
                dot(ax, colour, x, y);
            }
            values.extend(x.iter().chain(y));
        }
        accuracy_square(ax, &values);
        let note = self.note("means of");
        ax.set_title(PANELS[3]).set_ylabel("validation accuracy (%)");
        ax.set_xlabel(format!("training accuracy (%){note}"));
    }

    fn smooth(&self, values: &[f64]) -> Vec<f64> {
        moving_average(values, self.window)
    }

    /// The window in words, when there is one.
    fn note(&self, words: &str) -> String {
        match self.window {
            1 => String::new(),
            window => format!("   [{words} {window} records]"),
        }
    }

    fn all(&self, pick: impl for<'c> Fn(&'c Curves<'_>) -> &'c [f64]) -> Vec<f64> {
        let picked = self.curves.iter().flat_map(|c| pick(c).to_vec());
        picked.collect()
    }

    fn raw_line(&self, ax: &mut Axes, index: usize, values: &[f64]) {
        if self.window > 1 {
            let colour = style::pale(style::colour(index), self.curves.len());
            ax.add_line(line(&numbers(values), values, colour, THIN));
        }
    }

    fn step_line(&self, ax: &mut Axes, index: usize, values: &[f64], dashed: bool) {
        let colour = style::colour(index);
        if let [only] = values {
            dot(ax, colour, 1.0, *only);
            return;
        }
        let mut line = line(&numbers(values), values, colour, BOLD).with_zorder(3.0);
        if dashed {
            line.set_dashes(Some((DASHES.0, DASHES.1.to_vec())));
        }
        ax.add_line(line);
    }

    fn step_axis(&self, ax: &mut Axes, label: &str) {
        let count = self.curves.iter().map(Curves::records).max().unwrap_or(0);
        let (low, high) = limits::steps(count);
        ax.set_xlim(low, high).set_xlabel("step").set_ylabel(label);
        if count <= 10 {
            let whole: Vec<f64> = (1..=count.max(1)).map(|i| i as f64).collect();
            let labels: Vec<String> = whole.iter().map(f64::to_string).collect();
            ax.set_xticks(&whole).set_xticklabels(&labels);
        }
    }
}

/// The same range on both axes, and the diagonal on which both accuracies are equal.
fn accuracy_square(ax: &mut Axes, values: &[f64]) -> Limits {
    let (low, high) = limits::percent(values, &[]);
    let diagonal = line(&[low, high], &[low, high], style::faint(), 0.8);
    ax.add_line(diagonal.with_dashes(Some((0.0, vec![1.0, 2.0]))));
    ax.set_xlim(low, high).set_ylim(low, high);
    (low, high)
}

/// Record numbers `1..=len`.
fn numbers(values: &[f64]) -> Vec<f64> {
    (1..=values.len()).map(|i| i as f64).collect()
}

fn line(x: &[f64], y: &[f64], colour: Rgba, width: f64) -> Line2D {
    Line2D::new(x.to_vec(), y.to_vec()).with_color(colour).with_linewidth(width)
}

fn dot(ax: &mut Axes, colour: Rgba, x: f64, y: f64) {
    ax.scatter(&[x], &[y])
        .set_sizes(vec![DOT])
        .set_facecolors(vec![colour])
        .set_edgecolors(vec![Rgba::WHITE])
        .set_zorder(4.0);
}

/// A thin line from a point to a tick at `x[1]`, `reach` up and down.
fn whisker(ax: &mut Axes, index: usize, x: [f64; 2], y: f64, reach: f64) {
    let colour = style::colour(index);
    ax.add_line(line(&x, &[y, y], colour.with_alpha(0.5), 0.8));
    ax.add_line(line(&[x[1]; 2], &[y - reach, y + reach], colour, BOLD));
}
