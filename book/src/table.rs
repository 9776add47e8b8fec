//! Tables made of committed records.
use crate::root;
use anyhow::{Context, Result};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// Times against PyTorch, by `benches/vs_pytorch.py`.
pub const RECORD: &str = "benches/results/vs_pytorch.json";

/// Rows of the record that were measured on one thread.
///
/// # Errors
/// Where it cannot be read.
pub fn one_thread() -> Result<Vec<Value>> {
    let record: Value = serde_json::from_str(&fs::read_to_string(root().join(RECORD)).context(RECORD)?)?;
    let rows = record["rows"].as_array().context("rows")?;
    Ok(rows.iter().filter(|row| row["threads"] == 1).cloned().collect())
}

/// The sizes and the pass of a convolution's row, `conv/16to8_k5_30/forward`: `[16, 8, 5, 30]`, `forward`.
pub fn convolution(row: &Value) -> Option<([usize; 4], &str)> {
    let (sizes, pass) = row["row"].as_str()?.strip_prefix("conv/")?.split_once('/')?;
    let mut numbers = sizes.split(['t', 'o', '_', 'k']).filter_map(|n| n.parse().ok());
    let sizes = [numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?];
    Some((sizes, pass))
}

/// The table of this name, as Markdown.
///
/// # Errors
/// Where there is none of the name, or its record cannot be read.
pub fn markdown(name: &str) -> Result<String> {
    anyhow::ensure!(name == "convolutions", "no such table");
    let mut passes: BTreeMap<[usize; 4], BTreeMap<String, String>> = BTreeMap::new();
    for row in one_thread()? {
        let Some((sizes, pass)) = convolution(&row) else { continue };
        let number = |key: &str| row[key].as_f64().with_context(|| format!("{RECORD}: {key}"));
        let share = number("flops")? / (number("ours_ms")? * 1e6) / number("peak_gflops")?;
        passes.entry(sizes).or_default().insert(pass.to_owned(), format!("{:.0} %", 100.0 * share));
    }
    let mut text =
        String::from("| layer | forward | weight gradient | input gradient |\n|---|---|---|---|\n");
    for ([ci, co, k, h], of) in &passes {
        let cell = |pass: &str| of.get(pass).map_or("not needed", String::as_str);
        let [forward, wgrad, dgrad] = ["forward", "wgrad", "dgrad"].map(cell);
        text += &format!("| {ci} to {co}, {k}x{k}, on {h}x{h} | {forward} | {wgrad} | {dgrad} |\n");
    }
    Ok(text.trim_end().to_owned())
}
