//! The X-ray: one self-contained page to click through. Its script draws what the data in it say; graphs and buffers are drawn here.
mod layout;
mod lives;
mod svg;

use super::numbers::{count, scaled};
use crate::{
    model::Inspection,
    sources::{self, Written},
};
use serde::Serialize;
use std::collections::BTreeMap;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
/// In this order: each uses what stands before it.
const SCRIPTS: [&str; 6] = [
    include_str!("data.js"),
    include_str!("picture.js"),
    include_str!("detail.js"),
    include_str!("table.js"),
    include_str!("graph.js"),
    include_str!("main.js"),
];

/// What the script reads.
#[derive(Serialize)]
struct Data<'a> {
    of: &'a Inspection,
    /// By type and name of the operation.
    written: BTreeMap<String, Written>,
    /// By path.
    files: BTreeMap<&'static str, &'static str>,
}

/// The page.
pub fn page(of: &Inspection) -> String {
    let mut page = String::new();
    // Every second piece is the name of what stands there; what is put in is not searched.
    for (k, piece) in TEMPLATE.split("@@").enumerate() {
        match (k % 2, piece) {
            (0, literal) => page.push_str(literal),
            (_, "title") => page.push_str(&escape(&of.title)),
            (_, "style") => page.push_str(STYLE),
            (_, "notes") => page.push_str(&notes(of)),
            (_, "recorded") => page.push_str(&svg::graph(of, &of.recorded, "recorded")),
            (_, "planned") => page.push_str(&svg::graph(of, &of.planned, "planned")),
            (_, "memory") => page.push_str(&memory(of)),
            (_, "data") => page.push_str(&data(of)),
            (_, "script") => SCRIPTS.iter().for_each(|script| page.push_str(script)),
            (_, name) => unreachable!("the template has no piece {name}"),
        }
    }
    page
}

/// A text in HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn notes(of: &Inspection) -> String {
    let (before, after) = (of.recorded.instructions.len(), of.planned.instructions.len());
    let flops: u64 = of.recorded.instructions.iter().map(|i| i.flops).sum();
    let made = format!(
        "{}, planned as {after}; {} a run",
        count(before, "instruction"),
        scaled(flops as f64, "FLOP")
    );
    let peak = of.roof.as_ref().map(|roof| format!("peak of multiply-adds {:.0} GFLOP/s", roof.peak));
    let lines = [Some(of.machine.clone()), peak, Some(made)].into_iter().flatten();
    lines.chain(of.notes.iter().cloned()).map(|line| format!("<li>{}</li>", escape(&line))).collect()
}

fn memory(of: &Inspection) -> String {
    let bytes = |n: u64| scaled(n as f64, "B");
    let one = |(k, m): (usize, &crate::model::Memory)| {
        let local = match m.local() {
            0 => String::new(),
            n => format!("; {} of values only for a chunk of images at a time", bytes(n)),
        };
        format!(
            "<details{}><summary>{}: {} in {}, {} without sharing</summary><p>At most {} must be there at once{local}.</p>\
             <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Buffers {}\">{}</div></details>",
            if k == 1 { " open" } else { "" },
            escape(&m.name),
            bytes(m.with_reuse()),
            count(m.buffers.len(), "buffer"),
            bytes(m.without_reuse()),
            bytes(m.alive()),
            escape(&m.name),
            lives::lives(m),
        )
    };
    of.memory.iter().enumerate().map(one).collect()
}

/// The data as JSON that no `</script>` ends.
fn data(of: &Inspection) -> String {
    let all = of.recorded.instructions.iter().chain(&of.planned.instructions);
    let mut written = BTreeMap::new();
    for i in all {
        if let Some(found) = sources::written(&i.type_name, &i.op) {
            written.insert(format!("{} {}", i.type_name, i.op), found);
        }
    }
    let paths = written.values().flat_map(|w| &w.files);
    let files = paths.filter_map(|path| sources::file(path)).map(|file| (file.path, file.text)).collect();
    let json = serde_json::to_string(&Data { of, written, files }).expect("numbers, texts and lists");
    json.replace('<', "\\u003c")
}
