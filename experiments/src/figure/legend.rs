//! The legend on top of a figure, drawn by hand: the plotting crate has none for a whole figure, and
//! its legend rows show no dashes.

use rizzma::artist::{Line2D, Patch};
use rizzma::core::color::Rgba;
use rizzma::text::FontSource;
use rizzma::{Axes, Figure, VerticalAlignment};

use super::style::{self, BOLD, DASHES, DOT, THIN};

/// Columns of the legend.
const COLUMNS: usize = 3;
/// Height of a row, as a share of the figure's.
const ROW: f64 = 0.032;
/// Type size in pixels at 100 an inch.
const SIZE: f64 = 10.0;
/// Share of a column that holds the line sample.
const SAMPLE: f64 = 0.16;

/// What stands before an entry's words.
pub(super) enum Sample {
    /// A network's line and point.
    Network(Rgba),
    /// A solid line.
    Solid,
    /// A dashed line.
    Dashed,
    /// A bold line over a pale one.
    Averaged,
}

/// Rows of entries; each row has up to three.
pub(super) struct Legend {
    rows: Vec<Vec<(Sample, String)>>,
}

impl Legend {
    /// The networks in rows of three, then a row for what line styles mean.
    pub(super) fn part3(names: &[&str], window: usize) -> Self {
        let networks = names.iter().enumerate();
        let networks: Vec<_> = networks.map(|(i, name)| (i, (*name).to_owned())).collect();
        let mut rows: Vec<Vec<_>> = networks
            .chunks(COLUMNS)
            .map(|row| row.iter().map(|(i, name)| network(*i, name)).collect())
            .collect();
        let mut styles =
            vec![(Sample::Solid, "training".to_owned()), (Sample::Dashed, "validation".to_owned())];
        if window > 1 {
            let words = format!("mean of {window} records (pale: each)");
            styles.push((Sample::Averaged, words));
        }
        rows.push(styles);
        Self { rows }
    }

    /// Height as a share of the figure's.
    pub(super) fn height(&self) -> f64 {
        self.rows.len() as f64 * ROW + 0.01
    }

    /// Draws the legend with its top edge at `top`, between `left` and `left + width`.
    pub(super) fn draw(&self, figure: &mut Figure, left: f64, width: f64, top: f64) {
        let height = self.height();
        let ax = figure.add_axes(left, top - height, width, height);
        ax.set_axis_off().grid(false);
        ax.set_xlim(0.0, COLUMNS as f64).set_ylim(0.0, 1.0);
        let frame =
            Patch::rectangle(0.0, 0.0, COLUMNS as f64, 1.0).facecolor(None).edgecolor(Some(style::faint()));
        ax.add_patch(frame);
        let mut words = Vec::new();
        for (r, row) in self.rows.iter().enumerate() {
            let y = 1.0 - (r as f64 * ROW + ROW / 2.0 + 0.005) / height;
            for (c, (sample, text)) in row.iter().enumerate() {
                sample.draw(ax, c as f64, y);
                words.push((c as f64 + SAMPLE + 0.03, y, text));
            }
        }
        for (x, y, text) in words {
            let room = (1.0 - SAMPLE - 0.05) * width / COLUMNS as f64;
            let (x, y) = (left + x * width / COLUMNS as f64, top - height * (1.0 - y));
            figure
                .text(x, y, text.as_str())
                .set_va(VerticalAlignment::Center)
                .set_size(fitting_size(text, SIZE, room));
        }
    }
}

fn network(index: usize, name: &str) -> (Sample, String) {
    (Sample::Network(style::colour(index)), name.to_owned())
}

impl Sample {
    fn draw(&self, ax: &mut Axes, column: f64, y: f64) {
        let (from, to) = (column + 0.04, column + SAMPLE);
        let mut line = |colour: Rgba, width: f64, dashes: Option<(f64, Vec<f64>)>| {
            let line = Line2D::new(vec![from, to], vec![y, y]);
            ax.add_line(line.with_color(colour).with_linewidth(width).with_dashes(dashes));
        };
        match self {
            Self::Network(colour) => {
                line(*colour, BOLD, None);
                ax.scatter(&[(from + to) / 2.0], &[y])
                    .set_sizes(vec![DOT])
                    .set_facecolors(vec![*colour])
                    .set_edgecolors(vec![Rgba::WHITE])
                    .set_zorder(4.0);
            }
            Self::Solid => line(style::ink(), BOLD, None),
            Self::Dashed => line(style::ink(), BOLD, Some((DASHES.0, DASHES.1.to_vec()))),
            Self::Averaged => {
                let zigzag: Vec<f64> = (0..18).map(|i| y + [-0.08, 0.08][i % 2]).collect();
                let x = (0..18).map(|i| from + (to - from) * i as f64 / 17.0);
                let pale = Line2D::new(x.collect(), zigzag).with_linewidth(THIN);
                line(style::ink(), BOLD, None);
                ax.add_line(pale.with_color(style::ink().with_alpha(0.35)));
            }
        }
    }
}

/// `size`, or less where `text` would be wider than `room` (a share of the figure's width).
pub(super) fn fitting_size(text: &str, size: f64, room: f64) -> f64 {
    let width = FontSource::dejavu_sans().measure(text, size).width;
    let room = room * style::WIDTH * 100.0;
    if width > room { size * room / width } else { size }
}
