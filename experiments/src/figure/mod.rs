//! Figures of the homework, as PNG and SVG: the one place that names the plotting crate.
//!
//! Fonts come with the crate and nothing reads the clock, so the same numbers give the same bytes on
//! every machine. Text in the SVG is drawn as outlines; its words stand in `<title>` and `<desc>`.

mod legend;
mod limits;
mod panels;
mod smooth;
mod style;
mod svg;

use std::path::{Path, PathBuf};

use rizzma::{Figure, HorizontalAlignment, VerticalAlignment};

use crate::output::{self, Error, Result};
use legend::Legend;
use panels::Part3;

/// Width and height of every PNG in pixels.
pub const SIZE: [u32; 2] = [(style::WIDTH * style::DPI) as u32, (style::HEIGHT * style::DPI) as u32];

/// Titles of part 3's panels, row by row.
pub const PANELS: [&str; 4] = [
    "training_loss",
    "train_and_val_accuracies",
    "test_vs_training_accuracy",
    "validation_vs_training_accuracy",
];

/// The most networks a figure has colours for.
pub const MAX_NETWORKS: usize = style::COLOURS.len();

const LEFT: f64 = 0.066;
const RIGHT: f64 = 0.985;
const BOTTOM: f64 = 0.068;
const TITLE: f64 = 0.978;

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
}

impl Curves<'_> {
    fn records(&self) -> usize {
        let lengths = [self.loss, self.train_acc, self.val_acc].map(<[f64]>::len);
        lengths.into_iter().max().unwrap_or(0)
    }
}

/// A figure in both its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// An encoded PNG of [`SIZE`].
    pub png: Vec<u8>,
    /// An SVG document.
    pub svg: String,
}

/// Writes part 3's 2x2 figure to `stem.png` and `stem.svg`; returns both paths.
///
/// `title` stands on top and can carry a note such as "synthetic data".
pub fn part3(curves: &[Curves<'_>], title: &str, stem: &Path) -> Result<Vec<PathBuf>> {
    let rendered = render_part3(curves, title)?;
    let file = |extension: &str| {
        let mut path = stem.as_os_str().to_owned();
        path.push(extension);
        PathBuf::from(path)
    };
    let (png, svg) = (file(".png"), file(".svg"));
    output::write_bytes(&png, &rendered.png)?;
    output::write_bytes(&svg, rendered.svg.as_bytes())?;
    Ok(vec![png, svg])
}

/// Draws part 3's 2x2 figure of one to [`MAX_NETWORKS`] networks.
///
/// Curves may have different lengths, one record or none; non-finite values leave a gap.
pub fn render_part3(curves: &[Curves<'_>], title: &str) -> Result<Rendered> {
    if curves.is_empty() || curves.len() > MAX_NETWORKS {
        let count = curves.len();
        let reason = format!("expected 1 to {MAX_NETWORKS} networks, got {count}");
        let what = "part 3 figure".to_owned();
        return Err(Error::Picture { what, reason });
    }
    let longest = curves.iter().map(Curves::records).max().unwrap_or(0);
    let window = smooth::window_for(longest);
    let names: Vec<&str> = curves.iter().map(|c| c.name).collect();
    let legend = Legend::part3(&names, window);
    let mut figure = style::figure();
    let top = draw_title(&mut figure, title);
    legend.draw(&mut figure, LEFT, RIGHT - LEFT, top);
    draw_panels(&mut figure, &Part3 { curves, window }, top - legend.height());
    let description = format!("Panels: {}. Networks: {}.", PANELS.join(", "), names.join(", "));
    encode(&figure, title, &description)
}

/// Returns where the legend may begin.
fn draw_title(figure: &mut Figure, title: &str) -> f64 {
    let size = legend::fitting_size(title, 13.0, 0.95);
    figure
        .text(0.5, TITLE, title)
        .set_size(size)
        .set_ha(HorizontalAlignment::Center)
        .set_va(VerticalAlignment::Center);
    TITLE - 0.023
}

fn draw_panels(figure: &mut Figure, part3: &Part3<'_>, top: f64) {
    let (gap_x, gap_y, title) = (0.072, 0.105, 0.042);
    let width = (RIGHT - LEFT - gap_x) / 2.0;
    let height = (top - title - BOTTOM - gap_y) / 2.0;
    let (second, upper) = (LEFT + width + gap_x, BOTTOM + height + gap_y);
    part3.training_loss(figure.add_axes(LEFT, upper, width, height));
    part3.accuracies(figure.add_axes(second, upper, width, height));
    part3.test_vs_training(figure.add_axes(LEFT, BOTTOM, width, height));
    part3.validation_vs_training(figure.add_axes(second, BOTTOM, width, height));
}

fn encode(figure: &Figure, title: &str, description: &str) -> Result<Rendered> {
    let png =
        figure.encode_png().map_err(|e| Error::Picture { what: title.to_owned(), reason: e.to_string() })?;
    let svg = svg::finish(&figure.to_svg(), title, description);
    Ok(Rendered { png, svg })
}
