//! Numbers as people read them.
use crate::model::{Inspection, Instruction, Roof};
pub(super) use ferrotape_autograd::scaled;

/// `4.5 ms`.
pub(super) fn time(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{ns:.0} ns"),
        _ if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        _ => format!("{:.2} ms", ns / 1e6),
    }
}

/// `0.0123`, `-1.20e-5`: about three digits.
pub(super) fn short(x: Option<f32>) -> String {
    match x {
        None => "–".into(),
        Some(0.0) => "0".into(),
        Some(x) if x.abs() >= 1e5 || x.abs() < 1e-3 => format!("{x:.2e}"),
        Some(x) => format!("{x:.3}"),
    }
}

/// `1 instruction`, `2 instructions`.
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

impl Instruction {
    /// `%7 = relu(%6)`; of an update, what it changes.
    pub fn call(&self, of: &Inspection) -> String {
        let names = |ids: &[usize]| ids.iter().map(|&id| &*of.slots[id].name).collect::<Vec<_>>().join(", ");
        match (&self.y[..], &self.updates[..]) {
            ([], [first, .., last]) => {
                format!("{}({first}, … {last}: {} parameters)", self.op, self.updates.len())
            }
            ([], few) => format!("{}({})", self.op, few.join(", ")),
            (y, _) => format!("{} = {}({})", names(y), self.op, names(&self.x)),
        }
    }

    /// GFLOP/s, if it was timed and has any.
    pub fn gflops(&self) -> Option<f64> {
        self.ns.filter(|&ns| ns > 0.0 && self.flops > 0).map(|ns| self.flops as f64 / ns)
    }

    /// GB/s, if it was timed.
    pub fn bandwidth(&self) -> Option<f64> {
        self.ns.filter(|&ns| ns > 0.0).map(|ns| self.bytes as f64 / ns)
    }

    /// Per cent of the peak of multiply-adds.
    pub fn of_peak(&self, roof: Option<&Roof>) -> Option<f64> {
        Some(100.0 * self.gflops()? / roof?.peak)
    }

    /// Per cent of its bound, and what sets that.
    pub fn of_bound<'a>(&self, roof: Option<&'a Roof>) -> Option<(f64, &'a str)> {
        let (bound, by) = roof?.bound(self.flops, self.bytes)?;
        Some((100.0 * bound / self.ns.filter(|&ns| ns > 0.0)?, by))
    }
}
