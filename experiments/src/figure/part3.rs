//! Part 3's figure: two panels of curves, and two squares that set one accuracy against another.

use std::path::{Path, PathBuf};

use super::chart::styles;
use super::curves::Drawing;
use super::legend::{Entry, Legend, Sample};
use super::page::{Page, refuse};
use super::panel::{Panel, Scale, Series};
use super::smooth::window_for;
use super::squares::{Paths, TestAgainstTraining};
use super::{Rendered, style};
use crate::output::Result;

/// Titles of part 3's panels, row by row.
pub const PANELS: [&str; 4] = [
    "training_loss",
    "train_and_val_accuracies",
    "test_vs_training_accuracy",
    "validation_vs_training_accuracy",
];

/// The most networks a figure shows: the homework names five colours.
pub const MAX_NETWORKS: usize = 5;

/// One network's curves, a value a record; accuracies are percent.
#[derive(Debug, Clone, Copy)]
pub struct Curves<'a> {
    /// The network's name, as the legend shows it.
    pub name: &'a str,
    /// Training loss.
    pub loss: &'a [f64],
    /// Training accuracy.
    pub train_acc: &'a [f64],
    /// Validation accuracy.
    pub val_acc: &'a [f64],
    /// Test accuracy after training; NaN when it is not known.
    pub test_acc: f64,
    /// Standard deviation over the runs of each curve, drawn as bands; none for a single run.
    pub spread: Option<Spread<'a>>,
}

/// Standard deviations over runs, a value a record.
#[derive(Debug, Clone, Copy)]
pub struct Spread<'a> {
    /// Of the training loss.
    pub loss: &'a [f64],
    /// Of the training accuracy.
    pub train_acc: &'a [f64],
    /// Of the validation accuracy.
    pub val_acc: &'a [f64],
}

impl Curves<'_> {
    fn records(&self) -> usize {
        let lengths = [self.loss, self.train_acc, self.val_acc].map(<[f64]>::len);
        lengths.into_iter().max().unwrap_or(0)
    }
}

/// Writes part 3's 2x2 figure to `stem.png` and `stem.svg`; returns both paths.
///
/// `title` stands on top and can carry a note such as "synthetic data".
///
/// # Errors
/// As [`render_part3`], or where a file cannot be written.
pub fn part3(curves: &[Curves<'_>], title: &str, stem: &Path) -> Result<Vec<PathBuf>> {
    render_part3(curves, title)?.write(stem)
}

/// Draws part 3's 2x2 figure of one to [`MAX_NETWORKS`] networks.
///
/// Curves may have different lengths, one record or none; non-finite values leave a gap.
///
/// # Errors
/// Where there are fewer or more networks.
pub fn render_part3(curves: &[Curves<'_>], title: &str) -> Result<Rendered> {
    if curves.is_empty() || curves.len() > MAX_NETWORKS {
        return Err(refuse(title, format!("expected 1 to {MAX_NETWORKS} networks, got {}", curves.len())));
    }
    let window = window_for(curves.iter().map(Curves::records).max().unwrap_or(0));
    let (loss, accuracies) = (training_loss(curves), train_and_val_accuracies(curves));
    let shown: Vec<&Series> = loss.series.iter().chain(&accuracies.series).collect();
    let legend = Legend::new(&[
        networks(curves),
        styles(&shown, Some(&["training", "validation"].map(String::from)), window),
    ]);
    let (loss, accuracies) = (Drawing { panel: &loss, window }, Drawing { panel: &accuracies, window });
    let test = TestAgainstTraining { title: PANELS[2], curves, window };
    let validation = Paths { title: PANELS[3], curves, window };
    Page::new(title, legend, vec![&loss, &accuracies, &test, &validation]).draw()
}

fn networks(curves: &[Curves<'_>]) -> Vec<Entry> {
    let numbered = curves.iter().enumerate();
    numbered.map(|(i, c)| (Sample::Dotted(style::colour(i)), c.name.to_owned())).collect()
}

/// One line a network.
fn training_loss(curves: &[Curves<'_>]) -> Panel {
    let lines = curves.iter().enumerate().map(|(i, c)| series(c.name, i, c.loss, c.spread.map(|s| s.loss)));
    Panel::new(PANELS[0], "loss").series(lines)
}

/// Training solid, validation dashed.
fn train_and_val_accuracies(curves: &[Curves<'_>]) -> Panel {
    let lines = curves.iter().enumerate().flat_map(|(i, c)| {
        let training = series(c.name, i, c.train_acc, c.spread.map(|s| s.train_acc));
        let validation = series(c.name, i, c.val_acc, c.spread.map(|s| s.val_acc));
        [training, validation.dashed()]
    });
    Panel::new(PANELS[1], "accuracy (%)").scale(Scale::Percent).series(lines)
}

fn series(name: &str, colour: usize, values: &[f64], spread: Option<&[f64]>) -> Series {
    let series = Series::new(name, colour, values);
    match spread {
        Some(spread) => series.spread(spread),
        None => series,
    }
}
