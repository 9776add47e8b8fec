//! Bars in groups: precision, recall and F1 of each class.

use rizzma::core::color::Rgba;
use rizzma::{HorizontalAlignment as H, VerticalAlignment as V};

use super::Rendered;
use super::frame::{Anchor, Frame, text_width};
use super::legend::{Legend, Sample};
use super::page::{Margins, Page, Plot, refuse};
use super::style::{self, SMALL};
use crate::output::Result;

/// Share of a group's width that its bars fill.
const FILLED: f64 = 0.8;
/// Bars narrower than this, in inches, have no number above them.
const NUMBERED: f64 = 0.24;
/// Tilt of the groups' names, in degrees.
const TILT: f64 = 25.0;

/// Groups of bars of values from 0 to a known greatest one.
#[derive(Debug, Clone, Copy)]
pub struct Bars<'a> {
    /// What stands above the panel.
    pub title: &'a str,
    /// The y axis.
    pub y_label: &'a str,
    /// One name a group: the classes.
    pub groups: &'a [&'a str],
    /// Label and one value a group, for each bar of a group.
    pub series: &'a [(&'a str, &'a [f64])],
    /// The greatest possible value: 1 or 100.
    pub full: f64,
}

/// Draws groups of bars.
///
/// # Errors
/// Where there is no group, or a series has not one finite value for each.
pub fn bars(title: &str, bars: &Bars<'_>) -> Result<Rendered> {
    let groups = bars.groups.len();
    if groups == 0 || bars.series.is_empty() {
        return Err(refuse(title, "expected a group of bars or more".to_owned()));
    }
    for (label, values) in bars.series {
        if values.len() != groups || values.iter().any(|v| !v.is_finite()) {
            let reason = format!(
                "{label}: {} values for {groups} groups, expected one finite number for each",
                values.len()
            );
            return Err(refuse(title, reason));
        }
    }
    let entry = |(i, (label, _)): (usize, &(&str, &[f64]))| (Sample::Filled(fill(i)), (*label).to_owned());
    // A single series is told by the y axis.
    let several = bars.series.len() > 1;
    let entries: Vec<_> = bars.series.iter().enumerate().filter(|_| several).map(entry).collect();
    let page = Page::new(title, Legend::new(&[entries]), vec![bars as &dyn Plot]);
    Page { cell: [10.0, 4.4], ..page }.draw()
}

/// The colour of series `i`.
fn fill(i: usize) -> Rgba {
    style::colour(i).with_alpha(0.75)
}

impl Plot for Bars<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let groups = self.groups.len() as f64;
        frame.limits((0.0, groups), (0.0, self.full * 1.08));
        let width = FILLED / self.series.len() as f64;
        let inches = width * frame.inches()[0] / groups;
        for (i, (_, values)) in self.series.iter().enumerate() {
            for (group, &value) in values.iter().enumerate() {
                let from = group as f64 + (1.0 - FILLED) / 2.0 + i as f64 * width;
                frame.rectangle([from, 0.0], [from + width * 0.92, value], fill(i), None);
                if inches >= NUMBERED {
                    let words = if self.full > 1.5 { format!("{value:.0}") } else { format!("{value:.2}") };
                    let at = [from + width * 0.46, value + self.full * 0.01];
                    frame.sized_text(at, &words, Anchor(H::Center, V::Bottom), style::ink(), 8.0);
                }
            }
        }
        let middles: Vec<f64> = (0..self.groups.len()).map(|i| i as f64 + 0.5).collect();
        frame.x_ticks(&middles, &vec![String::new(); middles.len()]);
        for (x, name) in middles.iter().zip(self.groups) {
            let below = -self.full * 1.08 * 0.1 / frame.inches()[1];
            let right = x + 0.14 * groups / frame.inches()[0];
            frame.tilted_text([right, below], name, Anchor(H::Right, V::Top), TILT);
        }
        frame.labels("", self.y_label);
        frame.title(self.title);
    }

    fn words(&self) -> String {
        format!("{} ({} of {})", self.title, self.y_label, self.groups.join(", "))
    }

    fn margins(&self) -> Margins {
        let widest = self.groups.iter().map(|name| text_width(name, SMALL)).fold(0.0, f64::max);
        Margins { bottom: widest * TILT.to_radians().sin() + 0.4, ..Margins::default() }
    }
}
