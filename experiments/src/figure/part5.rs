//! Part 5's figures: trainings of one network with different learning rates and schedules.

use super::Rendered;
use super::chart::Chart;
use super::panel::{Panel, Scale, Series};
use crate::output::Result;

/// One training, a value a record; accuracies are percent.
#[derive(Debug, Clone, Copy)]
pub struct Rate<'a> {
    /// The rate or schedule: "lr=0.1".
    pub label: &'a str,
    /// Training loss.
    pub loss: &'a [f64],
    /// Validation accuracy.
    pub val_acc: &'a [f64],
    /// The record after which validation accuracy stops rising, where it does.
    pub plateau: Option<f64>,
}

/// The caption the homework asks for.
pub fn part5_title(name: &str) -> String {
    format!("training of {name} with different learning rates")
}

/// Draws `training_losses` and `validation_accuracies`, with plateaus in the colours of their curves and
/// `switches` (record, words) of the rate in black.
///
/// # Errors
/// Where there are more trainings than colours.
pub fn part5(title: &str, rates: &[Rate<'_>], switches: &[(f64, &str)]) -> Result<Rendered> {
    let curves = |pick: fn(&Rate<'_>) -> Vec<f64>| {
        rates.iter().enumerate().map(move |(i, rate)| Series::new(rate.label, i, pick(rate)))
    };
    let mut losses = Panel::new("training_losses", "loss").series(curves(|r| r.loss.into()));
    let mut accuracies = Panel::new("validation_accuracies", "validation accuracy (%)")
        .scale(Scale::Percent)
        .series(curves(|r| r.val_acc.into()));
    for (i, rate) in rates.iter().enumerate() {
        if let Some(x) = rate.plateau {
            accuracies = accuracies.mark(x, format!("plateau of {}", rate.label), Some(i));
        }
    }
    for &(x, words) in switches {
        losses = losses.mark(x, words, None);
        accuracies = accuracies.mark(x, words, None);
    }
    Chart::new(title).panel(losses).panel(accuracies).draw()
}
