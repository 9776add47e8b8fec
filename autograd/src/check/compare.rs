//! Two sides of a derivative, and how far they may lie apart.
use std::fmt;

/// Whose word stands against the gradient's.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Dual numbers: exact to rounding, at kinks too, where they take the branch that the value takes.
    Exact,
    /// Differences of f in f64: share no code with any gradient.
    Finite,
    /// Symmetry of the Hessian: `⟨w, H u⟩` against `⟨u, H w⟩`, from the gradient alone.
    Symmetry,
    /// Differences of the gradient against its derivative in dual numbers.
    SecondFinite,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Mode::Exact => "dual numbers",
            Mode::Finite => "finite differences",
            Mode::Symmetry => "second order, symmetry",
            Mode::SecondFinite => "second order, finite differences",
        })
    }
}

/// What was compared.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Along the k-th random direction, weighed by a random cotangent.
    Direction(usize),
    /// The Jacobian, entry by entry; the numbers are those of the worst.
    Jacobian {
        /// Its row: an element of y.
        y: usize,
        /// Its column: an element of x.
        x: usize,
        /// Entries of the Jacobian.
        entries: usize,
        /// Entries that are wrong.
        wrong: usize,
    },
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Direction(k) => f.pad(&format!("direction {k}")),
            What::Jacobian { y, x, .. } => f.pad(&format!("∂y{y}/∂x{x}")),
        }
    }
}

/// A derivative from two sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Who was asked.
    pub mode: Mode,
    /// For what.
    pub what: What,
    /// From the function: `⟨v, J u⟩` or an entry of J.
    pub forward: f64,
    /// From the gradient: `⟨Jᵀ v, u⟩` or an entry of J.
    pub reverse: f64,
    /// How far they may lie apart; NaN where nothing can be said, which is no pass.
    pub tolerance: f64,
    /// At a kink: the slopes on either side. Everything between them will do.
    pub kink: Option<[f64; 2]>,
}

impl Comparison {
    /// How far they lie apart: at a kink, from what lies between the slopes.
    pub fn error(&self) -> f64 {
        match self.kink {
            None => (self.forward - self.reverse).abs(),
            Some([a, b]) => {
                let (low, high) = (a.min(b), a.max(b));
                (low - self.reverse).max(self.reverse - high).max(0.0)
            }
        }
    }

    /// Whether that is within the tolerance; never where something is NaN.
    pub fn ok(&self) -> bool {
        self.reverse.is_finite() && self.error() <= self.tolerance
    }

    /// The error in tolerances: which of two is worse.
    fn badness(&self) -> f64 {
        if self.ok() { self.error() / self.tolerance.max(f64::MIN_POSITIVE) } else { f64::INFINITY }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.ok() { "ok" } else { "WRONG" };
        write!(f, "{:<11}, {:<18}  ", self.what, self.mode)?;
        match self.kink {
            None => write!(f, "forward {:+.15e}", self.forward)?,
            Some([a, b]) => write!(f, "kink, slopes {a:+.6e} and {b:+.6e}")?,
        }
        write!(
            f,
            "  reverse {:+.15e}  apart {:.1e}  allowed {:.1e}  {verdict}",
            self.reverse,
            self.error(),
            self.tolerance
        )?;
        if let What::Jacobian { entries, wrong, .. } = self.what {
            match wrong {
                0 => write!(f, " (the worst of {entries} entries)")?,
                _ => write!(f, " ({wrong} of {entries} entries)")?,
            }
        }
        Ok(())
    }
}

/// The worst of the entries of a Jacobian, for all of them: `None` if there is none.
pub(super) fn worst(entries: impl Iterator<Item = Comparison>) -> Option<Comparison> {
    let (mut worst, mut count, mut wrong) = (None::<Comparison>, 0, 0);
    for entry in entries {
        count += 1;
        wrong += usize::from(!entry.ok());
        let larger = |than: &Comparison| match (entry.ok(), than.ok()) {
            (false, false) => entry.error() > than.error(),
            _ => entry.badness() > than.badness(),
        };
        if worst.as_ref().is_none_or(larger) {
            worst = Some(entry);
        }
    }
    worst.map(|mut entry| {
        if let What::Jacobian { entries, wrong: w, .. } = &mut entry.what {
            (*entries, *w) = (count, wrong);
        }
        entry
    })
}
