//! The listing: plain text, for a terminal or a file.
mod run;
mod table;
mod tape;

use crate::model::{Inspection, Roof};
use std::fmt::{self, Write};

/// All that is known, as text.
pub fn text(of: &Inspection) -> String {
    let mut text = String::new();
    for part in [head, tape::recorded, tape::planner, run::memory, run::times, run::values] {
        part(of, &mut text).expect("a text takes all");
    }
    text
}

fn head(of: &Inspection, out: &mut String) -> fmt::Result {
    writeln!(out, "{} on {}", of.title, of.machine)?;
    of.notes.iter().try_for_each(|note| writeln!(out, "  {note}"))?;
    if let Some(Roof { peak, levels }) = &of.roof {
        let levels = levels.iter().map(|level| format!(", {} {:.0} GB/s", level.name, level.bandwidth));
        writeln!(out, "  at most: {peak:.0} GFLOP/s of multiply-adds{}", levels.collect::<String>())?;
    }
    writeln!(out)
}
