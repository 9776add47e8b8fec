//! Rows of the left operand that overlap: an image row of eight pixels with three channels under a kernel three wide.
use super::svg::{BLUE, FAINT, GREEN, ORANGE, Svg};
use anyhow::Result;

const PIXELS: usize = 8;
const CHANNELS: usize = 3;
const KERNEL: usize = 3;

pub fn draw() -> Result<String> {
    let mut svg = Svg::new(720, 300);
    let (left, cell) = (150.0, 20.0);
    svg.text([left - 10.0, 45.0], "end", "row i + p of x");
    for k in 0..PIXELS * CHANNELS {
        svg.rect([left + cell * k as f64, 30.0, cell, 22.0], ["#dbe7f5", "#b7cfea", "#8fb3dc"][k % CHANNELS]);
    }
    for pixel in 0..PIXELS {
        svg.text(
            [left + cell * CHANNELS as f64 * (pixel as f64 + 0.5), 22.0],
            "middle",
            format_args!("pixel {pixel}"),
        );
    }
    let outputs = PIXELS - KERNEL + 1;
    for j in 0..outputs {
        let y = 74.0 + 28.0 * j as f64;
        let x = left + cell * (j * CHANNELS) as f64;
        let (width, colour) = (cell * (KERNEL * CHANNELS) as f64, [BLUE, ORANGE, GREEN][j % 3]);
        svg.line([x, 52.0], [x, y], FAINT);
        svg.rect([x, y, width, 20.0], "#f6f6f6");
        svg.line([x, y + 10.0], [x + width, y + 10.0], colour);
        svg.text([left - 10.0, y + 15.0], "end", format_args!("row {j} of A"));
    }
    svg.text(
        [left, 74.0 + 28.0 * outputs as f64 + 18.0],
        "start",
        "K = kw C_in = 9 numbers each, C_in = 3 further from one row to the next:",
    );
    svg.text(
        [left, 74.0 + 28.0 * outputs as f64 + 38.0],
        "start",
        "nothing is copied, A is a pointer and a stride smaller than its rows.",
    );
    Ok(svg.finish())
}
