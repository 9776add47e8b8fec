//! How a panel of curves is drawn: pale raw records, a band, the bold mean; then marks and levels.

use rizzma::{HorizontalAlignment as H, VerticalAlignment as V};

use super::frame::{Anchor, Frame, dashed, line, text_width};
use super::limits::{self, Limits};
use super::page::Plot;
use super::panel::{Mark, Panel, Scale, Series};
use super::smooth::moving_average;
use super::style::{self, BOLD, DASHES, DOT, DOTS, FINE, HAIR, SMALL, THIN};
use super::ticks;

/// Curves with fewer points show them.
const DOTTED_BELOW: usize = 31;

/// A panel and what it shares with its neighbours.
pub(super) struct Drawing<'a> {
    pub panel: &'a Panel,
    /// Records in a moving average; 1 when the curves are drawn as they are.
    pub window: usize,
}

/// A curve ready to draw, on the scale of its axis.
struct Curve<'a> {
    series: &'a Series,
    x: Vec<f64>,
    raw: Vec<f64>,
    mean: Vec<f64>,
    band: Option<[Vec<f64>; 2]>,
}

impl Plot for Drawing<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let curves: Vec<Curve<'_>> = self.panel.series.iter().map(|s| self.curve(s)).collect();
        self.axes(frame, &curves);
        for curve in &curves {
            self.draw_curve(frame, curve);
        }
        self.levels(frame);
        self.marks(frame);
    }

    fn words(&self) -> String {
        self.panel.to_string()
    }

    fn aspect(&self) -> Option<f64> {
        self.panel.square.then_some(1.0)
    }
}

