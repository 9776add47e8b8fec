//! The table, the page, and the faults.
use ferrotape_checks::{Matrix, faults, faults_table, page, table};

/// One operation through every check: nothing is wrong, and the outputs say so.
#[test]
fn an_operation() {
    let mut heard = Vec::new();
    let matrix = Matrix::run(|op| op == "matmul", |row| heard.push(row.op));
    assert_eq!(heard, ["matmul"]);
    assert!(matrix.ok(), "{}", table(&matrix));
    let row = &matrix.rows[0];
    assert!(
        row.cells.iter().zip(&matrix.columns).all(|(cell, column)| cell.compared > 0 || column.is_empty())
    );
    let page = scraper::Html::parse_document(&page(&matrix, None).unwrap());
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    let cells = scraper::Selector::parse("tbody td").unwrap();
    assert_eq!(page.select(&cells).count(), 1 + matrix.columns.len());
}

/// What is wrong is shown: in the table, on the page, as JSON.
#[test]
fn a_fault_is_shown() {
    let mut matrix = Matrix::run(|op| op == "neg", |_| ());
    matrix.rows[0].cells[1].wrong.push("case 3 (Plain): far <off>".into());
    assert!(!matrix.ok());
    let text = table(&matrix);
    assert!(text.contains("WRONG  neg, differences: case 3 (Plain): far <off>"), "{text}");
    let page = page(&matrix, None).unwrap();
    assert!(page.contains("1 comparisons are wrong") && page.contains("far &lt;off&gt;"));
    assert!(serde_json::to_string(&matrix).unwrap().contains("far <off>"));
}

/// The committed table of faults is what `checks faults` prints: everything is noticed, or proven to change nothing.
#[test]
fn faults_are_noticed() {
    let (text, ok) = faults_table();
    assert!(ok, "{text}");
    assert_eq!(
        text,
        include_str!("../faults.md"),
        "run: cargo run --bin checks -- faults --out checks/faults.md"
    );
    let quiet = faults::all().iter().filter(|fault| !faults::ones_notice(&(fault.hidden)())).count();
    assert!(quiet >= 10, "{quiet} of the mistakes by hand pass a cotangent of ones");
}
