//! Activations and their derivatives over [-5, 5].

use super::Rendered;
use super::chart::Chart;
use super::panel::{Panel, Series};
use crate::output::Result;

/// The curves run from `-REACH` to `REACH`.
const REACH: f64 = 5.0;
/// Points of a curve.
const POINTS: u32 = 1001;

/// A function with its derivative.
#[derive(Clone, Copy)]
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// f(x).
    pub value: &'a dyn Fn(f64) -> f64,
    /// f'(x).
    pub slope: &'a dyn Fn(f64) -> f64,
}

/// Draws each function with its derivative, side by side over [-5, 5].
///
/// # Errors
/// Where there is no function.
pub fn functions(title: &str, functions: &[Function<'_>]) -> Result<Rendered> {
    let x: Vec<f64> =
        (0..POINTS).map(|i| REACH * (2.0 * f64::from(i) / f64::from(POINTS - 1) - 1.0)).collect();
    let curve = |label: &str, colour: usize, f: &dyn Fn(f64) -> f64| {
        Series::new(label, colour, x.iter().map(|&x| f(x)).collect::<Vec<f64>>()).at(x.clone())
    };
    let panels = functions.iter().map(|function| Panel {
        x_limits: Some((-REACH, REACH)),
        ..Panel::new(function.name, "")
            .over("x")
            .series([curve("f(x)", 0, function.value), curve("f'(x)", 1, function.slope).dashed()])
    });
    Chart { panels: panels.collect(), ..Chart::new(title) }.draw()
}
