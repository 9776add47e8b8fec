//! What a run needs, takes and computes.
use super::{
    super::{
        bars::bars,
        numbers::{count, scaled, short, time},
    },
    table::{row, table},
};
use crate::model::{Inspection, Memory, Step};
use std::fmt::{self, Write};

/// Buffers, and their use over time.
pub(super) fn memory(of: &Inspection, out: &mut String) -> fmt::Result {
    writeln!(out, "MEMORY\n")?;
    let bytes = |n: u64| scaled(n as f64, "B");
    let mut rows = vec![row(["", "buffers", "of", "a buffer a value", "alive at once", "for a chunk only"])];
    rows.extend(of.memory.iter().map(|m| {
        let sizes = [Memory::with_reuse, Memory::without_reuse, Memory::alive, Memory::local];
        let [with, without, alive, local] = sizes.map(|size| bytes(size(m)));
        vec![m.name.clone(), m.buffers.len().to_string(), with, without, alive, local]
    }));
    table(&rows, &[1, 2, 3, 4, 5], out)?;
    for m in of.memory.iter().skip(1) {
        write!(out, "\n{}, an instruction a column:\n{}", m.name, bars(m))?;
    }
    writeln!(out)
}

/// Time, rates and share of the peak of each planned instruction.
pub(super) fn times(of: &Inspection, out: &mut String) -> fmt::Result {
    let all = &of.planned.instructions;
    if all.iter().all(|i| i.ns.is_none()) {
        return Ok(());
    }
    writeln!(out, "TIMES, each instruction by itself: the median of many runs\n")?;
    let heads = [
        "",
        "instruction",
        "kernel",
        "time",
        "FLOP a byte",
        "GFLOP/s",
        "GB/s",
        "% of peak",
        "% of bound",
        "",
    ];
    let mut rows = vec![row(heads)];
    let tenth = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:.1}"));
    let roof = of.roof.as_ref();
    for (k, i) in all.iter().enumerate() {
        let (bound, by) = i.of_bound(roof).unzip();
        let intensity = i.flops as f64 / i.bytes.max(1) as f64;
        let mut cells = vec![k.to_string(), i.op.clone(), i.kernel.clone()];
        cells.push(i.ns.map_or(String::new(), time));
        cells.extend([Some(intensity), i.gflops(), i.bandwidth(), i.of_peak(roof), bound].map(tenth));
        cells.push(by.unwrap_or_default().to_owned());
        rows.push(cells);
    }
    let sums = [Some(all.iter().filter_map(|i| i.ns).sum::<f64>()), of.run_ns];
    let flops: u64 = all.iter().map(|i| i.flops).sum();
    for (name, ns) in ["one by one", "a run, as planned"].into_iter().zip(sums) {
        let Some(ns) = ns.filter(|&ns| ns > 0.0) else { continue };
        let rate = flops as f64 / ns;
        let share = tenth(roof.map(|roof| 100.0 * rate / roof.peak));
        rows.push(row(["", name, "", &time(ns), "", &tenth(Some(rate)), "", &share]));
    }
    table(&rows, &[0, 3, 4, 5, 6, 7, 8], out)?;
    if roof.is_some() {
        writeln!(
            out,
            "A bound is the FLOPs at the peak or the bytes at the nearest memory that holds them, whichever is longer."
        )?;
    }
    writeln!(out)
}

/// Ranges of all values, and norms of gradients by layer.
pub(super) fn values(of: &Inspection, out: &mut String) -> fmt::Result {
    for step in &of.steps {
        let single =
            |&(id, value): &(usize, Option<f32>)| format!("{} = {}", of.slots[id].name, short(value));
        let results: Vec<String> = step.results.iter().map(single).collect();
        writeln!(out, "VALUES after {}: {}\n", count(step.number as usize, "update"), results.join(", "))?;
        let mut rows =
            vec![row(["value", "of", "least", "mean", "greatest", "norm", "zeros", "NaN", "infinite"])];
        let makers = maker_names(of);
        for (id, seen) in step.seen.iter().enumerate() {
            let Some(v) = seen.as_ref().map(|seen| seen.values) else { continue };
            let zeros = format!("{:.0} %", 100.0 * v.zeros as f64 / v.len.max(1) as f64);
            let [least, mean, greatest, norm] = [v.min, v.mean, v.max, v.norm].map(short);
            let some = |n: usize| if n == 0 { String::new() } else { n.to_string() };
            let name = of.slots[id].name.clone();
            rows.push(vec![
                name,
                makers[id].into(),
                least,
                mean,
                greatest,
                norm,
                zeros,
                some(v.nan),
                some(v.infinite),
            ]);
        }
        table(&rows, &[2, 3, 4, 5, 6, 7, 8], out)?;
        writeln!(out)?;
    }
    let Some(first) = of.steps.first().filter(|step| !step.gradients.is_empty()) else { return Ok(()) };
    writeln!(out, "NORMS OF GRADIENTS, a column a run that was looked at\n")?;
    let mut rows = vec![row(["after updates"])];
    rows[0].extend(of.steps.iter().map(|step| step.number.to_string()));
    for norm in &first.gradients {
        let at = |step: &Step| {
            let own = step.gradients.iter().find(|other| other.param == norm.param);
            short(own.and_then(|own| own.gradient))
        };
        rows.push(std::iter::once(norm.param.clone()).chain(of.steps.iter().map(at)).collect());
    }
    let right: Vec<usize> = (1..=of.steps.len()).collect();
    table(&rows, &right, out)
}

/// The operation that makes each value; nothing of the others.
fn maker_names(of: &Inspection) -> Vec<&str> {
    let mut names = vec![""; of.slots.len()];
    for i in &of.recorded.instructions {
        i.y.iter().for_each(|&y| names[y] = &i.op);
    }
    names
}
