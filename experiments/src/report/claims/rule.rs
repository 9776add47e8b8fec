//! From a number of ours and one of theirs to a verdict.
use crate::{
    report::{
        document::{Agreement, Verdict},
        facts::Protocol,
    },
    results::Meta,
};

/// The rule, for readers.
pub const RULE: &str = "A reported **figure** is compared only where data set, edition (it sets input and networks), epochs, batch and number \
     of runs are the same and nothing was interrupted. It agrees when ours is within the tolerance that stands beside it: 3 points for an \
     accuracy, 10 % for a loss, a factor of 2 for a gradient norm, unless another is given. A **claim** of a direction is tested on any complete run on real \
     images, whatever its edition. Everything else is *not comparable*; our number stands there all the same.";

/// When a number of ours is near enough to theirs.
#[derive(Debug, Clone, Copy)]
pub enum Tolerance {
    /// So many percentage points.
    Points(f64),
    /// Such a share of theirs.
    Share(f64),
    /// At most so many times as large or small.
    Factor(f64),
}

impl Tolerance {
    fn holds(self, ours: f64, theirs: f64) -> bool {
        match self {
            Self::Points(d) => (ours - theirs).abs() <= d,
            Self::Share(s) => (ours - theirs).abs() <= s * theirs.abs(),
            Self::Factor(f) => ours > 0.0 && ours <= f * theirs && theirs <= f * ours,
        }
    }

    fn words(self) -> String {
        match self {
            Self::Points(d) => format!("±{d}\u{a0}points"),
            Self::Share(s) => format!("±{:.0}\u{a0}%", 100.0 * s),
            Self::Factor(f) => format!("within a factor of {f}"),
        }
    }
}

/// A reported figure.
#[derive(Debug, Clone, Copy)]
pub struct Figure<'a> {
    /// Where it stands.
    pub source: &'a str,
    /// What it measures.
    pub what: &'a str,
    /// Its value.
    pub theirs: f64,
    /// When ours agrees.
    pub tolerance: Tolerance,
    /// How it was made.
    pub protocol: Protocol,
}

impl Figure<'_> {
    /// Ours against it; `number` writes a number.
    pub fn against(&self, ours: Option<(f64, &Meta)>, number: fn(f64) -> String) -> Verdict {
        let claim = format!("{}: {} ({})", self.what, number(self.theirs), self.tolerance.words());
        let Some((ours, meta)) = ours else { return not_run(self.source, &claim) };
        let differences = self.protocol.differences(meta);
        let holds = self.tolerance.holds(ours, self.theirs);
        judged(self.source, &claim, &number(ours), holds, &differences)
    }
}

/// A verdict on a claim that `holds` or not, unless there are differences.
pub fn judged(source: &str, claim: &str, ours: &str, holds: bool, differences: &[String]) -> Verdict {
    let verdict = match (differences, holds) {
        ([], true) => Agreement::Agree,
        ([], false) => Agreement::Disagree,
        _ => Agreement::NotComparable,
    };
    Verdict {
        source: source.into(),
        claim: claim.into(),
        ours: ours.into(),
        why: differences.into(),
        verdict,
    }
}

/// A claim that no result speaks to.
pub fn not_run(source: &str, claim: &str) -> Verdict {
    let [source, claim] = [source, claim].map(str::to_owned);
    Verdict { source, claim, ours: "–".into(), why: Vec::new(), verdict: Agreement::NotRun }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances() {
        assert!(Tolerance::Points(3.0).holds(58.7, 56.0) && !Tolerance::Points(3.0).holds(58.7, 55.0));
        assert!(Tolerance::Share(0.1).holds(1.7, 1.6) && !Tolerance::Share(0.1).holds(2.0, 1.6));
        assert!(Tolerance::Factor(2.0).holds(0.5, 0.9) && !Tolerance::Factor(2.0).holds(0.0, 0.9));
    }

    #[test]
    fn differences_come_before_agreement() {
        let unlike = judged("s", "c", "41 %", true, &["synthetic data".into()]);
        assert_eq!(unlike.verdict, Agreement::NotComparable);
        assert_eq!(unlike.why, ["synthetic data"]);
        assert_eq!(judged("s", "c", "41 %", false, &[]).verdict, Agreement::Disagree);
    }
}
