//! Parity: does every fast kernel equal its definition, within the rounding f32 may make?
//!
//! The tape is run again one instruction at a time in [`Bound`] arithmetic, each on the very f32 operands that the
//! fast kernel had. The tolerance is what that arithmetic derives: `γ_k` times the sum of absolute products for a
//! dot product of k terms, zero for what rounds nothing.
use crate::{
    Action, Bound, DType, Instruction, ParamData, REFERENCE, Tape,
    machine::Definitions,
    memory::{Memory, Owned},
};
use std::fmt;

/// How one instruction's kernel compares with its definition.
#[derive(Clone, Debug)]
pub struct Parity {
    /// Name of the operation.
    pub op: &'static str,
    /// Which kernel ran.
    pub variant: &'static str,
    /// Largest error as a share of its derived bound; at most 1 where the kernel is right. `None` where the kernel
    /// *is* the definition, which proves nothing.
    pub worst: Option<f64>,
    /// The element with that error.
    pub at: usize,
    /// Value and definition there.
    pub values: (f64, f64),
}

impl Parity {
    /// Whether a fast kernel ran and kept within the bound; running the definition proves nothing.
    pub fn ok(&self) -> bool {
        self.worst.is_some_and(|w| w <= 1.0)
    }
}

/// Compares every computing instruction of a tape that has been run.
///
/// # Panics
/// On a tape that only records, or whose parameters have changed since it read them.
pub fn of_tape(tape: &Tape<'_>) -> Vec<Parity> {
    tape.assert_parameters_unchanged();
    let code = tape.code();
    let params: ParamData<Bound> = tape.params().data().cast();
    code.instructions().iter().filter_map(|i| compare(tape, i, params.clone())).collect()
}

fn compare(tape: &Tape<'_>, i: &Instruction, mut params: ParamData<Bound>) -> Option<Parity> {
    let Action::Compute(op) = &i.action else { return None };
    let code = tape.code();
    let variant = tape.variant(&i.action, &code.types(&i.x));
    let mut memory = Memory::<Bound> { sources: code.sources.clone(), ..Memory::default() };
    i.x.iter().chain(&i.y).for_each(|id| memory.reserve(code.slot(*id)));
    for x in &i.x {
        tape.raw(code.slot(*x), &mut memory);
    }
    memory.execute(i, &code.slots, &Owned::default(), &mut params, &Definitions);
    let mut parity = Parity { op: op.name(), variant, worst: None, at: 0, values: (0.0, 0.0) };
    if variant == REFERENCE {
        return Some(parity);
    }
    let mut fast = Memory::<Bound>::default();
    for y in &i.y {
        let slot = code.slot(*y);
        fast.reserve(slot);
        tape.raw(slot, &mut fast);
        match slot.ty.dtype {
            DType::Real => {
                let (ran, defined) = (fast.reals(slot, &params), memory.reals(slot, &params));
                ran.iter()
                    .zip(defined)
                    .enumerate()
                    .for_each(|(k, (a, b))| parity.note(k, a.re, b.re, b.tolerance()));
            }
            _ => {
                let (ran, defined) = (fast.words(slot), memory.words(slot));
                let real = |w: &u32| f64::from(*w);
                ran.iter()
                    .zip(defined)
                    .enumerate()
                    .for_each(|(k, (a, b))| parity.note(k, real(a), real(b), 0.0));
            }
        }
    }
    Some(parity)
}

/// One line of the table.
impl fmt::Display for Parity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20} {:<20} ", self.op, self.variant)?;
        match self.worst {
            Some(worst) => write!(f, "{:5.1} % of the bound", 100.0 * worst),
            None => f.write_str("no cpu kernel"),
        }
    }
}

impl Parity {
    fn note(&mut self, at: usize, ran: f64, defined: f64, tolerance: f64) {
        let same = ran == defined || (ran.is_nan() && defined.is_nan());
        let share = if same { 0.0 } else { (ran - defined).abs() / tolerance };
        let share = if share.is_nan() { f64::INFINITY } else { share };
        if self.worst.is_none_or(|w| share > w) {
            (self.worst, self.at, self.values) = (Some(share), at, (ran, defined));
        }
    }
}
