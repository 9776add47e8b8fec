//! The legend on top of a figure, drawn by hand: the plotting crate has none for a whole figure, and
//! its legend rows show no dashes.

use rizzma::artist::Patch;
use rizzma::core::color::Rgba;
use rizzma::{Axes, Figure, VerticalAlignment};

use super::frame::{dashed, fitting_size, line};
use super::style::{self, BOLD, DASHES, DOT, THIN};

/// Columns of the legend.
const COLUMNS: usize = 3;
/// Height of a row in inches.
const ROW: f64 = 0.24;
/// Room above and below the rows, in inches.
const PAD: f64 = 0.06;
/// Room left and right of the legend, in inches.
const SIDE: f64 = 0.4;
/// Type size.
const SIZE: f64 = 10.0;
/// Width of a line sample in inches.
const SAMPLE: f64 = 0.42;

/// What stands before an entry's words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sample {
    /// A solid line.
    Solid(Rgba),
    /// A dashed line.
    Dashed(Rgba),
    /// A network's line and point.
    Dotted(Rgba),
    /// A bold line over a pale one.
    Averaged,
    /// A bold line in a band.
    Band,
    /// A filled box.
    Filled(Rgba),
    /// A point.
    Point(Rgba),
}

/// An entry: sample and words.
pub(super) type Entry = (Sample, String);

/// Rows of entries; each row has up to three.
#[derive(Default)]
pub(super) struct Legend {
    rows: Vec<Vec<Entry>>,
}

impl Legend {
    /// Rows of three for each of the groups in turn; one row where all fit into it.
    pub(super) fn new(groups: &[Vec<Entry>]) -> Self {
        let all = groups.concat();
        let groups = if all.len() <= COLUMNS { &[all][..] } else { groups };
        let rows = groups.iter().flat_map(|group| group.chunks(COLUMNS).map(<[Entry]>::to_vec));
        Self { rows: rows.collect() }
    }

    /// The words of all entries.
    pub(super) fn words(&self) -> String {
        let words: Vec<&str> = self.rows.iter().flatten().map(|(_, words)| words.as_str()).collect();
        words.join(", ")
    }

    /// Height in inches.
    pub(super) fn height(&self) -> f64 {
        if self.rows.is_empty() { 0.0 } else { self.rows.len() as f64 * ROW + 2.0 * PAD }
    }

    /// Draws the legend with its top edge `top` inches above the foot of the paper.
    pub(super) fn draw(&self, figure: &mut Figure, paper: [f64; 2], top: f64) {
        if self.rows.is_empty() {
            return;
        }
        let (width, height) = (paper[0] - 2.0 * SIDE, self.rows.len() as f64 * ROW + PAD);
        let (left, bottom) = (SIDE, top - height);
        let ax = figure.add_axes(left / paper[0], bottom / paper[1], width / paper[0], height / paper[1]);
        // The axes measure inches too.
        ax.set_axis_off().grid(false).set_xlim(0.0, width).set_ylim(0.0, height);
        let frame = Patch::rectangle(0.0, 0.0, width, height).facecolor(None).edgecolor(Some(style::faint()));
        ax.add_patch(frame);
        let column = width / COLUMNS as f64;
        let place =
            |r: usize, c: usize| (c as f64 * column + 0.1, height - PAD / 2.0 - (r as f64 + 0.5) * ROW);
        for (r, row) in self.rows.iter().enumerate() {
            for (c, (sample, _)) in row.iter().enumerate() {
                let (x, y) = place(r, c);
                sample.draw(ax, x, y);
            }
        }
        for (r, row) in self.rows.iter().enumerate() {
            for (c, (_, words)) in row.iter().enumerate() {
                let (x, y) = place(r, c);
                let x = x + SAMPLE + 0.1;
                figure
                    .text((left + x) / paper[0], (bottom + y) / paper[1], words.as_str())
                    .set_va(VerticalAlignment::Center)
                    .set_size(fitting_size(words, SIZE, column - SAMPLE - 0.25));
            }
        }
    }
}

impl Sample {
    fn draw(self, ax: &mut Axes, from: f64, y: f64) {
        let to = from + SAMPLE;
        let middle = (from + to) / 2.0;
        let stroke = |colour: Rgba, width: f64| line(&[from, to], &[y, y], colour, width).with_zorder(3.0);
        let point = |ax: &mut Axes, colour: Rgba| {
            ax.scatter(&[middle], &[y])
                .set_sizes(vec![DOT])
                .set_facecolors(vec![colour])
                .set_edgecolors(vec![Rgba::WHITE])
                .set_zorder(4.0);
        };
        let fill = |ax: &mut Axes, reach: f64, colour: Rgba| {
            let patch = Patch::rectangle(from, y - reach, SAMPLE, 2.0 * reach);
            ax.add_patch(patch.facecolor(Some(colour)).edgecolor(None));
        };
        match self {
            Self::Solid(colour) => {
                ax.add_line(stroke(colour, BOLD));
            }
            Self::Dashed(colour) => {
                ax.add_line(dashed(stroke(colour, BOLD), DASHES));
            }
            Self::Dotted(colour) => {
                ax.add_line(stroke(colour, BOLD));
                point(ax, colour);
            }
            Self::Averaged => {
                let zigzag: Vec<f64> = (0..18).map(|i| y + [-0.05, 0.05][i % 2]).collect();
                let x: Vec<f64> = (0..18).map(|i| from + SAMPLE * f64::from(i) / 17.0).collect();
                ax.add_line(line(&x, &zigzag, style::ink().with_alpha(0.35), THIN));
                ax.add_line(stroke(style::ink(), BOLD));
            }
            Self::Band => {
                fill(ax, 0.06, style::band(style::ink(), 1));
                ax.add_line(stroke(style::ink(), BOLD));
            }
            Self::Filled(colour) => fill(ax, 0.06, colour),
            Self::Point(colour) => point(ax, colour),
        }
    }
}
