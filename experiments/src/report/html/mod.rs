//! The page: one file with everything in it, readable without scripts and without a network.
mod image;
mod numbers;
mod palette;

use super::{
    document::Document,
    inline::{Span, spans},
};
use anyhow::{Context, Result};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context, syntax::SyntaxConfig,
    value::Serde,
};
use std::path::{Path, PathBuf};

/// uPlot 1.6.32 as published on npm; a test knows the digests.
pub const UPLOT: &str = include_str!("vendor/uPlot.iife.min.js");
/// Its style sheet.
pub const UPLOT_CSS: &str = include_str!("vendor/uPlot.min.css");
/// Its licence, which the page carries.
pub const UPLOT_LICENCE: &str = include_str!("vendor/uPlot.LICENSE");

/// The page of `document`; figures are read from `dir`.
///
/// # Errors
/// Where a figure cannot be read.
pub fn page(document: &Document, dir: &Path) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("page", include_str!("page.html"))?;
    environment.add_template("blocks", include_str!("blocks.html"))?;
    environment.add_filter("inline", |text: &str| Value::from_safe_string(marked_up(text)));
    environment.add_filter("json", |value: Value| {
        numbers::json(&value).map(Value::from_safe_string).map_err(failed)
    });
    environment.add_filter("sentence", |text: &str| Value::from_safe_string(marked_up(&sentence(text))));
    let folder: PathBuf = dir.to_owned();
    environment.add_filter("data_uri", move |path: &str| {
        image::data_uri(&folder.join(path)).map(Value::from_safe_string).map_err(failed)
    });
    let page = environment.get_template("page")?.render(context! {
        document => Value::from(Serde(document)),
        style => Value::from_safe_string(include_str!("style.css").into()),
        charts => Value::from_safe_string(include_str!("charts.js").into()),
        uplot => Value::from_safe_string(UPLOT.into()),
        uplot_css => Value::from_safe_string(UPLOT_CSS.into()),
        uplot_licence => Value::from_safe_string(UPLOT_LICENCE.into()),
    });
    page.map_err(cause).context("the report's page")
}

/// An error of ours on its way through the template engine.
fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{error:#}"))
}

/// What went wrong, without the template's line, which readers of results have no use for.
fn cause(error: Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::InvalidOperation => {
            anyhow::anyhow!("{}", error.detail().unwrap_or("a figure is missing").to_owned())
        }
        _ => error.into(),
    }
}

fn marked_up(text: &str) -> String {
    let markup = |span| match span {
        Span::Plain(text) => escaped(&text.replace('\'', "’")),
        Span::Code(text) => format!("<code>{}</code>", escaped(text)),
        Span::Emphasis(text) => format!("<em>{}</em>", escaped(text)),
        Span::Strong(text) => format!("<strong>{}</strong>", escaped(text)),
    };
    spans(text).into_iter().map(markup).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// With a capital letter in front.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_before_it_is_marked_up() {
        assert_eq!(marked_up("a < b & *c* `<d>`"), "a &lt; b &amp; <em>c</em> <code>&lt;d&gt;</code>");
    }
}
