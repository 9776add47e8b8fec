//! Result files, and the report made of them.
#[path = "../../../experiments/tests/report_support/mod.rs"]
mod made_up;

use crate::{Allowance, Form, Reader};
use ferrotape_experiments::{
    exit, report,
    results::{
        Part3, Part3Details, Part4, Part4Details, Part4Inputs, Part5, Part5Details, ResultFile, Scheduled,
        Task, part1::Part1, part2::Part2,
    },
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A result file, read and checked.
pub(super) struct Results;

/// The same among the files of all other parts, and the report of them.
pub(super) struct Report;

/// Values of a list that are kept in seeds.
const SHORT: usize = 3;

/// The result files of all parts, small: folder, stem, text.
fn small() -> Vec<(String, String, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    made_up::write_all(folder.path(), made_up::Recipe { records: 8, ..made_up::Recipe::default() });
    let mut found = Vec::new();
    for part in report::FOLDERS {
        for entry in fs::read_dir(folder.path().join(part)).expect("a part") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let mut value = serde_json::from_slice(&fs::read(&path).expect("a result")).expect("JSON");
                shorten("", &mut value);
                let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
                found.push((part.to_owned(), stem, value.to_string().into_bytes()));
            }
        }
    }
    found.sort();
    found
}

/// Leaves [`SHORT`] values of every list: lists that belong together have equal lengths before and after. Between the
/// edges of a histogram there is one count less.
fn shorten(key: &str, value: &mut Value) {
    match value {
        Value::Array(_) if key.ends_with("_shape") => {}
        Value::Array(list) => {
            list.truncate(if key == "counts" { SHORT - 1 } else { SHORT });
            list.iter_mut().for_each(|value| shorten("", value));
        }
        Value::Object(map) => map.iter_mut().for_each(|(key, value)| shorten(key, value)),
        _ => {}
    }
}

/// One result of each kind.
fn one_of_each() -> Vec<Vec<u8>> {
    let wanted = |stem: &str| {
        !["mlp_2", "cnn_3", "cnn_4", "cnn_5"]
            .iter()
            .any(|name| stem.ends_with(name) || stem.contains(&format!("{name}_")))
            || stem.starts_with("part4_inputs")
    };
    small().into_iter().filter(|(_, stem, _)| wanted(stem)).map(|(_, _, text)| text).collect()
}

/// Folder and stem of the result that a file holds; a refusal where it holds none.
fn what_it_is(file: &Path) -> Result<(&'static str, String), String> {
    macro_rules! first_of {
        ($($kind:ty: $folder:literal,)*) => {$(
            if let Ok(result) = <$kind as ResultFile>::read(file) {
                return Ok(($folder, result.stem()));
            }
        )*};
    }
    first_of!(
        Part1: "part1", Part2: "part2", Part3: "part3", Part3Details: "part3", Part4: "part4", Part4Details: "part4",
        Part4Inputs: "part4", Part5: "part5", Part5Details: "part5", Scheduled: "part5",
    );
    let task = Task::read(file).map_err(|error| exit::line(&error.into()))?;
    Ok((if task.task == 1 { "task1" } else { "task2" }, task.stem()))
}

/// Moves a file to where a result of its kind lies; `None` where it is none, or no file could be called so.
fn in_its_place(file: &Path) -> Result<Option<PathBuf>, String> {
    let (folder, stem) = what_it_is(file)?;
    let dir = file.parent().expect("the folder of the case").join("results");
    if stem.contains(['/', '\0']) || stem.len() > 200 {
        return Ok(None);
    }
    fs::create_dir_all(dir.join(folder)).expect("a folder");
    fs::rename(file, dir.join(folder).join(format!("{stem}.json"))).expect("the file in its place");
    Ok(Some(dir))
}

impl Reader for Results {
    fn name(&self) -> &'static str {
        "results"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        one_of_each()
    }

    fn form(&self) -> Form {
        Form::Text
    }

    fn words(&self) -> &[&str] {
        &["null", "true", "NaN", "{}", "[]", "\\n", "\"\"", "\"\\u0000\"", "\"mlp_1\"", "\"../\""]
    }

    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 64, constant: 64 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        match in_its_place(file)? {
            Some(dir) => report::Results::read(&dir).map(drop).map_err(|error| exit::line(&error)),
            None => Ok(()),
        }
    }
}

impl Reader for Report {
    fn name(&self) -> &'static str {
        "report"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        one_of_each()
    }

    fn form(&self) -> Form {
        Form::Text
    }

    fn words(&self) -> &[&str] {
        Results.words()
    }

    /// Tables, figures and the plotting script.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 2000, constant: 32 << 20 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let Some(dir) = in_its_place(file)? else { return Ok(()) };
        for (folder, stem, text) in OTHERS.iter() {
            let path = dir.join(folder).join(format!("{stem}.json"));
            fs::create_dir_all(dir.join(folder)).expect("a folder");
            if !path.exists() {
                fs::write(path, text).expect("another result");
            }
        }
        let options = report::Options { dir, out: None, typst: None };
        match report::Results::read(&options.dir) {
            Err(error) => Err(exit::line(&error)),
            Ok(_) => options.write().map(drop).map_err(|error| exit::line(&error)),
        }
    }
}

static OTHERS: std::sync::LazyLock<Vec<(String, String, Vec<u8>)>> = std::sync::LazyLock::new(small);
