//! The pages.
use crate::{expand, figure, root, target};
use anyhow::{Result, anyhow};
use mdbook_driver::MDBook;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, book::Book, errors};
use std::{fs, path::PathBuf};

/// Our directives and formulas, as a step of mdBook's.
struct Expand;

impl Preprocessor for Expand {
    fn name(&self) -> &str {
        "ferrotape"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> errors::Result<Book> {
        let mut failed = Vec::new();
        book.for_each_chapter_mut(|chapter| {
            let name =
                chapter.source_path.as_ref().map_or_else(String::new, |path| path.display().to_string());
            match expand::chapter(&name, &chapter.content) {
                Ok(text) => chapter.content = text,
                Err(e) => failed.push(format!("{e:#}")),
            }
        });
        if failed.is_empty() { Ok(book) } else { Err(anyhow!("{}", failed.join("\n"))) }
    }
}

/// Builds the book; returns its first page.
///
/// # Errors
/// Where a directive, a formula or a file is wrong.
pub fn build() -> Result<PathBuf> {
    let out = target().join("book");
    let mut book = MDBook::load(root().join("book"))?;
    book.config.build.build_dir = out.clone();
    book.with_preprocessor(Expand);
    book.build()?;
    fs::create_dir_all(out.join("figures"))?;
    for (name, draw) in figure::ALL {
        fs::write(out.join("figures").join(format!("{name}.svg")), draw()?)?;
    }
    Ok(out.join("index.html"))
}
