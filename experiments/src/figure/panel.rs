//! What a panel of curves shows: curves, lines that mark records, lines that mark values.

use std::fmt;

/// One curve.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// What the legend calls it; curves of equal label and colour share an entry, an empty one has none.
    pub label: String,
    /// Index of its colour, below [`MAX_COLOURS`](super::MAX_COLOURS): the number of its network, layer or class.
    pub colour: usize,
    /// A value a record; non-finite ones leave a gap.
    pub y: Vec<f64>,
    /// Where the values stand. Without it they are records 1, 2, 3, …, of which many are smoothed; with
    /// it the curve is drawn as it is.
    pub x: Option<Vec<f64>>,
    /// Standard deviation of each value, drawn as a band.
    pub spread: Option<Vec<f64>>,
    /// Whether it is dashed: the second of two kinds, see [`Chart::styles`](super::Chart::styles).
    pub dashed: bool,
    /// Whether it is drawn thinner, without points: one of many exact curves.
    pub thin: bool,
}

impl Series {
    /// A solid curve of records 1, 2, 3, ….
    pub fn new(label: impl Into<String>, colour: usize, y: impl Into<Vec<f64>>) -> Self {
        Self { label: label.into(), colour, y: y.into(), ..Self::default() }
    }

    /// The same with values at `x`, drawn as it is.
    pub fn at(self, x: impl Into<Vec<f64>>) -> Self {
        Self { x: Some(x.into()), ..self }
    }

    /// The same with a band of ± `spread`.
    pub fn spread(self, spread: impl Into<Vec<f64>>) -> Self {
        Self { spread: Some(spread.into()), ..self }
    }

    /// The same in dashes.
    pub fn dashed(self) -> Self {
        Self { dashed: true, ..self }
    }

    /// How many points it has.
    pub(super) fn len(&self) -> usize {
        self.x.as_ref().map_or(self.y.len(), |x| x.len().min(self.y.len()))
    }
}

/// How an axis measures its values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scale {
    /// As they are.
    #[default]
    Linear,
    /// By their decimal logarithm; what is not positive is left out, and counted beside the label.
    Log,
    /// From 0 to 100, with little room beyond.
    Percent,
}

impl Scale {
    /// Where a value stands on the axis; NaN where it has no place.
    pub(super) fn map(self, value: f64) -> f64 {
        match self {
            Self::Log if value > 0.0 => value.log10(),
            Self::Log => f64::NAN,
            Self::Linear | Self::Percent => value,
        }
    }
}

/// A vertical line with words: a plateau, a switch of the learning rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Where it stands.
    pub x: f64,
    /// What it means.
    pub label: String,
    /// The colour of the curve it belongs to, none for all.
    pub colour: Option<usize>,
}

/// A horizontal line with words: the accuracy of guessing.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Where it stands.
    pub y: f64,
    /// What it means.
    pub label: String,
}

/// Curves over common axes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    /// What stands above.
    pub title: String,
    /// The x axis.
    pub x_label: String,
    /// The y axis.
    pub y_label: String,
    /// How the y axis measures.
    pub scale: Scale,
    /// The curves.
    pub series: Vec<Series>,
    /// Vertical lines.
    pub marks: Vec<Mark>,
    /// Horizontal lines.
    pub levels: Vec<Level>,
    /// Ends of the x axis, where the curves shall not decide.
    pub x_limits: Option<(f64, f64)>,
    /// Ends of the y axis, likewise.
    pub y_limits: Option<(f64, f64)>,
    /// Whether its axes are equally long.
    pub square: bool,
    /// Whether the diagonal x = y is drawn.
    pub diagonal: bool,
}

impl Panel {
    /// A panel over "step" without curves as yet.
    pub fn new(title: impl Into<String>, y_label: impl Into<String>) -> Self {
        let (title, y_label) = (title.into(), y_label.into());
        Self { title, y_label, x_label: "step".to_owned(), ..Self::default() }
    }

    /// The same over another x axis.
    pub fn over(self, x_label: impl Into<String>) -> Self {
        Self { x_label: x_label.into(), ..self }
    }

    /// The same measured otherwise.
    pub fn scale(self, scale: Scale) -> Self {
        Self { scale, ..self }
    }

    /// The same with more curves.
    pub fn series(mut self, series: impl IntoIterator<Item = Series>) -> Self {
        self.series.extend(series);
        self
    }

    /// The same with a vertical line.
    pub fn mark(mut self, x: f64, label: impl Into<String>, colour: Option<usize>) -> Self {
        self.marks.push(Mark { x, label: label.into(), colour });
        self
    }

    /// The same with a horizontal line.
    pub fn level(mut self, y: f64, label: impl Into<String>) -> Self {
        self.levels.push(Level { y, label: label.into() });
        self
    }

    /// The vertical lines that have a place.
    pub(super) fn placed_marks(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(|mark| mark.x.is_finite())
    }

    /// The horizontal lines that have a place.
    pub(super) fn placed_levels(&self) -> impl Iterator<Item = &Level> {
        self.levels.iter().filter(|level| self.scale.map(level.y).is_finite())
    }

    /// The longest curve of numbered records.
    pub(super) fn records(&self) -> usize {
        self.series.iter().filter(|s| s.x.is_none()).map(Series::len).max().unwrap_or(0)
    }
}

impl fmt::Display for Panel {
    /// Title, labels, and the words of curves and lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} over {})", self.title, self.y_label, self.x_label)?;
        for mark in self.placed_marks() {
            write!(f, ", {} at {}", mark.label, mark.x)?;
        }
        for level in self.placed_levels() {
            write!(f, ", {} at {}", level.label, level.y)?;
        }
        Ok(())
    }
}
