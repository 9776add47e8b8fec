//! What all result files have in common.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::lines;
use crate::output::{Error, OutDir, Result};

/// A dictionary that is handed in as a file: written whole or not at all, and read back bit for bit.
pub trait ResultFile: Serialize + DeserializeOwned {
    /// The file's name, without folder and extension.
    fn stem(&self) -> String;

    /// Writes `<stem>.json` into `out`.
    ///
    /// # Errors
    /// If a number is NaN or infinite (the text names its key), or the file cannot be written.
    fn write(&self, out: &OutDir) -> Result<PathBuf> {
        let text = self.to_json()?;
        out.write_bytes(&format!("{}.json", self.stem()), text.as_bytes())
    }

    /// Writes `<stem>.pkl` into `out`: the same dictionary for Python's `pickle`, of plain lists and numbers.
    ///
    /// # Errors
    /// If the file cannot be written.
    fn write_pickle(&self, out: &OutDir) -> Result<PathBuf> {
        let name = format!("{}.pkl", self.stem());
        let bytes = serde_pickle::to_vec(self, serde_pickle::SerOptions::new())
            .map_err(|e| Error::Pickle { path: out.file(&name), reason: e.to_string() })?;
        out.write_bytes(&name, &bytes)
    }

    /// The JSON file's text.
    ///
    /// # Errors
    /// If a number is NaN or infinite; the text names its key.
    fn to_json(&self) -> Result<String> {
        lines::to_string(self).map_err(|e| lines::not_finite(e, &self.stem()))
    }

    /// Reads a JSON result file.
    ///
    /// # Errors
    /// If it cannot be read or is no such result; the text names file, line and column.
    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            action: "read the result file",
            source,
        })?;
        serde_json::from_str(&text).map_err(|source| Error::Json { path: path.to_owned(), source })
    }
}
