//! Curves in panels: the figure most experiments need. One builds [`Panel`]s of [`Series`], gives them to
//! a [`Chart`] and draws it.

use super::curves::Drawing;
use super::legend::{Entry, Legend, Sample};
use super::page::{Page, Plot, refuse};
use super::panel::{Panel, Series};
use super::smooth::window_for;
use super::{Rendered, style};
use crate::output::Result;

/// The most curves of different colours in a figure.
pub const MAX_COLOURS: usize = style::COLOURS.len();

/// A figure of panels with curves and one legend.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chart {
    /// What stands on top; it can carry a note such as "synthetic data".
    pub title: String,
    /// The panels: one, two or three side by side, more in rows of two.
    pub panels: Vec<Panel>,
    /// What solid and dashed curves are.
    pub styles: Option<[String; 2]>,
}

impl Chart {
    /// A chart without panels as yet.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The same with another panel.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// The same with words for solid and dashed curves.
    pub fn styles(self, solid: impl Into<String>, dashed: impl Into<String>) -> Self {
        Self { styles: Some([solid.into(), dashed.into()]), ..self }
    }

    /// Draws it; the same chart gives the same bytes.
    ///
    /// # Errors
    /// Where there is no panel or a colour is not below [`MAX_COLOURS`].
    pub fn draw(&self) -> Result<Rendered> {
        let series = || self.panels.iter().flat_map(|panel| &panel.series);
        if let Some(one) = series().find(|s| s.colour >= MAX_COLOURS) {
            let reason =
                format!("colour {} of {:?}: expected 0 to {}", one.colour, one.label, MAX_COLOURS - 1);
            return Err(refuse(&self.title, reason));
        }
        let window = window_for(self.panels.iter().map(Panel::records).max().unwrap_or(0));
        let drawings: Vec<Drawing<'_>> = self.panels.iter().map(|panel| Drawing { panel, window }).collect();
        let plots = drawings.iter().map(|drawing| drawing as &dyn Plot).collect();
        Page::new(&self.title, self.legend(window), plots).draw()
    }

    /// The curves in order of appearance, then what line styles mean.
    fn legend(&self, window: usize) -> Legend {
        let series: Vec<&Series> = self.panels.iter().flat_map(|panel| &panel.series).collect();
        Legend::new(&[named(&series), styles(&series, self.styles.as_ref(), window)])
    }
}

/// An entry for each label; dashed where that tells it from the others.
fn named(series: &[&Series]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for one in series.iter().filter(|s| !s.label.is_empty()) {
        let same = |s: &&&Series| s.label == one.label && s.colour == one.colour;
        let colour = style::colour(one.colour);
        let only_dashed = series.iter().filter(same).all(|s| s.dashed);
        let sample = if only_dashed { Sample::Dashed(colour) } else { Sample::Solid(colour) };
        let entry = (sample, one.label.clone());
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries
}

/// Entries for line styles, averages and bands, where the figure has them.
pub(super) fn styles(series: &[&Series], names: Option<&[String; 2]>, window: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Some([solid, dashed]) = names {
        entries.push((Sample::Solid(style::ink()), solid.clone()));
        entries.push((Sample::Dashed(style::ink()), dashed.clone()));
    }
    if window > 1 {
        entries.push((Sample::Averaged, format!("mean of {window} records (pale: each)")));
    }
    if series.iter().any(|s| s.spread.is_some()) {
        entries.push((Sample::Band, "± 1 standard deviation over runs".to_owned()));
    }
    entries
}
