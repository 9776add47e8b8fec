//! Figures of the homework, as PNG and SVG: the one place that names the plotting crate.
//!
//! Curves over records, of whatever experiment, are a [`Chart`]. Every figure is a page of panels
//! (`page.rs`), a panel is drawn into a frame (`frame.rs`), and all come out as [`Rendered`].
//!
//! Fonts come with the crate and nothing reads the clock, so the same numbers give the same bytes on
//! every machine. Text in the SVG is drawn as outlines; its words stand in `<title>` and `<desc>`.

mod bars;
mod chart;
mod confusion;
mod contour;
mod curves;
mod decision;
mod frame;
mod function;
mod histogram;
mod legend;
mod limits;
mod page;
mod panel;
mod part3;
mod part4;
mod part5;
mod rankings;
mod scatter;
mod smooth;
mod squares;
mod style;
mod svg;
mod ticks;
mod words;

use std::path::{Path, PathBuf};

pub use bars::{Bars, bars};
pub use chart::{Chart, MAX_COLOURS};
pub use confusion::confusion;
pub use decision::{Decision, decision};
pub use function::{Function, functions};
pub use histogram::{Histogram, histograms};
pub use panel::{Level, Mark, Panel, Scale, Series};
pub use part3::{Curves, MAX_NETWORKS, PANELS, Spread, part3, render_part3};
pub use part4::{Activations, Depth, depth, layer_norms, part4};
pub use part5::{Rate, part5, part5_title};
pub use rankings::{Ranking, calibrations, rankings};
pub use scatter::{Point, scatter};
pub(crate) use smooth::{moving_average, window_for};
pub use words::words;

use crate::output::{self, Result};

/// A figure in both its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// An encoded PNG.
    pub png: Vec<u8>,
    /// An SVG document.
    pub svg: String,
}

impl Rendered {
    /// Writes `stem.png` and `stem.svg`; returns both paths.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write(&self, stem: &Path) -> Result<Vec<PathBuf>> {
        let [png, svg] = ["png", "svg"].map(|extension| output::with_extension(stem, extension));
        output::write_bytes(&png, &self.png)?;
        output::write_bytes(&svg, self.svg.as_bytes())?;
        Ok(vec![png, svg])
    }
}
