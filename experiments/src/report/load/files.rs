//! The JSON files of one folder, handed out by name until none is left.
use super::Checked;
use anyhow::{Result, bail};
use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A folder's result files that nobody has read yet.
pub(super) struct Folder {
    name: String,
    files: BTreeMap<String, PathBuf>,
    left: Vec<String>,
}

impl Folder {
    /// The `*.json` of `dir/name`, none where there is no such folder.
    pub(super) fn open(dir: &Path, name: &str) -> Self {
        let entries = fs::read_dir(dir.join(name)).into_iter().flatten().flatten();
        let json =
            entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "json") && p.is_file());
        let stem = |p: PathBuf| Some((p.file_stem()?.to_str()?.to_owned(), p));
        Self { name: name.to_owned(), files: json.filter_map(stem).collect(), left: Vec::new() }
    }

    /// All results called `<prefix>…<suffix>.json`, MLPs first.
    pub(super) fn take_all<T: Checked>(&mut self, prefix: &str, suffix: &str) -> Result<Vec<T>> {
        let wanted = |stem: &String| stem.starts_with(prefix) && stem.ends_with(suffix);
        let mut stems: Vec<String> = self.files.keys().filter(|s| wanted(s)).cloned().collect();
        stems.sort_by_key(|stem| (Reverse(stem.contains("mlp_")), stem.clone()));
        let mut found = Vec::new();
        for stem in stems {
            let path = self.files.remove(&stem).expect("a name of the list");
            found.push(read(&path, &stem)?);
        }
        Ok(found)
    }

    /// The result called `stem`, where it is.
    pub(super) fn take<T: Checked>(&mut self, stem: &str) -> Result<Option<T>> {
        self.files.remove(stem).map(|path| read(&path, stem)).transpose()
    }

    /// Notes details whose result is absent.
    pub(super) fn orphans(&mut self, stems: impl Iterator<Item = String>) {
        let name = &self.name;
        self.left.extend(stems.map(|stem| format!("{name}/{stem}.json: there is no result it belongs to")));
    }

    /// What was not read, and why.
    pub(super) fn left(self) -> Vec<String> {
        let Self { name, files, mut left } = self;
        left.extend(files.into_keys().map(|stem| format!("{name}/{stem}.json: not the name of a result")));
        left
    }
}

/// The result called `stem`, checked.
fn read<T: Checked>(path: &Path, stem: &str) -> Result<T> {
    let result = T::read(path)?;
    if result.stem() != stem {
        bail!("{}: holds the result of {}.json; was it renamed?", path.display(), result.stem());
    }
    if let Err(why) = result.check() {
        bail!("{}: {why}", path.display());
    }
    Ok(result)
}
