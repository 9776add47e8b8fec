//! All results of a folder: what is there, read and checked; what is absent stays absent.
mod check;
mod files;

pub use crate::results::{
    Origin,
    part1::{ParameterCount, Part1, Xor},
    part2::{Correlation, Part2},
};
pub use check::Checked;

use crate::results::{
    Meta, Part3, Part3Details, Part4, Part4Details, Part4Inputs, Part5, Part5Details, Scheduled, Task,
};
use anyhow::{Result, bail};
use files::Folder;
use std::path::{Path, PathBuf};

/// The folders that results lie in.
pub const FOLDERS: [&str; 7] = ["part1", "part2", "part3", "part4", "part5", "task1", "task2"];

/// Everything that was run.
#[derive(Debug, Default)]
pub struct Results {
    /// The folder.
    pub dir: PathBuf,
    /// Activations, XOR and concepts.
    pub part1: Option<Part1>,
    /// The convolution.
    pub part2: Option<Part2>,
    /// Networks of part 3, in the order of their names.
    pub part3: Vec<Network<Part3, Part3Details>>,
    /// Networks of part 4.
    pub part4: Vec<Network<Part4, Part4Details>>,
    /// The bonus of part 4.
    pub inputs: Vec<Part4Inputs>,
    /// Networks of part 5.
    pub part5: Vec<Rates>,
    /// Networks of both tasks of the fourth source.
    pub tasks: Vec<Task>,
    /// JSON files that no part writes, and details without a result: named, and not read.
    pub left_out: Vec<String>,
}

/// A network's result and what lies beside it.
#[derive(Debug)]
pub struct Network<R, D> {
    /// What the homework asks for.
    pub result: R,
    /// What it has no key for.
    pub details: Option<D>,
}

/// Everything of part 5 for one network; a part that was stopped has less.
#[derive(Debug)]
pub struct Rates {
    /// Three constant rates.
    pub constant: Part5,
    /// 0.1 to 0.01.
    pub sch_1: Option<Scheduled>,
    /// 0.1 to 0.01 to 0.001.
    pub sch_01: Option<Scheduled>,
    /// Tests, plateaus and Adam.
    pub details: Option<Part5Details>,
}

impl Results {
    /// Reads what is in `dir`.
    ///
    /// # Errors
    /// If `dir` holds no folder of a part, or a file with a result's name cannot be read, is no such result or
    /// contradicts itself: one line that names the file.
    pub fn read(dir: &Path) -> Result<Self> {
        if !FOLDERS.iter().any(|folder| dir.join(folder).is_dir()) {
            bail!(
                "{}: expected a folder with results in {}, found none of them",
                dir.display(),
                FOLDERS.join(", ")
            );
        }
        let [mut one, mut two, mut three, mut four, mut five] =
            [0, 1, 2, 3, 4].map(|k| Folder::open(dir, FOLDERS[k]));
        let mut results = Self {
            dir: dir.to_owned(),
            part1: one.take("part1")?,
            part2: two.take("part2")?,
            part3: networks(&mut three, "part3_")?,
            inputs: four.take_all("part4_inputs_", "")?,
            part4: networks(&mut four, "part4_")?,
            part5: rates(&mut five)?,
            ..Self::default()
        };
        results.left_out.extend([one, two, three, four, five].into_iter().flat_map(Folder::left));
        for task in &FOLDERS[5..] {
            let mut folder = Folder::open(dir, task);
            results.tasks.extend(folder.take_all(&format!("{task}_"), "")?);
            results.left_out.extend(folder.left());
        }
        Ok(results)
    }

    /// The `meta` of every result, with the name of its part.
    pub fn metas(&self) -> Vec<(&'static str, String, &Meta)> {
        let mut all = Vec::new();
        all.extend(self.part3.iter().map(|n| ("part 3", n.result.name.clone(), &n.result.meta)));
        all.extend(self.part4.iter().map(|n| ("part 4", n.result.name.clone(), &n.result.meta)));
        all.extend(self.inputs.iter().map(|r| ("part 4, inputs", r.name.clone(), &r.meta)));
        for rates in &self.part5 {
            let name = &rates.constant.name;
            all.push(("part 5", name.clone(), &rates.constant.meta));
            let falls = [(&rates.sch_1, "0.1 → 0.01"), (&rates.sch_01, "0.1 → 0.01 → 0.001")];
            all.extend(
                falls
                    .into_iter()
                    .filter_map(|(s, what)| Some(("part 5", format!("{name}, {what}"), &s.as_ref()?.meta))),
            );
        }
        let task = |t: &Task| if t.task == 1 { "task 1" } else { "task 2" };
        all.extend(self.tasks.iter().map(|t| (task(t), format!("network {}", t.network), &t.meta)));
        all
    }

    /// The networks of a task.
    pub fn task(&self, task: u32) -> Vec<&Task> {
        self.tasks.iter().filter(|t| t.task == task).collect()
    }
}

/// Results called `<prefix><name>.json`, each with its `<prefix><name>_details.json`.
fn networks<R: Checked, D: Checked>(folder: &mut Folder, prefix: &str) -> Result<Vec<Network<R, D>>> {
    let mut details: Vec<D> = folder.take_all(prefix, "_details")?;
    let results: Vec<R> = folder.take_all(prefix, "")?;
    let mut found = Vec::new();
    for result in results {
        let stem = format!("{}_details", result.stem());
        let at = details.iter().position(|d| d.stem() == stem);
        found.push(Network { details: at.map(|at| details.remove(at)), result });
    }
    folder.orphans(details.iter().map(|d| d.stem()));
    Ok(found)
}

fn rates(folder: &mut Folder) -> Result<Vec<Rates>> {
    let mut details: Vec<Part5Details> = folder.take_all("part5_", "_details")?;
    let mut sch_1: Vec<Scheduled> = folder.take_all("part5_", "_sch_1")?;
    let mut sch_01: Vec<Scheduled> = folder.take_all("part5_", "_sch_01")?;
    let constant: Vec<Part5> = folder.take_all("part5_", "")?;
    let mut found = Vec::new();
    for constant in constant {
        let of = |s: &Scheduled| s.name == constant.name;
        found.push(Rates {
            sch_1: take(&mut sch_1, of),
            sch_01: take(&mut sch_01, of),
            details: take(&mut details, |d| d.name == constant.name),
            constant,
        });
    }
    folder.orphans(details.iter().map(Checked::stem));
    folder.orphans(sch_1.iter().chain(&sch_01).map(Checked::stem));
    Ok(found)
}

fn take<T>(from: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> Option<T> {
    let at = from.iter().position(wanted)?;
    Some(from.remove(at))
}
