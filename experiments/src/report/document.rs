//! What the report says, before it is a page or a sheet of paper: sections of blocks.
//!
//! Text is plain but for three marks: `` `code` ``, `*emphasis*` and `**strong**`.

use super::pictures::Picture;
use serde::Serialize;

/// The report.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// What stands on top.
    pub title: String,
    /// One line below it.
    pub subtitle: String,
    /// Words that must not be missed, such as that the data are synthetic.
    pub labels: Vec<String>,
    /// Its chapters.
    pub sections: Vec<Section>,
}

/// A chapter with an address of its own.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// Its address in the page.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Whether there are results for it.
    pub run: bool,
    /// What it consists of.
    pub blocks: Vec<Block>,
}

/// A piece of a chapter.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A heading within the chapter.
    Heading { text: String },
    /// A paragraph.
    Text { text: String },
    /// That something was not run, or is to be known before reading on.
    Note { text: String },
    /// A list of points.
    List { items: Vec<String> },
    /// Names and what they stand for.
    Facts { items: Vec<[String; 2]> },
    /// Rows and columns.
    Table(Table),
    /// A figure of the result folder, shown as it is.
    Figure(Figure),
    /// Figures side by side.
    Gallery { figures: Vec<Figure>, caption: String, columns: u32 },
    /// Curves to zoom into.
    Charts(Charts),
    /// Which classes were taken for which.
    Confusion(Confusion),
    /// A question of the homework and its answer.
    Question(Question),
    /// Reported figures and claims against this run.
    Verdicts { source: String, why: Vec<String>, items: Vec<Verdict> },
    /// What only some readers open.
    Fold { title: String, blocks: Vec<Block> },
}

/// Rows and columns; the first column holds names, the others are set flush right where `numbers` says so.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub numbers: bool,
}

/// A picture with words.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub picture: Picture,
    pub caption: String,
    /// Whether its pixels are to stay squares.
    pub pixelated: bool,
}

/// Charts that belong together.
#[derive(Debug, Clone, Serialize)]
pub struct Charts {
    pub charts: Vec<Chart>,
    pub caption: String,
    /// The same as a figure: shown where there are no scripts, and on paper.
    pub still: Option<Picture>,
    /// Whether a figure elsewhere in the chapter shows the same on paper.
    pub covered: bool,
}

/// Curves over a common abscissa.
#[derive(Debug, Clone, Serialize)]
pub struct Chart {
    pub title: String,
    pub x_label: String,
    pub y_label: String,
    /// Whether the ordinate is logarithmic.
    pub log: bool,
    pub x: Vec<f64>,
    pub series: Vec<Series>,
    /// Abscissas marked by a vertical line, with words.
    pub marks: Vec<(f64, String)>,
    /// Whether its colours are those of ten classes instead of five networks.
    pub classes: bool,
}

/// One curve.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    pub label: String,
    /// Which of the homework's colours.
    pub colour: usize,
    pub dashed: bool,
    /// Whether it is the pale line of single records behind a smoothed one.
    pub raw: bool,
    /// A value for every abscissa; absent where the curve has none there.
    pub y: Vec<Option<f64>>,
}

/// Counts of images by class and answer.
#[derive(Debug, Clone, Serialize)]
pub struct Confusion {
    pub caption: String,
    pub classes: Vec<String>,
    /// Rows are the true classes.
    pub rows: Vec<Vec<Cell>>,
}

/// One count.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    pub count: u64,
    /// Percent of the images of its class.
    pub share: f64,
}

/// A question and what this run says to it.
#[derive(Debug, Clone, Serialize)]
pub struct Question {
    pub question: String,
    pub answer: Vec<String>,
}

/// A statement that others made, and what becomes of it here.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// Where it was made.
    pub source: String,
    /// What it says.
    pub claim: String,
    /// Our number.
    pub ours: String,
    /// What sets this run apart, where that forbids to compare.
    pub why: Vec<String>,
    pub verdict: Agreement,
}

/// What becomes of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// This run says the same.
    Agree,
    /// This run says otherwise.
    Disagree,
    /// This run was made in another way.
    NotComparable,
    /// There is no result.
    NotRun,
}

impl Block {
    /// A paragraph.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A note.
    pub fn note(text: impl Into<String>) -> Self {
        Self::Note { text: text.into() }
    }

    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::Heading { text: text.into() }
    }

    /// A table of numbers: a name in each row's first column.
    pub fn table(caption: impl Into<String>, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        let head = head.iter().map(|&h| h.to_owned()).collect();
        Self::Table(Table { caption: caption.into(), head, rows, numbers: true })
    }

    /// A table of words.
    pub fn words(caption: impl Into<String>, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        let head = head.iter().map(|&h| h.to_owned()).collect();
        Self::Table(Table { caption: caption.into(), head, rows, numbers: false })
    }
}
