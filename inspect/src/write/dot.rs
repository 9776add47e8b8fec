//! The tape for Graphviz: `dot -Tsvg tape.dot -o tape.svg`.
use super::numbers::scaled;
use crate::model::{Inspection, Instruction, Origin};
use ferrotape_autograd::Phase;
use std::fmt::Write;

/// A text as Graphviz quotes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// The tape as a graph: an instruction a node, a value that one makes and another reads an edge; values that are kept for the
/// backward pass are dashed.
pub fn dot(of: &Inspection) -> String {
    let mut text = String::from(
        "digraph tape {\n  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
    );
    let _ = writeln!(text, "  label={};", quoted(&of.title));
    let all = &of.recorded.instructions;
    for (phase, name) in
        [(Phase::Forward, "forward"), (Phase::Backward, "backward"), (Phase::Update, "update")]
    {
        let _ = writeln!(text, "  subgraph cluster_{name} {{\n    label={};", quoted(name));
        for (k, i) in all.iter().enumerate().filter(|(_, i)| i.phase == phase) {
            let _ = writeln!(text, "    i{k} [label={}];", quoted(&label(of, k, i)));
        }
        text.push_str("  }\n");
    }
    for (id, slot) in of.slots.iter().enumerate().filter(|(_, slot)| slot.origin != Origin::Made) {
        if all.iter().any(|i| i.x.contains(&id)) {
            let label = quoted(&format!("{}\n{}", slot.name, slot.ty));
            let _ = writeln!(text, "  v{id} [label={label}, shape=ellipse];");
        }
    }
    for (k, i) in all.iter().enumerate() {
        for &id in &i.x {
            let from = match all.iter().position(|by| by.y.contains(&id)) {
                Some(by) => format!("i{by}"),
                None => format!("v{id}"),
            };
            let style = if i.saved.contains(&id) { ", style=dashed" } else { "" };
            let _ = writeln!(text, "  {from} -> i{k} [label={}{style}];", quoted(&of.slots[id].name));
        }
    }
    text.push_str("}\n");
    text
}

fn label(of: &Inspection, k: usize, i: &Instruction) -> String {
    let types: Vec<&str> = i.y.iter().map(|&y| &*of.slots[y].ty).collect();
    let work = if i.flops > 0 { format!("\n{}", scaled(i.flops as f64, "FLOP")) } else { String::new() };
    format!("{k} {}\n{}{work}", i.op, types.join(", "))
}
