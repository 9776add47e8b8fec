//! A page: a title, a legend on top, panels in a grid below. Everything is measured in inches.

use rizzma::{Figure, HorizontalAlignment, VerticalAlignment};

use super::frame::{Frame, fitting_size};
use super::legend::Legend;
use super::{Rendered, style, svg};
use crate::output::{Error, Result};

/// Height of the title's strip.
const TITLE: f64 = 0.34;
/// Type size of the title.
const TITLE_SIZE: f64 = 13.0;
/// Width of a page whose panels need less.
const MIN_WIDTH: f64 = 6.4;

/// Room around a panel's axes for ticks, labels and title, in inches.
#[derive(Clone, Copy)]
pub(super) struct Margins {
    pub left: f64,
    pub right: f64,
    pub bottom: f64,
    pub top: f64,
}

impl Default for Margins {
    fn default() -> Self {
        Self { left: 0.66, right: 0.14, bottom: 0.5, top: 0.32 }
    }
}

/// What can stand in a panel.
pub(super) trait Plot {
    /// Draws axes, data and title.
    fn draw(&self, frame: &mut Frame<'_>);

    /// Title, labels and other words, for the SVG's description.
    fn words(&self) -> String;

    /// Room around the axes.
    fn margins(&self) -> Margins {
        Margins::default()
    }

    /// Height of the axes over their width, where that is not free.
    fn aspect(&self) -> Option<f64> {
        None
    }
}

/// What a page shows.
pub(super) struct Page<'a> {
    pub title: &'a str,
    pub legend: Legend,
    /// Row by row.
    pub plots: Vec<&'a dyn Plot>,
    pub columns: usize,
    /// Width and height of a panel with its margins.
    pub cell: [f64; 2],
}

impl<'a> Page<'a> {
    /// One panel, two or three side by side, rows of two up to four, rows of three beyond.
    pub(super) fn new(title: &'a str, legend: Legend, plots: Vec<&'a dyn Plot>) -> Self {
        let square = plots.iter().all(|plot| plot.aspect().is_some());
        let (columns, cell) = match plots.len() {
            0 | 1 if square => (1, [6.4, 6.2]),
            0 | 1 => (1, [7.2, 4.4]),
            2 if square => (2, [5.0, 5.0]),
            2 => (2, [5.0, 3.9]),
            3 => (3, [4.0, if square { 4.0 } else { 3.5 }]),
            4 => (2, [5.0, 3.3]),
            _ => (3, [4.0, 3.2]),
        };
        Self { title, legend, plots, columns, cell }
    }

    /// Draws the page.
    ///
    /// # Errors
    /// Where there is no panel, or the picture cannot be encoded.
    pub(super) fn draw(&self) -> Result<Rendered> {
        if self.plots.is_empty() {
            return Err(refuse(self.title, "there is nothing to draw, expected a panel or more".to_owned()));
        }
        let rows = self.plots.len().div_ceil(self.columns);
        let width = (self.columns as f64 * self.cell[0]).max(MIN_WIDTH);
        let head = TITLE + self.legend.height();
        let height = head + rows as f64 * self.cell[1];
        let mut figure = Figure::new(width, height).with_dpi(style::DPI).with_rcparams(style::settings());
        self.draw_title(&mut figure, [width, height]);
        self.legend.draw(&mut figure, [width, height], height - TITLE);
        for (i, plot) in self.plots.iter().enumerate() {
            let column = (i % self.columns) as f64;
            let corner =
                [column * width / self.columns as f64, head + (i / self.columns) as f64 * self.cell[1]];
            let cell = [width / self.columns as f64, self.cell[1]];
            let rect = axes_in(*plot, corner, cell, height);
            let shares = [rect[0] / width, rect[1] / height, rect[2] / width, rect[3] / height];
            plot.draw(&mut Frame::new(&mut figure, shares, [width, height]));
        }
        self.encode(&figure)
    }

    fn draw_title(&self, figure: &mut Figure, paper: [f64; 2]) {
        figure
            .text(0.5, 1.0 - 0.17 / paper[1], self.title)
            .set_size(fitting_size(self.title, TITLE_SIZE, paper[0] * 0.96))
            .set_ha(HorizontalAlignment::Center)
            .set_va(VerticalAlignment::Center);
    }

    fn encode(&self, figure: &Figure) -> Result<Rendered> {
        let png = figure.encode_png().map_err(|e| refuse(self.title, e.to_string()))?;
        let panels: Vec<String> = self.plots.iter().map(|plot| plot.words()).collect();
        let description = format!("Panels: {}. Legend: {}.", panels.join("; "), self.legend.words());
        let svg = svg::finish(&figure.to_svg(), self.title, &description);
        Ok(Rendered { png, svg })
    }
}

/// Left, bottom, width and height of the axes in a cell whose upper left `corner` is measured from the top.
fn axes_in(plot: &dyn Plot, corner: [f64; 2], cell: [f64; 2], height: f64) -> [f64; 4] {
    let margins = plot.margins();
    let room = [cell[0] - margins.left - margins.right, cell[1] - margins.top - margins.bottom];
    let [w, h] = match plot.aspect() {
        Some(aspect) if room[1] > room[0] * aspect => [room[0], room[0] * aspect],
        Some(aspect) => [room[1] / aspect, room[1]],
        None => room,
    };
    let left = corner[0] + margins.left + (room[0] - w) / 2.0;
    let bottom = height - corner[1] - margins.top - h;
    [left, bottom, w, h]
}

/// The error of a figure that cannot be drawn.
pub(super) fn refuse(title: &str, reason: String) -> Error {
    Error::Picture { what: format!("figure \"{title}\""), reason }
}
