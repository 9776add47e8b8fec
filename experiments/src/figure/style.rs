//! Colours, sizes and line styles of every figure.

use rizzma::core::color::Rgba;
use rizzma::{Figure, RcParams};

/// The homework's colours, in the order of the networks.
pub(super) const COLOURS: [&str; 5] = ["#0000ff", "#ff0000", "#d2691e", "#ff00ff", "#00ff00"];

/// Pixels an inch. Axis labels cannot be resized one by one, so all type grows with it.
pub(super) const DPI: f64 = 160.0;
/// Width in inches.
pub(super) const WIDTH: f64 = 10.0;
/// Height in inches.
pub(super) const HEIGHT: f64 = 7.5;

/// Width of an averaged line, in points.
pub(super) const BOLD: f64 = 1.8;
/// Width of a raw line, in points.
pub(super) const THIN: f64 = 0.5;
/// Diameter of a point, in points.
pub(super) const DOT: f64 = 8.0;
/// Dashes of validation curves: offset, then on and off in points.
pub(super) const DASHES: (f64, [f64; 2]) = (0.0, [4.0, 2.0]);

/// The colour of network number `index`.
pub(super) fn colour(index: usize) -> Rgba {
    hex(COLOURS[index % COLOURS.len()])
}

/// The colour of what belongs to no network.
pub(super) fn ink() -> Rgba {
    hex("#333333")
}

/// The colour of helping lines and frames.
pub(super) fn faint() -> Rgba {
    hex("#b0b0b0")
}

/// `colour` for raw records: the more networks share a panel, the paler.
pub(super) fn pale(colour: Rgba, networks: usize) -> Rgba {
    colour.with_alpha(if networks > 1 { 0.13 } else { 0.3 })
}

fn hex(code: &str) -> Rgba {
    Rgba::from_hex(code).unwrap_or(Rgba::BLACK)
}

/// An empty figure in this style.
pub(super) fn figure() -> Figure {
    let rc = RcParams {
        axes_titlesize: 12.0,
        xtick_labelsize: 9.0,
        ytick_labelsize: 9.0,
        axes_grid: true,
        grid_color: hex("#e4e4e4"),
        grid_linewidth: 0.6,
        axes_edgecolor: hex("#555555"),
        ..RcParams::default()
    };
    Figure::new(WIDTH, HEIGHT).with_dpi(DPI).with_rcparams(rc)
}
