//! The report's chapters: figures, tables, comparisons and answers put in order.
mod charts;
mod colophon;
mod comparison;
mod evaluation;
mod front;
mod part1;
mod part2;
mod part3;
mod part4;
mod part5;
mod tasks;

use super::{
    document::{Block, Document, Figure, Question, Section},
    load::Results,
    pictures::{Picture, Pictures},
};
use crate::results::Meta;
use charts::Charting;

/// The whole report.
pub fn document(results: &Results) -> Document {
    let pictures = &mut Pictures::find(&results.dir);
    let front = front::section(results, pictures);
    let sections = vec![
        front,
        part1::section(results, pictures),
        part2::section(results, pictures),
        part3::section(results, pictures),
        part4::section(results, pictures),
        part5::section(results, pictures),
        tasks::section(results, pictures, 1),
        tasks::section(results, pictures, 2),
        comparison::section(results),
        colophon::section(),
    ];
    Document {
        title: "Training Artificial Neural Networks".into(),
        subtitle: front::subtitle(results),
        labels: front::labels(results),
        sections,
    }
}

/// A chapter under construction.
struct Chapter<'a> {
    section: Section,
    pictures: &'a mut Pictures,
}

impl<'a> Chapter<'a> {
    fn new(id: &str, title: &str, run: bool, pictures: &'a mut Pictures) -> Self {
        let blocks =
            if run { Vec::new() } else { vec![Block::note("Not run: there are no results of this part.")] };
        Self { section: Section { id: id.into(), title: title.into(), run, blocks }, pictures }
    }

    fn push(&mut self, block: Block) {
        self.section.blocks.push(block);
    }

    fn extend(&mut self, blocks: impl IntoIterator<Item = Block>) {
        self.section.blocks.extend(blocks);
    }

    /// A figure of the part's folder, where it is there.
    fn figure(&mut self, name: &str, caption: &str) {
        self.section.blocks.extend(figure(self.pictures, name, caption));
    }

    /// What else lies in `folder`, then the questions.
    fn finish(mut self, folder: &str, questions: Vec<Question>) -> Section {
        let rest = self.pictures.take_all(&format!("{folder}/"));
        if !rest.is_empty() {
            let blocks = rest.into_iter().map(|p| shown(p, None)).collect();
            self.push(Block::Fold { title: "Further figures".into(), blocks });
        }
        if !questions.is_empty() {
            self.push(Block::heading("Questions"));
            self.extend(questions.into_iter().map(Block::Question));
        }
        self.section
    }
}

/// That trainings of a part ended early, which its numbers must be read with.
fn ended_early(results: &Results, part: &str) -> Vec<Block> {
    let metas = results.metas();
    let mine = metas.iter().filter(|(of, ..)| of.starts_with(part));
    let note = |(_, name, meta): &(&str, String, &Meta)| {
        let what = match (meta.diverged_at, meta.interrupted) {
            (Some(step), _) => {
                format!("diverged at step {step}: curves and weights are those of the last record before")
            }
            (None, true) => "was interrupted: curves end where it was stopped".into(),
            (None, false) => return None,
        };
        Some(Block::note(format!("{name} {what}.")))
    };
    mine.filter_map(note).collect()
}

/// A figure, where it is there.
fn figure(pictures: &mut Pictures, name: &str, caption: &str) -> Option<Block> {
    pictures.take(name).map(|p| shown(p, Some(caption)))
}

/// A picture with a caption, or with the name of its file.
fn shown(picture: Picture, caption: Option<&str>) -> Block {
    let caption = caption.map_or_else(|| format!("`{}`", picture.name), str::to_owned);
    Block::Figure(Figure { picture, caption, pixelated: false })
}
