//! The front page: what ran, on what, for how long, and how to know it again.
use super::{Chapter, Pictures, shown};
use crate::{
    report::{
        document::{Block, Section},
        facts::{architectures, best_of, is_synthetic},
        load::{Origin, Results},
        words::{count, duration, list, percent, thousands},
    },
    results::Meta,
};
use std::collections::BTreeMap;

/// Words that must not be missed.
pub(super) fn labels(results: &Results) -> Vec<String> {
    let metas = results.metas();
    let synthetic = metas.iter().filter(|(_, _, m)| is_synthetic(m)).count();
    let limited = metas.iter().any(|(_, _, m)| m.flags.get("train_limit").is_some_and(|l| l != "all"));
    let mut labels = Vec::new();
    if synthetic > 0 {
        let which = if synthetic == metas.len() { "all networks" } else { "some networks" };
        labels.push(format!(
            "SYNTHETIC DATA: {which} were trained on built-in procedural images, not on photographs"
        ));
    }
    if limited {
        labels.push("Some trainings used only a part of the training images".into());
    }
    if metas.iter().any(|(_, _, m)| m.interrupted) {
        labels.push("Some trainings were interrupted".into());
    }
    labels
}

/// One line below the title.
pub(super) fn subtitle(results: &Results) -> String {
    let metas = results.metas();
    let mut editions: Vec<u32> = metas.iter().map(|(_, _, m)| m.edition).filter(|&e| e != 0).collect();
    editions.sort_unstable();
    editions.dedup();
    let years = list(editions.iter().map(u32::to_string));
    match editions.len() {
        0 => "A reproduction with Ferrotape".into(),
        1 => format!("A reproduction of the homework's edition of {years} with Ferrotape"),
        _ => format!("A reproduction of the homework's editions of {years} with Ferrotape"),
    }
}

pub(super) fn section(results: &Results, pictures: &mut Pictures) -> Section {
    let mut chapter = Chapter::new("summary", "Summary", true, pictures);
    chapter.push(Block::text(summary(results)));
    chapter.push(Block::words(
        "What was run",
        &["part", "results", "data", "edition, input", "time"],
        ran(results),
    ));
    let names = ["samples", "part3/samples", "part4/samples", "part5/samples"];
    let samples = names.into_iter().find_map(|name| chapter.pictures.take(name));
    chapter.push(match samples {
        Some(picture) => shown(picture, Some("A sample of the images: ten classes, eight images of each.")),
        None => Block::note("The sample picture was not made (`samples.png`)."),
    });
    let metas = results.metas();
    if !metas.is_empty() {
        chapter.push(Block::Facts { items: facts(&metas) });
        chapter.push(Block::Fold {
            title: "Digests, dates and versions of every result".into(),
            blocks: vec![digests(&metas)],
        });
        chapter.push(Block::Fold { title: "Flags".into(), blocks: flags(&metas) });
    }
    if !results.left_out.is_empty() {
        chapter.push(Block::heading("Files that were not read"));
        chapter.push(Block::List { items: results.left_out.iter().map(|l| format!("`{l}`")).collect() });
    }
    chapter.section
}

fn summary(results: &Results) -> String {
    let all = architectures(results);
    let run = ran(results).iter().filter(|row| row[1] != "not run").count();
    let seconds: f64 = results.metas().iter().map(|(_, _, m)| m.seconds).sum();
    let mut text = format!("{run} of 7 parts were run; their trainings took {}.", duration(seconds));
    if let Some(best) = best_of(&all, None) {
        text += &format!(
            " The best of {} in part 3 is **{}** with **{}** on the test images.",
            count(all.len(), "architecture"),
            best.name,
            percent(best.test)
        );
    }
    text + " Every number, sentence and verdict below is computed from the result files of this run; what was not run is said to be so."
}

