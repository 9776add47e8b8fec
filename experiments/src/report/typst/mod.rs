//! The paper: the same document for the typesetter Typst, whose figures are the files in the folder of results.
mod blocks;
mod compiler;

pub use compiler::compile;

use super::{
    document::Document,
    inline::{Span, spans},
};
use blocks::block;

/// The source of `document`, to lie in the folder of results.
pub fn source(document: &Document) -> String {
    let mut text = format!(
        "// Made by Ferrotape's report. typst compile report.typ\n#set document(title: {}, date: none)\n{}\n#title-block({}, {}, ({}))\n\n#outline(depth: 1)\n",
        literal(&document.title),
        include_str!("prelude.typ"),
        literal(&document.title),
        literal(&document.subtitle),
        list(document.labels.iter().map(|label| literal(label))),
    );
    for section in &document.sections {
        text += &format!("\n= {}\n", content(&section.title));
        for piece in &section.blocks {
            text += &block(piece);
            text.push('\n');
        }
    }
    text
}

/// Elements of an array; the comma at the end makes one of a single element too.
fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().map(|item| item + ", ").collect()
}

/// A string.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ");
    format!("\"{escaped}\"")
}

/// Running text: every stretch is a string, so that nothing in it is markup.
fn content(text: &str) -> String {
    let piece = |span| match span {
        Span::Plain(text) => format!("#{};", literal(&text.replace('\'', "’"))),
        Span::Code(text) => format!("#raw({});", literal(text)),
        Span::Emphasis(text) => format!("#emph({});", literal(text)),
        Span::Strong(text) => format!("#strong({});", literal(text)),
    };
    spans(text).into_iter().map(piece).collect()
}

/// Running text as an argument.
fn argument(text: &str) -> String {
    format!("[{}]", content(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(content(r#"a "b" #c \ `d`"#), r##"#"a \"b\" #c \\ ";#raw("d");"##);
        assert_eq!(list(["1".to_owned()]), "1, ");
    }
}
