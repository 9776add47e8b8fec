//! One panel's axes, with what the plotting crate lacks: words placed in data coordinates and ticks of
//! a logarithmic axis.
//!
//! A logarithmic axis is a linear axis over exponents here: bands and text then need no second mapping.

use rizzma::artist::{Line2D, Patch};
use rizzma::core::color::Rgba;
use rizzma::figure::TextBoxStyle;
use rizzma::text::FontSource;
use rizzma::{Axes, Figure, HorizontalAlignment, VerticalAlignment};

use super::limits::Limits;
use super::style::{self, HAIR, SMALL};

/// Axes in the figure that holds them.
pub(super) struct Frame<'a> {
    figure: &'a mut Figure,
    index: usize,
    /// Left, bottom, width and height, as shares of the figure's.
    rect: [f64; 4],
    /// The figure's width and height in inches.
    paper: [f64; 2],
    x: Limits,
    y: Limits,
}

/// Where words stand relative to their point.
#[derive(Clone, Copy)]
pub(super) struct Anchor(pub HorizontalAlignment, pub VerticalAlignment);

/// Centred on the point.
pub(super) const CENTRED: Anchor = Anchor(HorizontalAlignment::Center, VerticalAlignment::Center);

impl<'a> Frame<'a> {
    /// Adds axes at `rect`.
    pub(super) fn new(figure: &'a mut Figure, rect: [f64; 4], paper: [f64; 2]) -> Self {
        let [left, bottom, width, height] = rect;
        figure.add_axes(left, bottom, width, height);
        let index = figure.axes().len() - 1;
        Self { figure, index, rect, paper, x: (0.0, 1.0), y: (0.0, 1.0) }
    }

    /// The axes.
    pub(super) fn ax(&mut self) -> &mut Axes {
        &mut self.figure.axes_mut()[self.index]
    }

    /// Sets the ends of both axes; words can be placed after this.
    pub(super) fn limits(&mut self, x: Limits, y: Limits) {
        (self.x, self.y) = (x, y);
        self.ax().set_xlim(x.0, x.1).set_ylim(y.0, y.1);
    }

    /// The ends of the x axis and of the y axis.
    pub(super) fn ends(&self) -> (Limits, Limits) {
        (self.x, self.y)
    }

    /// Width and height in inches.
    pub(super) fn inches(&self) -> [f64; 2] {
        [self.rect[2] * self.paper[0], self.rect[3] * self.paper[1]]
    }

    /// Names the axes.
    pub(super) fn labels(&mut self, x: &str, y: &str) {
        self.ax().set_xlabel(x).set_ylabel(y);
    }

    /// Writes the title above, smaller where it is too wide.
    pub(super) fn title(&mut self, title: &str) {
        let [left, bottom, width, height] = self.rect;
        let room = width * self.paper[0] + 0.3;
        self.figure
            .text(left + width / 2.0, bottom + height + 0.07 / self.paper[1], title)
            .set_size(fitting_size(title, style::HEADING, room))
            .set_ha(HorizontalAlignment::Center)
            .set_va(VerticalAlignment::Bottom);
    }

    /// Writes `words` at a point of the data.
    pub(super) fn text(&mut self, at: [f64; 2], words: &str, anchor: Anchor, colour: Rgba) {
        self.sized_text(at, words, anchor, colour, SMALL);
    }

    /// [`Frame::text`] of another type size.
    pub(super) fn sized_text(&mut self, at: [f64; 2], words: &str, anchor: Anchor, colour: Rgba, size: f64) {
        let (x, y) = self.place(at);
        let text = self.figure.text(x, y, words);
        text.set_size(size).set_ha(anchor.0).set_va(anchor.1).set_color(colour);
    }

    /// [`Frame::text`] turned counter-clockwise by so many degrees.
    pub(super) fn tilted_text(&mut self, at: [f64; 2], words: &str, anchor: Anchor, degrees: f64) {
        let (x, y) = self.place(at);
        let text = self.figure.text(x, y, words);
        text.set_size(SMALL).set_ha(anchor.0).set_va(anchor.1).set_rotation(degrees);
    }

