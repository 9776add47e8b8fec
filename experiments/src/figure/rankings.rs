//! ROC and precision-recall curves of classes against the rest, and calibration plots.

use super::Rendered;
use super::chart::{Chart, MAX_COLOURS};
use super::page::refuse;
use super::panel::{Panel, Series};
use crate::metrics::{Calibration, Curve};
use crate::output::Result;

/// Points that are drawn of a curve; more cannot be told apart.
const DRAWN: usize = 400;
/// Ends of axes from 0 to 1, with room for the lines.
const UNIT: Option<(f64, f64)> = Some((-0.02, 1.02));

/// Both curves of one class.
#[derive(Debug, Clone, Copy)]
pub struct Ranking<'a> {
    /// The class.
    pub name: &'a str,
    /// Its ROC curve.
    pub roc: &'a Curve,
    /// Its precision-recall curve.
    pub precision_recall: &'a Curve,
}

/// Draws ROC and precision-recall curves side by side, one colour a class, areas in the legend.
///
/// # Errors
/// Where there are more classes than [`MAX_COLOURS`], or none.
pub fn rankings(title: &str, classes: &[Ranking<'_>]) -> Result<Rendered> {
    if classes.is_empty() || classes.len() > MAX_COLOURS {
        return Err(refuse(title, format!("expected 1 to {MAX_COLOURS} classes, got {}", classes.len())));
    }
    let curves = |pick: fn(&Ranking<'_>) -> Curve| {
        classes.iter().enumerate().map(move |(i, class)| {
            let label =
                format!("{}: AUC {:.3}, AP {:.3}", class.name, class.roc.area, class.precision_recall.area);
            let (x, y): (Vec<f64>, Vec<f64>) = pick(class).points.iter().map(|[x, y]| (*x, *y)).unzip();
            Series { thin: true, ..Series::new(label, i, y).at(x) }
        })
    };
    let unit = |panel: Panel| Panel { x_limits: UNIT, y_limits: UNIT, square: true, ..panel };
    let roc = Panel::new("ROC, one class against the rest", "true positive rate").over("false positive rate");
    let pr = Panel::new("precision and recall, one class against the rest", "precision").over("recall");
    Chart::new(title)
        .panel(Panel { diagonal: true, ..unit(roc.series(curves(|c| c.roc.thinned(DRAWN)))) })
        .panel(unit(pr.series(curves(|c| c.precision_recall.thinned(DRAWN)))))
        .draw()
}

/// Draws how often predictions come true against their probability, and how many there are of each; the
/// expected calibration error (ECE) of each network is in the legend.
///
/// # Errors
/// Where there are more networks than [`MAX_COLOURS`].
pub fn calibrations(title: &str, networks: &[(&str, &Calibration)]) -> Result<Rendered> {
    let curves = |pick: fn(&Calibration) -> Vec<[f64; 2]>| {
        networks.iter().enumerate().map(move |(i, (name, calibration))| {
            let (x, y): (Vec<f64>, Vec<f64>) = pick(calibration).into_iter().map(|[x, y]| (x, y)).unzip();
            Series::new(format!("{name}: ECE {:.3}", calibration.error), i, y).at(x)
        })
    };
    let observed = |c: &Calibration| {
        let filled = c.bins.iter().filter(|bin| bin.count > 0);
        filled.map(|bin| [bin.predicted, bin.observed]).collect()
    };
    let counts =
        |c: &Calibration| c.bins.iter().map(|bin| [(bin.from + bin.to) / 2.0, bin.count as f64]).collect();
    let most = networks.iter().flat_map(|(_, c)| c.bins.iter().map(|bin| bin.count)).max().unwrap_or(0).max(1)
        as f64;
    let reliability =
        Panel::new("calibration (diagonal: perfect)", "share that came true").over("predicted probability");
    let spread = Panel::new("predictions in each interval", "count").over("predicted probability");
    Chart::new(title)
        .panel(Panel {
            x_limits: UNIT,
            y_limits: UNIT,
            square: true,
            diagonal: true,
            ..reliability.series(curves(observed))
        })
        .panel(Panel {
            x_limits: UNIT,
            y_limits: Some((-0.02 * most, 1.05 * most)),
            square: true,
            ..spread.series(curves(counts))
        })
        .draw()
}
