//! The report: one page, and one sheet of paper, made from result files alone.
//!
//! `load` reads a folder of results, `facts` computes what sentences need, `answers` and `claims` are those sentences,
//! `sections` puts them together with figures and tables into a document, which `html` and `typst`
//! write. The same results give the same bytes: nothing reads the clock.

mod answers;
mod claims;
mod curves;
mod document;
mod facts;
mod html;
mod inline;
mod load;
mod options;
mod pictures;
mod sections;
mod typst;
mod words;

pub use html::{UPLOT, UPLOT_CSS, UPLOT_LICENCE};
pub use load::{FOLDERS, Results};
pub use options::Options;

use crate::output;
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The page, all in one file.
    pub html: PathBuf,
    /// The same for the typesetter Typst; its figures are the files beside it.
    pub typst: PathBuf,
    /// The PDF; what to do to have one where no compiler is.
    pub pdf: Result<PathBuf, String>,
}

/// Writes `report.html`, `report.typ` and, where a `typst` is in PATH, `report.pdf` into the folder of results `dir`.
///
/// # Errors
/// Where `dir` has no results, one of them is damaged, or a file cannot be written; the text names the file.
pub fn write(dir: &Path) -> Result<Paths> {
    Options { dir: dir.to_owned(), out: None, typst: None }.write()
}

impl Options {
    /// As [`write()`], by these flags.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn write(&self) -> Result<Paths> {
        let results = Results::read(&self.dir)?;
        let document = sections::document(&results);
        let html = self.out.clone().unwrap_or_else(|| self.dir.join("report.html"));
        output::write_bytes(&html, html::page(&document, &self.dir)?.as_bytes())?;
        let source = self.dir.join("report.typ");
        output::write_bytes(&source, typst::source(&document).as_bytes())?;
        let pdf = self.dir.join("report.pdf");
        let made = typst::compile(self.typst.as_deref(), &source, &pdf)?;
        if made.is_err() && pdf.is_file() {
            // One of earlier results must not lie beside this page.
            fs::remove_file(&pdf).with_context(|| format!("{}: cannot remove the old one", pdf.display()))?;
        }
        Ok(Paths { html, typst: source, pdf: made })
    }
}

/// Writes the report and says where it is; the exit status.
///
/// # Errors
/// As [`write()`].
pub fn main(options: &Options) -> Result<i32> {
    let Paths { html, typst, pdf } = options.write()?;
    println!("report: {}", html.display());
    println!("        {}", typst.display());
    match pdf {
        Ok(pdf) => println!("        {}", pdf.display()),
        Err(why) => println!("no PDF: {why}"),
    }
    Ok(0)
}
