//! The explanation as text.
use super::{Curve, Element, Explanation};
use crate::check::Fault;
use std::fmt;

/// Columns of a bar of the curve.
const BAR: f64 = 30.0;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Rule { op, operand, loc } => {
                write!(f, "the gradient rule of {op}, called at {loc}, with respect to operand {operand}")
            }
            Fault::Sum { readers } => {
                write!(f, "the sum of the gradients of a value read by {}", readers.join(", "))
            }
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, analytic, truth } = self;
        write!(f, "{:<16} gradient {analytic:+.9e}  should be {truth:+.9e}", format!("{index:?}"))
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let logs = || self.errors.iter().map(|(_, e)| e.log10()).filter(|log| log.is_finite());
        let (low, high) = (logs().fold(f64::INFINITY, f64::min), logs().fold(f64::NEG_INFINITY, f64::max));
        for (h, error) in &self.errors {
            let share = ((error.log10() - low) / (high - low).max(1.0)).clamp(0.0, 1.0);
            let columns = if error.is_finite() { (share * BAR).round() as usize } else { 0 };
            writeln!(
                f,
                "{}",
                format!("    h {h:<5.0e}  error {error:<9.2e} {}", "#".repeat(columns)).trim_end()
            )?;
        }
        match self.kink {
            Some(at) => writeln!(f, "  nearest kink: {at:.2e} away in this element"),
            None => writeln!(f, "  no kink within 0.1 in this element"),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            Some(fault) => writeln!(f, "wrong: {fault}")?,
            None => writeln!(f, "wrong: the gradient of {}", self.of.0)?,
        }
        self.others.iter().try_for_each(|fault| writeln!(f, "wrong too: {fault}"))?;
        let ([wrong, looked], (name, shape)) = (self.wrong, &self.of);
        writeln!(
            f,
            "  {name}, shape {shape}: {wrong} of {looked} elements wrong; the worst and its neighbours:"
        )?;
        for element in std::iter::once(&self.worst).chain(&self.neighbours) {
            writeln!(f, "    {element}")?;
        }
        match &self.fits[..] {
            [] => writeln!(
                f,
                "  it looks like none of: scale, sign, transpose, missing term, overwritten, off by one"
            )?,
            [best, rest @ ..] => {
                writeln!(f, "  looks like {}", best.hypothesis)?;
                rest.iter().try_for_each(|fit| writeln!(f, "     or like {}", fit.hypothesis))?;
            }
        }
        if let Some(curve) = &self.curve {
            writeln!(f, "  finite differences against the gradient, in the worst element of x:")?;
            write!(f, "{curve}")?;
        }
        Ok(())
    }
}
