//! Decision boundaries in the plane.

use rizzma::artist::Line2D;
use rizzma::core::color::ListedColormap;

use super::contour::{Field, segments};
use super::frame::Frame;
use super::legend::{Legend, Sample};
use super::page::{Page, Plot, refuse};
use super::{Rendered, style};
use crate::output::Result;

/// Output at which the decision turns.
const BOUNDARY: f64 = 0.5;
/// Fill where the output is at most 0.5, and above it: light coral and light blue.
const FILLS: [&str; 2] = ["#f08080", "#add8e6"];
/// Points of label 0 and 1.
const POINTS: [&str; 2] = ["#a00000", "#0000ff"];

/// A network's outputs on a grid, and the points it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// What stands above.
    pub title: &'a str,
    /// The lower left point of the grid.
    pub origin: [f64; 2],
    /// Distance of neighbouring grid points.
    pub step: f64,
    /// Grid points a row.
    pub columns: usize,
    /// The output at each grid point, row by row from below; clipped to [0, 1] here.
    pub outputs: &'a [f64],
    /// The points.
    pub points: &'a [[f64; 2]],
    /// Their labels, 0 or 1.
    pub labels: &'a [u8],
}

/// Draws decision boundaries side by side: the plane filled by the side of 0.5 (above: class 1), the
/// boundary in black, points coloured by label.
///
/// # Errors
/// Where there is none, a grid is no rectangle of 2x2 points or more, or a point has no label.
pub fn decision(title: &str, decisions: &[Decision<'_>]) -> Result<Rendered> {
    for one in decisions {
        one.check().map_err(|reason| refuse(title, reason))?;
    }
    let legend = Legend::new(&[
        vec![
            (Sample::Filled(style::hex(FILLS[0])), "output up to 0.5: class 0".to_owned()),
            (Sample::Filled(style::hex(FILLS[1])), "output above 0.5: class 1".to_owned()),
            (Sample::Solid(style::hex("#000000")), "output 0.5".to_owned()),
        ],
        vec![
            (Sample::Point(style::hex(POINTS[0])), "label 0".to_owned()),
            (Sample::Point(style::hex(POINTS[1])), "label 1".to_owned()),
        ],
    ]);
    let page = Page::new(title, legend, decisions.iter().map(|one| one as &dyn Plot).collect());
    // Square panels in rows of two would leave half the page empty.
    let page = if decisions.len() > 3 { Page { columns: 3, cell: [3.6, 3.5], ..page } } else { page };
    page.draw()
}

impl Decision<'_> {
    fn rows(&self) -> usize {
        self.outputs.len().checked_div(self.columns).unwrap_or(0)
    }

    fn check(&self) -> std::result::Result<(), String> {
        let (columns, count) = (self.columns, self.outputs.len());
        if columns < 2 || self.rows() < 2 || !count.is_multiple_of(columns) {
            return Err(format!(
                "{count} outputs in rows of {columns}: expected whole rows, 2x2 points or more"
            ));
        }
        if self.points.len() != self.labels.len() {
            return Err(format!("{} points with {} labels", self.points.len(), self.labels.len()));
        }
        match self.labels.iter().find(|&&label| label > 1) {
            Some(label) => Err(format!("label {label}, expected 0 or 1")),
            None => Ok(()),
        }
    }

    /// A point in units of the grid, in the plane.
    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.origin[0] + x * self.step, self.origin[1] + y * self.step]
    }
}

impl Plot for Decision<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let (rows, columns) = (self.rows(), self.columns);
        let [left, low] = self.place([-0.5; 2]);
        let [right, high] = self.place([columns as f64 - 0.5, rows as f64 - 0.5]);
        frame.limits((left, right), (low, high));
        let outputs: Vec<f64> = self.outputs.iter().map(|v| v.clamp(0.0, 1.0)).collect();
        // Pictures have their first row on top.
        let sides: Vec<f64> = outputs.chunks_exact(columns).rev().flatten().map(|&v| side(v)).collect();
        frame
            .ax()
            .imshow(&sides, rows, columns)
            .cmap(ListedColormap::from_colors(&FILLS.map(style::hex)))
            .vmin(0.0)
            .vmax(1.0)
            .set_extent([left, right, low, high]);
        frame.ax().grid(false);
        frame.line(self.boundary(&outputs));
        for label in 0..2_u8 {
            self.draw_points(frame, label);
        }
        frame.labels("x₁", "x₂");
        frame.title(self.title);
    }

    fn words(&self) -> String {
        self.title.to_owned()
    }

    fn aspect(&self) -> Option<f64> {
        Some(self.rows() as f64 / self.columns as f64)
    }
}

impl Decision<'_> {
    /// All segments as one line with gaps.
    fn boundary(&self, outputs: &[f64]) -> Line2D {
        let found = segments(&Field { values: outputs, columns: self.columns }, BOUNDARY);
        let ends = found.iter().flat_map(|&[a, b]| [self.place(a), self.place(b), [f64::NAN; 2]]);
        let (x, y) = ends.map(|[x, y]| (x, y)).unzip();
        Line2D::new(x, y).with_linewidth(1.2).with_zorder(3.0)
    }

    fn draw_points(&self, frame: &mut Frame<'_>, label: u8) {
        let of_label = self.points.iter().zip(self.labels).filter(|&(_, &l)| l == label);
        let (x, y): (Vec<f64>, Vec<f64>) = of_label.map(|(&[x, y], _)| (x, y)).unzip();
        frame
            .ax()
            .scatter(&x, &y)
            .set_sizes(vec![5.0])
            .set_facecolors(vec![style::hex(POINTS[usize::from(label)])])
            .set_edgecolors(vec![rizzma::core::color::Rgba::WHITE])
            .set_zorder(4.0);
    }
}

/// 0 or 1 by the side of the boundary; NaN has none and stays white.
fn side(output: f64) -> f64 {
    if output.is_nan() { output } else { f64::from(u8::from(output > BOUNDARY)) }
}
