//! The tape, and what the planner makes of it.
use super::{
    super::numbers::{count, scaled},
    table::{row, table},
};
use crate::model::{Fate, Inspection, Instruction};
use ferrotape_autograd::Phase;
use std::{
    fmt::{self, Write},
    iter,
};

/// Forward instructions, each with the gradient instructions that belong to it.
pub(super) fn recorded(of: &Inspection, out: &mut String) -> fmt::Result {
    let all = &of.recorded.instructions;
    let flops: u64 = all.iter().map(|i| i.flops).sum();
    writeln!(out, "THE TAPE: {}, {}\n", count(all.len(), "instruction"), scaled(flops as f64, "FLOP"))?;
    let mut rows = vec![row([
        "",
        "instruction",
        "type",
        "work",
        "traffic",
        "kernel",
        "saved for backward",
        "line",
        "module",
    ])];
    let mut listed = vec![false; all.len()];
    for (k, _) in all.iter().enumerate().filter(|(_, i)| i.gradient_of.is_none()) {
        for (n, mark) in iter::once((k, "")).chain(of.gradients_of(k).map(|g| (g, "  ↳ "))) {
            rows.push(line(of, n, mark));
            listed[n] = true;
        }
    }
    // A gradient of a gradient stands by itself.
    rows.extend((0..all.len()).filter(|&k| !listed[k]).map(|k| line(of, k, "")));
    table(&rows, &[0, 3, 4], out)?;
    writeln!(out)
}

fn line(of: &Inspection, k: usize, mark: &str) -> Vec<String> {
    let i = &of.recorded.instructions[k];
    let types: Vec<&str> = i.y.iter().map(|&y| &*of.slots[y].ty).collect();
    let numbers = |all: &[usize]| all.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let saved = match (i.phase, of.saved_for(k)) {
        (Phase::Backward, _) if !i.saved.is_empty() => {
            let names: Vec<&str> = i.saved.iter().map(|&id| &*of.slots[id].name).collect();
            format!("reads {}", names.join(", "))
        }
        (_, by) if !by.is_empty() => format!("for {}", numbers(&by)),
        _ => String::new(),
    };
    vec![
        k.to_string(),
        format!("{mark}{}", i.call(of)),
        types.join(", "),
        if i.flops == 0 { String::new() } else { scaled(i.flops as f64, "FLOP") },
        scaled(i.bytes as f64, "B"),
        i.kernel.clone(),
        saved,
        format!("{}:{}", i.file, i.line),
        i.module.clone().unwrap_or_default(),
    ]
}

/// What the planned instructions are made of, and what became of the others.
pub(super) fn planner(of: &Inspection, out: &mut String) -> fmt::Result {
    let (before, after) = (&of.recorded.instructions, &of.planned.instructions);
    writeln!(out, "THE PLANNER: {} become {}\n", count(before.len(), "instruction"), after.len())?;
    let name = |k: usize| format!("{k} {}", before[k].op);
    let made = |i: &Instruction| i.recorded.iter().map(|&k| name(k)).collect::<Vec<_>>().join(", ");
    let mut rows = vec![row(["", "", "instruction", "is"])];
    for stage in &of.planned.stages {
        for (k, i) in after.iter().enumerate().take(stage.last + 1).skip(stage.first) {
            let mark = match (stage.images, k) {
                (None, _) => "",
                (_, k) if k == stage.first => "┌",
                (_, k) if k == stage.last => "└",
                _ => "│",
            };
            rows.push(vec![mark.into(), k.to_string(), i.call(of), made(i)]);
        }
    }
    table(&rows, &[1], out)?;
    let list = |fate: Fate| {
        let all = of.fates.iter().enumerate().filter(|(_, f)| **f == fate);
        all.map(|(k, _)| name(k)).collect::<Vec<_>>().join(", ")
    };
    let gone = [
        ("constants, written once", Fate::Constant),
        ("fed as they are", Fate::Fed),
        ("dropped, as nobody reads them", Fate::Dropped),
    ];
    for (what, fate) in gone {
        if of.fates.contains(&fate) {
            writeln!(out, "{what}: {}", list(fate))?;
        }
    }
    for stage in of.planned.stages.iter().filter(|stage| stage.images.is_some()) {
        let (n, images) = (stage.last - stage.first + 1, stage.images.unwrap_or(0));
        writeln!(
            out,
            "chain: instructions {} to {} ({n}) go through {images} images chunk by chunk",
            stage.first, stage.last
        )?;
    }
    writeln!(out)
}