fn ran(results: &Results) -> Vec<Vec<String>> {
    let metas = results.metas();
    let trained = |prefix: &str, title: &str| {
        let mine: Vec<&Meta> =
            metas.iter().filter(|(part, _, _)| part.starts_with(prefix)).map(|m| m.2).collect();
        let unique = |of: fn(&Meta) -> String| {
            let mut values: Vec<String> = mine.iter().map(|m| of(m)).collect();
            values.sort();
            values.dedup();
            values.join("; ")
        };
        if mine.is_empty() {
            return row(title, "not run");
        }
        let seconds = mine.iter().map(|m| m.seconds).sum();
        vec![
            title.to_owned(),
            count(mine.len(), "result"),
            unique(|m| m.data_set.clone()),
            unique(|m| format!("{}, {}", m.edition, m.input)),
            duration(seconds),
        ]
    };
    let basic = |title: &str, origin: Option<&Origin>| match origin {
        None => row(title, "not run"),
        Some(o) => {
            let state = if o.interrupted { "interrupted" } else { "1 result" };
            vec![title.to_owned(), state.into(), o.data_set.clone(), "–".into(), duration(o.seconds)]
        }
    };
    vec![
        basic("1 Basics", results.part1.as_ref().map(|p| &p.meta)),
        basic("2 Convolution", results.part2.as_ref().map(|p| &p.meta)),
        trained("part 3", "3 Architectures"),
        trained("part 4", "4 Activations"),
        trained("part 5", "5 Learning rate"),
        trained("task 1", "Fourth source, 1"),
        trained("task 2", "Fourth source, 2"),
    ]
}

fn row(title: &str, state: &str) -> Vec<String> {
    let mut row = vec![title.to_owned(), state.to_owned()];
    row.resize(5, "–".into());
    row
}

fn facts(metas: &[(&str, String, &Meta)]) -> Vec<[String; 2]> {
    let unique = |of: &dyn Fn(&Meta) -> String| {
        let mut values: Vec<String> = metas.iter().map(|(_, _, m)| of(m)).filter(|v| !v.is_empty()).collect();
        values.sort();
        values.dedup();
        if values.is_empty() { "not recorded".to_owned() } else { values.join("; ") }
    };
    let dates = {
        let mut dates: Vec<&str> =
            metas.iter().map(|(_, _, m)| m.date.as_str()).filter(|d| !d.is_empty()).collect();
        dates.sort_unstable();
        match (dates.first(), dates.last()) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(first), _) => (*first).to_owned(),
            _ => "not recorded".into(),
        }
    };
    [
        ("Data", unique(&|m| m.data_set.clone())),
        ("Machine", unique(&|m| m.device.clone())),
        ("Seeds", unique(&|m| m.seed.to_string())),
        ("Written", dates),
        ("Version", unique(&|m| format!("Ferrotape {}", m.version))),
    ]
    .map(|(name, value)| [name.to_owned(), value])
    .into()
}

fn digests(metas: &[(&str, String, &Meta)]) -> Block {
    let row = |(part, name, m): &(&str, String, &Meta)| {
        let state = match (m.diverged_at, m.interrupted) {
            (Some(step), _) => format!("diverged at step {step}"),
            (None, true) => "interrupted".into(),
            (None, false) => "complete".into(),
        };
        let recorded = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
        vec![
            format!("{part}, {name}"),
            state,
            thousands(m.parameters as u64),
            duration(m.seconds),
            format!("`{}`", recorded(&m.digest)),
            recorded(&m.date),
            recorded(&m.version),
        ]
    };
    let head = ["result", "state", "parameters", "time", "digest of the parameters", "written", "version"];
    Block::words("Equal digests mean equal parameters, bit for bit", &head, metas.iter().map(row).collect())
}

/// Flags that a part's results share, and those that they do not.
fn flags(metas: &[(&str, String, &Meta)]) -> Vec<Block> {
    let mut parts: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (part, _, meta) in metas {
        for (flag, value) in &meta.flags {
            parts.entry(part).or_default().entry(flag).or_default().push(value);
        }
    }
    let line = |(part, flags): (&str, BTreeMap<&str, Vec<&str>>)| {
        let spelled = flags.into_iter().map(|(flag, mut values)| {
            values.sort_unstable();
            values.dedup();
            format!("`{flag}` {}", values.join(" / "))
        });
        [part.to_owned(), spelled.collect::<Vec<_>>().join(", ")]
    };
    vec![Block::Facts { items: parts.into_iter().map(line).collect() }]
}
