//! Panels that set one accuracy against another, on equal axes with the diagonal of equality.

use super::frame::{Frame, line};
use super::limits::{self, Limits};
use super::page::Plot;
use super::part3::Curves;
use super::smooth::{last_finite, moving_average, trailing_mean};
use super::style::{self, BOLD, DOT, HAIR};

/// A point a network: last training accuracy against test accuracy, and a tick at the mean of its last
/// records.
pub(super) struct TestAgainstTraining<'a> {
    pub title: &'a str,
    pub curves: &'a [Curves<'a>],
    pub window: usize,
}

impl Plot for TestAgainstTraining<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let mut points = Vec::new();
        for (i, curves) in self.curves.iter().enumerate() {
            if let Some(last) = last_finite(curves.train_acc).filter(|_| curves.test_acc.is_finite()) {
                let mean = trailing_mean(curves.train_acc, self.window).unwrap_or(last);
                points.push((i, last, mean, curves.test_acc));
            }
        }
        let values: Vec<f64> = points.iter().flat_map(|&(_, last, mean, test)| [last, mean, test]).collect();
        let (low, high) = accuracy_square(frame, &values);
        for (i, last, mean, test) in points {
            frame.dot(last, test, style::colour(i), DOT);
            if self.window > 1 {
                whisker(frame, i, [last, mean], test, (high - low) * 0.015);
            }
        }
        let note = note(self.window, "dot: last record, tick: mean of the last");
        frame.labels(&format!("training accuracy (%){note}"), "test accuracy (%)");
        frame.title(self.title);
    }

    fn words(&self) -> String {
        self.title.to_owned()
    }
}

/// The path of each network's validation accuracy over its training accuracy, ending in a point.
pub(super) struct Paths<'a> {
    pub title: &'a str,
    pub curves: &'a [Curves<'a>],
    pub window: usize,
}

impl Plot for Paths<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let smooth = |values: &[f64]| moving_average(values, self.window);
        let mut values = Vec::new();
        for (i, curves) in self.curves.iter().enumerate() {
            let (x, y) = (smooth(curves.train_acc), smooth(curves.val_acc));
            let shared = x.len().min(y.len());
            let (x, y) = (&x[..shared], &y[..shared]);
            let colour = style::colour(i);
            frame.line(line(x, y, colour.with_alpha(0.8), 1.2).with_zorder(3.0));
            if let (Some(x), Some(y)) = (last_finite(x), last_finite(y)) {
                frame.dot(x, y, colour, DOT);
            }
            values.extend(x.iter().chain(y));
        }
        accuracy_square(frame, &values);
        let note = note(self.window, "means of");
        frame.labels(&format!("training accuracy (%){note}"), "validation accuracy (%)");
        frame.title(self.title);
    }

    fn words(&self) -> String {
        self.title.to_owned()
    }
}

/// The window in words, when there is one.
fn note(window: usize, words: &str) -> String {
    if window > 1 { format!("   [{words} {window} records]") } else { String::new() }
}

/// The same range on both axes, and the diagonal on which both accuracies are equal.
fn accuracy_square(frame: &mut Frame<'_>, values: &[f64]) -> Limits {
    let (low, high) = limits::percent(values, &[]);
    frame.limits((low, high), (low, high));
    frame.diagonal();
    (low, high)
}

/// A thin line from a point to a tick at `x[1]`, `reach` up and down.
fn whisker(frame: &mut Frame<'_>, index: usize, x: [f64; 2], y: f64, reach: f64) {
    let colour = style::colour(index);
    frame.line(line(&x, &[y, y], colour.with_alpha(0.5), HAIR));
    frame.line(line(&[x[1]; 2], &[y - reach, y + reach], colour, BOLD));
}
