//! Charts of curves over records.
use crate::report::{
    curves::Sheet,
    document::{Block, Chart, Charts, Series},
    pictures::Picture,
};

/// A curve to be drawn.
pub(super) struct Line<'a> {
    pub label: String,
    pub colour: usize,
    pub dashed: bool,
    pub curve: &'a [f64],
}

impl<'a> Line<'a> {
    pub(super) fn new(label: impl Into<String>, colour: usize, curve: &'a [f64]) -> Self {
        Self { label: label.into(), colour, dashed: false, curve }
    }

    pub(super) fn dashed(self) -> Self {
        Self { dashed: true, ..self }
    }
}

/// Ways to make charts.
pub(super) trait Charting {
    /// Smoothed curves over the records of a training, counted from 1; curves without a record are left out.
    fn over_records(title: &str, y_label: &str, lines: &[Line<'_>]) -> Chart;
    /// Curves over `x`, as they are.
    fn over(title: &str, axes: [&str; 2], x: &[f64], lines: &[Line<'_>]) -> Chart;
    /// With a logarithmic ordinate, on which zeros leave a gap.
    fn log(self) -> Chart;
    /// With vertical lines.
    fn marked(self, marks: Vec<(f64, String)>) -> Chart;
}

impl Charting for Chart {
    fn over_records(title: &str, y_label: &str, lines: &[Line<'_>]) -> Chart {
        let records = lines.iter().map(|l| l.curve.len()).max().unwrap_or(0);
        let sheet = Sheet::new(records);
        let drawn = lines.iter().filter(|l| !l.curve.is_empty());
        let mut series: Vec<_> =
            drawn.flat_map(|l| sheet.smooth_line(&l.label, l.colour, l.dashed, l.curve)).collect();
        // Pale lines first, so that no bold one is hidden.
        series.sort_by_key(|s| !s.raw);
        chart(title, ["record", y_label], sheet.x(|i| (i + 1) as f64), series)
    }

    fn over(title: &str, axes: [&str; 2], x: &[f64], lines: &[Line<'_>]) -> Chart {
        let sheet = Sheet::new(x.len());
        let drawn = lines.iter().filter(|l| !l.curve.is_empty());
        let series = drawn.map(|l| sheet.line(&l.label, l.colour, l.dashed, l.curve)).collect();
        chart(title, axes, sheet.x(|i| x[i]), series)
    }

    fn log(mut self) -> Chart {
        let values = || self.series.iter().flat_map(|s| s.y.iter().flatten());
        self.log = values().any(|&y| y > 0.0);
        if self.log {
            let values = self.series.iter_mut().flat_map(|s| &mut s.y);
            values.for_each(|y| *y = y.filter(|&y| y > 0.0));
        }
        self
    }

    fn marked(mut self, marks: Vec<(f64, String)>) -> Chart {
        self.marks = marks;
        self
    }
}

fn chart(title: &str, [x_label, y_label]: [&str; 2], x: Vec<f64>, series: Vec<Series>) -> Chart {
    let [title, x_label, y_label] = [title, x_label, y_label].map(str::to_owned);
    Chart { title, x_label, y_label, log: false, x, series, marks: Vec::new(), classes: false }
}

/// Charts, and the figure that stands for them on paper.
pub(super) fn charts(charts: Vec<Chart>, caption: &str, still: Option<Picture>) -> Block {
    Block::Charts(Charts { charts, caption: caption.into(), still, covered: false })
}

/// Charts of what a figure after them shows too.
pub(super) fn covered(charts: Vec<Chart>, caption: &str) -> Block {
    Block::Charts(Charts { charts, caption: caption.into(), still: None, covered: true })
}
