//! The figures of the result folders: found by name, each shown once.
use super::load::FOLDERS;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A figure, by the files that hold it; paths are relative to the result folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Picture {
    /// Folder and name without extension, `part3/part3_all`.
    pub name: String,
    /// Its PNG.
    pub png: Option<String>,
    /// Its SVG.
    pub svg: Option<String>,
}

impl Picture {
    /// What paper shows: lines rather than pixels.
    pub fn for_paper(&self) -> &str {
        self.svg.as_ref().or(self.png.as_ref()).map_or("", String::as_str)
    }
}

/// All figures that are not in the report yet.
#[derive(Debug, Default)]
pub struct Pictures {
    found: BTreeMap<String, Picture>,
}

impl Pictures {
    /// Those in `dir` and its result folders.
    pub fn find(dir: &Path) -> Self {
        let mut pictures = Self::default();
        pictures.add(dir, "");
        for folder in FOLDERS {
            pictures.add(&dir.join(folder), &format!("{folder}/"));
        }
        pictures
    }

    fn add(&mut self, folder: &Path, prefix: &str) {
        let files: Vec<PathBuf> =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
        for path in files.iter().filter(|p| p.is_file()) {
            let [Some(stem), Some(extension)] =
                [path.file_stem(), path.extension()].map(|s| s.and_then(|s| s.to_str()))
            else {
                continue;
            };
            let name = format!("{prefix}{stem}");
            let file = Some(format!("{name}.{extension}"));
            let entry = || Picture { name: name.clone(), png: None, svg: None };
            match extension {
                "png" => self.found.entry(name.clone()).or_insert_with(entry).png = file,
                "svg" => self.found.entry(name.clone()).or_insert_with(entry).svg = file,
                _ => {}
            }
        }
    }

    /// The figure called so, once.
    pub fn take(&mut self, name: &str) -> Option<Picture> {
        self.found.remove(name)
    }

    /// All that begin so, once.
    pub fn take_all(&mut self, prefix: &str) -> Vec<Picture> {
        let names: Vec<String> = self.found.keys().filter(|n| n.starts_with(prefix)).cloned().collect();
        names.iter().filter_map(|name| self.found.remove(name)).collect()
    }
}
