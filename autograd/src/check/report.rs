//! What a check found.
use super::{Comparison, Explanation};
use std::fmt;

/// The outcome of a check.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed it was made with.
    pub seed: u64,
    /// Everything that was compared.
    pub comparisons: Vec<Comparison>,
    /// Where and how the gradient is wrong, if it is.
    pub explanation: Option<Explanation>,
}

impl Report {
    /// Whether every comparison holds.
    pub fn ok(&self) -> bool {
        self.comparisons.iter().all(Comparison::ok)
    }

    /// # Panics
    /// If a comparison does not hold; the text is the whole report.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.ok(), "gradcheck failed (seed {})\n{self}", self.seed);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.comparisons.iter().try_for_each(|comparison| writeln!(f, "{comparison}"))?;
        self.explanation.as_ref().map_or(Ok(()), |explanation| write!(f, "\n{explanation}"))
    }
}
