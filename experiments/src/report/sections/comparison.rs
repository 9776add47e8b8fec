//! Reported figures and claims against this run.
use crate::report::{
    claims,
    document::{Agreement, Block, Section, Verdict},
    load::Results,
};

pub(super) fn section(results: &Results) -> Section {
    let all = claims::verdicts(results);
    let count = |wanted| all.iter().flat_map(|(_, v)| v).filter(|v| v.verdict == wanted).count();
    let tally = format!(
        "{} agree, {} disagree, {} are not comparable with this run, {} were not run.",
        count(Agreement::Agree),
        count(Agreement::Disagree),
        count(Agreement::NotComparable),
        count(Agreement::NotRun)
    );
    let mut blocks = vec![Block::text(claims::RULE), Block::text(tally)];
    for (title, items) in all {
        blocks.push(Block::heading(title));
        for items in items.chunk_by(|a, b| a.source == b.source) {
            blocks.push(of_one_source(items.to_vec()));
        }
    }
    Section { id: "comparison".into(), title: "Reported figures and claims".into(), run: true, blocks }
}

/// A source's verdicts; reasons that all of them share stand once, with the source.
fn of_one_source(mut items: Vec<Verdict>) -> Block {
    let source = items[0].source.clone();
    let reasons: Vec<&Vec<String>> = items.iter().map(|v| &v.why).filter(|why| !why.is_empty()).collect();
    let shared = reasons.len() > 1 && reasons.iter().all(|why| *why == reasons[0]);
    let why = if shared { reasons[0].clone() } else { Vec::new() };
    if shared {
        items.iter_mut().for_each(|v| v.why.clear());
    }
    Block::Verdicts { source, why, items }
}
