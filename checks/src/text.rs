//! The matrix for a terminal.
use crate::{Cell, Matrix};
use std::fmt::Write;

/// The matrix as lines: the largest error as percent of what is allowed.
pub fn table(matrix: &Matrix) -> String {
    let widths: Vec<usize> = matrix.columns.iter().map(|name| widest_word(name).max(8)).collect();
    let first = matrix.rows.iter().map(|row| row.op.len()).max().unwrap_or(0);
    let mut text = String::new();
    let lines = matrix.columns.iter().map(|name| name.split(' ').count()).max().unwrap_or(0);
    for line in 0..lines {
        write!(text, "{:<first$} {:>5}", "", if line == 0 { "cases" } else { "" }).expect("a string");
        for (name, width) in matrix.columns.iter().zip(&widths) {
            let word = name.split(' ').nth(line).unwrap_or("").trim_end_matches(',');
            write!(text, "  {word:>width$}").expect("a string");
        }
        text.push('\n');
    }
    for row in &matrix.rows {
        write!(text, "{:<first$} {:>5}", row.op, row.cases).expect("a string");
        for (cell, width) in row.cells.iter().zip(&widths) {
            write!(text, "  {:>width$}", words(cell)).expect("a string");
        }
        text.push('\n');
    }
    for row in &matrix.rows {
        for (column, cell) in matrix.columns.iter().zip(&row.cells) {
            for wrong in &cell.wrong {
                writeln!(text, "WRONG  {}, {column}: {wrong}", row.op).expect("a string");
            }
        }
    }
    text
}

/// What a cell says: nothing where nothing was compared.
pub(crate) fn words(cell: &Cell) -> String {
    match cell {
        Cell { compared: 0, .. } => "-".into(),
        Cell { wrong, .. } if !wrong.is_empty() => "WRONG".into(),
        Cell { worst: 0.0, .. } => "equal".into(),
        Cell { worst, .. } if *worst < 1e-3 => "<0.1 %".into(),
        Cell { worst, .. } => format!("{:.1} %", 100.0 * worst),
    }
}

fn widest_word(name: &str) -> usize {
    name.split(' ').map(|word| word.trim_end_matches(',').chars().count()).max().unwrap_or(0)
}
