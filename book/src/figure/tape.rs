//! A tape of (w x + b)²: forward instructions, the gradient instructions that belong to them below, and what these read.
use super::svg::{BLUE, FAINT, GREEN, ORANGE, Svg};
use anyhow::Result;

/// Number and text of each forward instruction, and the gradient instructions of its rule.
const COLUMNS: [(&str, &[&str]); 3] = [
    ("%3 = mul(w, x)", &["%8 = mul(%7, x)"]),
    ("%4 = add(%3, b)", &[]),
    ("%5 = mul(%4, %4)", &["%6 = fill(1)", "%7 = 2 mul, 1 add"]),
];

pub fn draw() -> Result<String> {
    let mut svg = Svg::new(720, 250);
    let x = |k: usize| 60.0 + 225.0 * k as f64;
    for (k, (forward, backward)) in COLUMNS.iter().enumerate() {
        svg.rect([x(k), 40.0, 160.0, 34.0], "#dbe7f5");
        svg.text([x(k) + 80.0, 62.0], "middle", forward);
        for (i, text) in backward.iter().enumerate() {
            let y = 140.0 + 48.0 * i as f64;
            svg.rect([x(k), y, 160.0, 34.0], "#fbe6cf");
            svg.text([x(k) + 80.0, y + 22.0], "middle", text);
        }
        svg.line([x(k) + 80.0, 76.0], [x(k) + 80.0, 138.0], FAINT);
    }
    for k in 0..2 {
        svg.arrow([x(k) + 162.0, 57.0], [x(k + 1) - 2.0, 57.0], BLUE);
    }
    svg.text([x(1) + 80.0, 162.0], "middle", "its rule appends nothing:");
    svg.text([x(1) + 80.0, 180.0], "middle", "dy is the gradient of both");
    svg.arrow([x(2) - 2.0, 205.0], [x(0) + 162.0, 160.0], ORANGE);
    svg.text([x(0), 24.0], "start", "appended first: forward, left to right");
    svg.text([x(2) + 160.0, 240.0], "end", "appended behind it: backward, right to left");
    svg.line([x(0) + 20.0, 74.0], [x(0) + 20.0, 140.0], GREEN);
    svg.text([x(0) + 14.0, 112.0], "end", "reads x");
    Ok(svg.finish())
}