impl Drawing<'_> {
    fn curve<'s>(&self, series: &'s Series) -> Curve<'s> {
        let (count, scale) = (series.len(), self.panel.scale);
        let values = &series.y[..count];
        let window = if series.x.is_some() { 1 } else { self.window };
        let smooth = moving_average(values, window);
        let on_axis = |values: &[f64]| values.iter().map(|&v| scale.map(v)).collect::<Vec<f64>>();
        let band = series.spread.as_ref().map(|spread| {
            let spread = moving_average(&spread[..spread.len().min(count)], window);
            let shifted =
                |sign: f64| smooth.iter().zip(&spread).map(|(m, s)| m + sign * s).collect::<Vec<_>>();
            // The foot of a band that reaches zero lies below any logarithmic axis.
            let foot = |v: f64| if scale == Scale::Log && v <= 0.0 { BELOW } else { scale.map(v) };
            [shifted(-1.0).into_iter().map(foot).collect(), on_axis(&shifted(1.0))]
        });
        let x = match &series.x {
            Some(x) => x[..count].to_vec(),
            None => (1..=count).map(|i| i as f64).collect(),
        };
        Curve { series, x, raw: on_axis(values), mean: on_axis(&smooth), band }
    }

    fn draw_curve(&self, frame: &mut Frame<'_>, curve: &Curve<'_>) {
        let colour = style::colour(curve.series.colour);
        if self.window > 1 && curve.series.x.is_none() {
            let pale = style::pale(colour, self.panel.series.len());
            frame.line(line(&curve.x, &curve.raw, pale, THIN));
        }
        if let Some([low, high]) = &curve.band {
            frame.band(&curve.x, low, high, style::band(colour, self.panel.series.len()));
        }
        let bold =
            line(&curve.x, &curve.mean, colour, if curve.series.thin { FINE } else { BOLD }).with_zorder(3.0);
        frame.line(if curve.series.dashed { dashed(bold, DASHES) } else { bold });
        if curve.x.len() < DOTTED_BELOW && !curve.series.thin {
            let size = if curve.x.len() == 1 { DOT } else { DOT * 0.6 };
            for (&x, &y) in curve.x.iter().zip(&curve.mean).filter(|(x, y)| x.is_finite() && y.is_finite()) {
                frame.dot(x, y, colour, size);
            }
        }
    }

    fn axes(&self, frame: &mut Frame<'_>, curves: &[Curve<'_>]) {
        let panel = self.panel;
        let (x, y) = (self.x_limits(curves), self.y_limits(curves));
        frame.limits(x, y);
        let missing = self.not_positive();
        let note = if missing > 0 { format!("   [{missing} not above 0, not shown]") } else { String::new() };
        frame.labels(&panel.x_label, &format!("{}{note}", panel.y_label));
        frame.title(&panel.title);
        if panel.scale == Scale::Log {
            ticks::logarithmic(frame);
        }
        ticks::whole(frame, panel.records());
        if panel.diagonal {
            frame.diagonal();
        }
    }

    /// All records, all given x and all marks.
    fn x_limits(&self, curves: &[Curve<'_>]) -> Limits {
        if let Some(limits) = self.panel.x_limits {
            return limits;
        }
        let given = curves.iter().filter(|c| c.series.x.is_some()).flat_map(|c| c.x.iter().copied());
        let marks = self.panel.placed_marks().map(|mark| mark.x);
        let others: Vec<f64> = given.chain(marks).filter(|x| x.is_finite()).collect();
        let numbered = limits::steps(self.panel.records());
        match (others.is_empty(), self.panel.records()) {
            (true, _) => numbered,
            (false, 0) => limits::around(&others, &[], numbered),
            (false, _) => others.iter().fold(numbered, |(low, high), &x| (low.min(x), high.max(x))),
        }
    }

    fn y_limits(&self, curves: &[Curve<'_>]) -> Limits {
        let scale = self.panel.scale;
        if let Some((low, high)) = self.panel.y_limits {
            return (scale.map(low), scale.map(high));
        }
        let levels = self.panel.placed_levels().map(|level| scale.map(level.y));
        let kept: Vec<f64> = curves.iter().flat_map(|c| c.mean.iter().copied()).chain(levels).collect();
        let bands = curves.iter().filter_map(|c| c.band.as_ref()).flatten().flatten();
        let bands = bands.copied().filter(|&v| v > BELOW);
        let raw: Vec<f64> = curves.iter().flat_map(|c| c.raw.iter().copied()).chain(bands).collect();
        match scale {
            Scale::Percent => limits::percent(&kept, &raw),
            Scale::Linear | Scale::Log => limits::around(&kept, &raw, (0.0, 1.0)),
        }
    }

    /// How many values a logarithmic axis cannot show.
    fn not_positive(&self) -> usize {
        let values = self.panel.series.iter().flat_map(|s| &s.y);
        if self.panel.scale == Scale::Log { values.filter(|&&v| v <= 0.0).count() } else { 0 }
    }

    fn levels(&self, frame: &mut Frame<'_>) {
        for level in self.panel.placed_levels() {
            let ((left, right), (low, high)) = frame.ends();
            let y = self.panel.scale.map(level.y);
            frame.line(dashed(line(&[left, right], &[y, y], style::ink(), HAIR), DOTS));
            let at = [right - (right - left) * 0.01, y + (high - low) * 0.008];
            frame.text(at, &level.label, Anchor(H::Right, V::Bottom), style::ink());
        }
    }

    /// Lines with words beside them, each pair of words lower or higher than the one before.
    fn marks(&self, frame: &mut Frame<'_>) {
        // Losses and norms leave the upper right free, accuracies the lower.
        let from_top = self.panel.scale != Scale::Percent;
        for (i, mark) in self.panel.placed_marks().enumerate() {
            let ((left, right), (low, high)) = frame.ends();
            let colour = mark.colour.map_or(style::ink(), style::colour);
            frame.line(dashed(line(&[mark.x, mark.x], &[low, high], colour, 1.2), DASHES));
            let depth = (0.04 + 0.065 * i as f64) * (high - low);
            let y = if from_top { high - depth } else { low + depth };
            let (at, side) = beside(mark, (left, right), frame.inches()[0]);
            frame.plate([at, y], &mark.label, Anchor(side, V::Center), colour);
        }
    }
}

/// Exponent that is below every axis.
const BELOW: f64 = -400.0;

/// Where a mark's words stand: right of it, or left where they would run out of the panel.
fn beside(mark: &Mark, (left, right): Limits, inches: f64) -> (f64, H) {
    let an_inch = (right - left) / inches;
    let words = (text_width(&mark.label, SMALL) + 0.15) * an_inch;
    let gap = 0.06 * an_inch;
    if mark.x + words > right { (mark.x - gap, H::Right) } else { (mark.x + gap, H::Left) }
}
