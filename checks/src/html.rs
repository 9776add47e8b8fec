//! The matrix as a page.
use crate::{Matrix, text::words};
use anyhow::Result;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context, value::Serde};
use serde::Serialize;

#[derive(Serialize)]
struct Shown<'a> {
    words: String,
    /// `none`, `wrong`, `ok`.
    class: &'static str,
    compared: usize,
    wrong: &'a [String],
}

#[derive(Serialize)]
struct ShownRow<'a> {
    op: &'a str,
    equation: &'a str,
    cases: usize,
    cells: Vec<Shown<'a>>,
}

/// One self-contained page; `faults` is the table of faults, Markdown, if it was made.
///
/// # Errors
/// If the template is wrong.
pub fn page(matrix: &Matrix, faults: Option<&str>) -> Result<String> {
    let rows: Vec<ShownRow<'_>> = matrix
        .rows
        .iter()
        .map(|row| ShownRow {
            op: row.op,
            equation: row.equation,
            cases: row.cases,
            cells: row
                .cells
                .iter()
                .map(|cell| Shown {
                    words: words(cell),
                    class: match cell {
                        cell if cell.compared == 0 => "none",
                        cell if !cell.wrong.is_empty() => "wrong",
                        _ => "ok",
                    },
                    compared: cell.compared,
                    wrong: &cell.wrong,
                })
                .collect(),
        })
        .collect();
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("page", include_str!("page.html"))?;
    let wrong = matrix.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.wrong.len()).sum::<usize>();
    Ok(environment.get_template("page")?.render(context! {
        columns => matrix.columns.clone(),
        rows => Value::from(Serde(rows)),
        faults,
        wrong,
        compared => matrix.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.compared).sum::<usize>(),
        seconds => format!("{:.0}", matrix.seconds),
    })?)
}