    /// [`Frame::text`] on a white plate, readable above curves.
    pub(super) fn plate(&mut self, at: [f64; 2], words: &str, anchor: Anchor, colour: Rgba) {
        let (x, y) = self.place(at);
        let text = self.figure.text(x, y, words);
        text.set_size(SMALL).set_ha(anchor.0).set_va(anchor.1).set_color(colour);
        text.set_bbox(Some(TextBoxStyle {
            facecolor: Rgba::WHITE.with_alpha(0.8),
            edgecolor: None,
            pad: 2.0,
            ..TextBoxStyle::default()
        }));
    }

    /// A point of the data as shares of the figure's width and height.
    fn place(&self, [x, y]: [f64; 2]) -> (f64, f64) {
        let share = |v: f64, (low, high): Limits| (v - low) / (high - low);
        let [left, bottom, width, height] = self.rect;
        (left + width * share(x, self.x), bottom + height * share(y, self.y))
    }

    /// Draws a line through points; non-finite ones leave a gap.
    pub(super) fn line(&mut self, line: Line2D) {
        self.ax().add_line(line);
    }

    /// Fills between `low` and `high`, over each stretch where all is finite.
    pub(super) fn band(&mut self, x: &[f64], low: &[f64], high: &[f64], colour: Rgba) {
        let points: Vec<[f64; 3]> = x.iter().zip(low).zip(high).map(|((&x, &l), &h)| [x, l, h]).collect();
        for run in points.split(|p| p.iter().any(|v| !v.is_finite())).filter(|run| run.len() > 1) {
            let there = run.iter().map(|&[x, low, _]| [x, low]);
            let back = run.iter().rev().map(|&[x, _, high]| [x, high]);
            let outline: Vec<[f64; 2]> = there.chain(back).collect();
            self.ax().add_patch(Patch::polygon(&outline).facecolor(Some(colour)).edgecolor(None));
        }
    }

    /// Fills a rectangle from one corner to the other.
    pub(super) fn rectangle(&mut self, from: [f64; 2], to: [f64; 2], fill: Rgba, edge: Option<Rgba>) {
        let patch = Patch::rectangle(from[0], from[1], to[0] - from[0], to[1] - from[1]);
        self.ax().add_patch(patch.facecolor(Some(fill)).edgecolor(edge).linewidth(HAIR));
    }

    /// A filled point with a white rim.
    pub(super) fn dot(&mut self, x: f64, y: f64, colour: Rgba, size: f64) {
        self.ax()
            .scatter(&[x], &[y])
            .set_sizes(vec![size])
            .set_facecolors(vec![colour])
            .set_edgecolors(vec![Rgba::WHITE])
            .set_zorder(4.0);
    }

    /// The diagonal of a square of equal axes.
    pub(super) fn diagonal(&mut self) {
        let (low, high) = (self.x.0.max(self.y.0), self.x.1.min(self.y.1));
        let diagonal = line(&[low, high], &[low, high], style::faint(), HAIR);
        self.line(dashed(diagonal, style::DOTS));
    }

    /// Ticks with these words on the x axis.
    pub(super) fn x_ticks(&mut self, at: &[f64], words: &[String]) {
        self.ax().set_xticks(at).set_xticklabels(words);
    }

    /// Ticks with these words on the y axis.
    pub(super) fn y_ticks(&mut self, at: &[f64], words: &[String]) {
        self.ax().set_yticks(at).set_yticklabels(words);
    }
}

/// A line through points.
pub(super) fn line(x: &[f64], y: &[f64], colour: Rgba, width: f64) -> Line2D {
    Line2D::new(x.to_vec(), y.to_vec()).with_color(colour).with_linewidth(width)
}

/// `line` in dashes: on and off in points.
pub(super) fn dashed(line: Line2D, dashes: [f64; 2]) -> Line2D {
    line.with_dashes(Some((0.0, dashes.to_vec())))
}

/// Width of `text` in inches at `size`.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    FontSource::dejavu_sans().measure(text, size).width / 100.0
}

/// `size`, or less where `text` would be wider than `room` inches.
pub(super) fn fitting_size(text: &str, size: f64, room: f64) -> f64 {
    let width = text_width(text, size);
    if width > room { size * room / width } else { size }
}
