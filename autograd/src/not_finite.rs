//! Where the first number comes from that is not finite.
use crate::{Action, Error, Feed, Instruction, Phase, Replay, SlotId};
use std::{fmt, panic::Location, sync::Arc};

/// The first instruction of a run that made NaN or an infinity.
#[derive(Clone, Debug, PartialEq)]
pub struct NotFinite {
    /// Its number in the program.
    pub instruction: usize,
    /// The operation or update rule.
    pub op: &'static str,
    /// Part of the step.
    pub phase: Phase,
    /// The user's line it comes from.
    pub loc: &'static Location<'static>,
    /// The part of the network it comes from.
    pub module: Option<Arc<str>>,
    /// What it made.
    pub output: Values,
    /// Its real operands, in order.
    pub operands: Vec<(SlotId, Values)>,
}

/// A summary of some numbers.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Values {
    /// The least finite one.
    pub min: f32,
    /// The greatest finite one.
    pub max: f32,
    /// How many are NaN.
    pub nan: usize,
    /// How many are infinite.
    pub infinite: usize,
    /// How many there are.
    pub len: usize,
}

impl Values {
    /// Of these.
    pub fn of(x: &[f32]) -> Self {
        let finite = || x.iter().copied().filter(|x| x.is_finite());
        Self {
            min: finite().fold(f32::INFINITY, f32::min),
            max: finite().fold(f32::NEG_INFINITY, f32::max),
            nan: x.iter().filter(|x| x.is_nan()).count(),
            infinite: x.iter().filter(|x| x.is_infinite()).count(),
            len: x.len(),
        }
    }

    /// Whether all are finite.
    pub fn finite(&self) -> bool {
        self.nan + self.infinite == 0
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { min, max, nan, infinite, len } = self;
        match nan + infinite {
            0 => write!(f, "{min:.3e} to {max:.3e}"),
            all if all == *len => write!(f, "{nan} NaN, {infinite} infinite of {len}"),
            _ => write!(f, "{nan} NaN, {infinite} infinite of {len}, others {min:.3e} to {max:.3e}"),
        }
    }
}

/// One line.
impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { instruction, op, phase, loc, module, output, operands } = self;
        write!(f, "instruction {instruction}, {op} ({}, {loc}", phase.name())?;
        module.iter().try_for_each(|module| write!(f, ", module {module}"))?;
        write!(f, "), is the first to make one: {output}; from ")?;
        for (k, (id, values)) in operands.iter().enumerate() {
            write!(f, "{}{id}: {values}", if k == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Replay<f32> {
    /// Runs the program up to the first instruction that makes NaN or an infinity, by the definitions; `None` if all numbers are
    /// finite, and then the program has run.
    ///
    /// # Errors
    /// If the feeds are not those declared.
    pub fn first_not_finite(&mut self, feeds: &[Feed<'_>]) -> Result<Option<NotFinite>, Error> {
        let mut found = None;
        let number = self.run_until(feeds, |replay, i| {
            found = replay.look(i);
            found.is_some()
        })?;
        Ok(found.map(|found| NotFinite { instruction: number.expect("where it stopped"), ..found }))
    }

    /// What `i` made, if that is not finite: an update makes values of parameters.
    fn look(&self, i: &Instruction) -> Option<NotFinite> {
        let slots = |ids: &[SlotId]| -> Vec<(SlotId, Values)> {
            ids.iter().filter_map(|&id| Some((id, Values::of(self.reals(id)?)))).collect()
        };
        let output = match &i.action {
            Action::Compute(_) => slots(&i.y).into_iter().map(|(_, values)| values).find(|v| !v.finite()),
            Action::Update(..) => Some(Values::of(&self.params.values)).filter(|v| !v.finite()),
        }?;
        let (phase, loc, module) = (i.phase, i.loc, i.module.clone());
        Some(NotFinite { instruction: 0, op: i.name(), phase, loc, module, output, operands: slots(&i.x) })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Params, Tape};

    #[test]
    fn the_first_is_named() {
        let params = Params::seeded(1);
        let tape = Tape::recording(&params);
        let x = tape.feed([3]);
        let line = line!() + 1;
        let scaled = x.scale(3e38);
        let program = tape.compile(&[(scaled * scaled).sum()]);
        let mut replay = program.replay::<f32>(&params);
        assert_eq!(replay.first_not_finite(&[(&[0.0f32, 1e-38, 0.0][..]).into()]).unwrap(), None);
        let found =
            replay.first_not_finite(&[(&[0.0f32, 2.0, -0.5][..]).into()]).unwrap().expect("it overflows");
        assert_eq!((found.instruction, found.op, found.loc.line()), (0, "scale", line));
        assert_eq!((found.output.infinite, found.output.nan, found.output.min), (1, 0, -1.5e38));
        let text = found.to_string();
        assert!(
            text.contains("0 NaN, 1 infinite of 3") && text.contains("%0: -5.000e-1 to 2.000e0"),
            "{text}"
        );
    }
}
