//! The book: chapters in `text/`, and what builds, records and follows them.
//!
//! | module | what |
//! |---|---|
//! | [`item`] | finds the item of a source file that a chapter shows |
//! | [`expand`] | directives of a chapter: code, recorded outputs, figures |
//! | [`formula`] | LaTeX to MathML |
//! | [`build`] | the pages, by mdBook's library |
//! | [`record`] | the outputs in `output/`, made again by their commands |
//! | [`fence`], [`edit`], [`follow`] | the worked example, step by step |
//! | [`figure`], [`table`] | drawings as SVG, tables of committed records |
pub mod build;
pub mod edit;
pub mod expand;
pub mod fence;
pub mod figure;
pub mod follow;
pub mod formula;
pub mod item;
pub mod record;
pub mod table;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above").to_owned()
}

/// Where Cargo builds: what `CARGO_TARGET_DIR` says, or `target` in the repository.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The chapters: file name and text, in the order of their names.
///
/// # Errors
/// Where they cannot be read.
pub fn chapters() -> anyhow::Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("book/text"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            all.push((name, std::fs::read_to_string(&path)?));
        }
    }
    all.sort();
    Ok(all)
}
