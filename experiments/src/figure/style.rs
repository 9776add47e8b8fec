//! Colours, sizes and line styles of every figure.

use rizzma::RcParams;
use rizzma::core::color::Rgba;
use rizzma::core::rcparams::AxisBelow;

/// The homework's five colours in the order of the networks, then five more for layers and classes.
pub(super) const COLOURS: [&str; 10] = [
    "#0000ff", "#ff0000", "#d2691e", "#ff00ff", "#00ff00", "#008b8b", "#000000", "#e0b000", "#8c8c8c",
    "#006400",
];

/// Pixels an inch. Axis labels cannot be resized one by one, so all type grows with it.
pub(super) const DPI: f64 = 160.0;

/// Type size of words inside a panel, in pixels at 100 an inch, as all type sizes.
pub(super) const SMALL: f64 = 9.0;
/// Type size of a panel's title.
pub(super) const HEADING: f64 = 12.0;

/// Width of an averaged line, in points.
pub(super) const BOLD: f64 = 1.8;
/// Width of one of many exact lines, in points.
pub(super) const FINE: f64 = 1.2;
/// Width of a raw line, in points.
pub(super) const THIN: f64 = 0.5;
/// Width of helping lines, in points.
pub(super) const HAIR: f64 = 0.8;
/// Diameter of a point, in points.
pub(super) const DOT: f64 = 8.0;
/// Dashes of the second of two kinds of curves: on and off in points.
pub(super) const DASHES: [f64; 2] = [4.0, 2.0];
/// Dots of helping lines.
pub(super) const DOTS: [f64; 2] = [1.0, 2.0];

/// The colour of network, layer or class number `index`.
pub(super) fn colour(index: usize) -> Rgba {
    hex(COLOURS[index % COLOURS.len()])
}

/// The colour of what belongs to no network.
pub(super) fn ink() -> Rgba {
    hex("#333333")
}

/// The colour of helping lines.
pub(super) fn faint() -> Rgba {
    hex("#b0b0b0")
}

/// `colour` for raw records: the more curves share a panel, the paler.
pub(super) fn pale(colour: Rgba, curves: usize) -> Rgba {
    colour.with_alpha(if curves > 1 { 0.13 } else { 0.3 })
}

/// `colour` for a band: where more than a few share a panel, they must shine through each other.
pub(super) fn band(colour: Rgba, curves: usize) -> Rgba {
    colour.with_alpha(if curves > 3 { 0.1 } else { 0.18 })
}

/// A colour from its hexadecimal code.
pub(super) fn hex(code: &str) -> Rgba {
    Rgba::from_hex(code).unwrap_or(Rgba::BLACK)
}

/// What the plotting crate shall do differently from its defaults.
pub(super) fn settings() -> RcParams {
    RcParams {
        axes_titlesize: HEADING,
        xtick_labelsize: SMALL,
        ytick_labelsize: SMALL,
        axes_grid: true,
        axes_axisbelow: AxisBelow::Below,
        grid_color: hex("#e4e4e4"),
        grid_linewidth: 0.6,
        axes_edgecolor: hex("#555555"),
        ..RcParams::default()
    }
}
