//! Buffers over time as SVG.
use super::escape;
use crate::{model::Memory, write::numbers::scaled};
use std::fmt::Write;

/// Pixels of an instruction, and of a buffer.
const CELL: [f64; 2] = [22.0, 24.0];
/// Room for the sizes at the left.
const LEFT: f64 = 84.0;

/// Time goes to the right, an instruction a column; a row is a buffer, a box a value that must be there.
pub(super) fn lives(memory: &Memory) -> String {
    let [cell, row] = CELL;
    let mut rows: Vec<(String, Vec<usize>)> = Vec::new();
    for (b, buffer) in memory.buffers.iter().enumerate() {
        let own = (0..memory.lives.len()).filter(|&l| memory.lives[l].buffer == Some(b)).collect();
        rows.push((scaled(buffer.bytes as f64, "B"), own));
    }
    // What a chain keeps for a chunk of images has no buffer: a row each.
    for l in (0..memory.lives.len()).filter(|&l| memory.lives[l].buffer.is_none()) {
        rows.push(("chunk only".into(), vec![l]));
    }
    let (wide, high) = (LEFT + memory.instructions as f64 * cell + 4.0, 18.0 + rows.len() as f64 * row + 4.0);
    let mut svg = format!(
        "<svg class=\"lives\" role=\"img\" aria-label=\"{} buffers over {} instructions, {}\" viewBox=\"0 0 {wide:.0} {high:.0}\" \
         width=\"{wide:.0}\" height=\"{high:.0}\">\n",
        memory.buffers.len(),
        memory.instructions,
        escape(&memory.name),
    );
    for k in (0..memory.instructions).step_by(5) {
        let x = LEFT + (k as f64 + 0.5) * cell;
        let _ = writeln!(svg, "<text class=\"tick\" x=\"{x:.0}\" y=\"12\">{k}</text>");
    }
    for (r, (size, own)) in rows.iter().enumerate() {
        let y = 18.0 + r as f64 * row;
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{wide:.0}\" y1=\"{0:.0}\" y2=\"{0:.0}\"/><text class=\"size\" x=\"{1:.0}\" y=\"{2:.0}\">{size}</text>",
            y + row,
            LEFT - 8.0,
            y + 16.0,
        );
        for &l in own {
            let life = &memory.lives[l];
            let (x, width) = (LEFT + life.first as f64 * cell, (life.last - life.first + 1) as f64 * cell);
            let class = if life.buffer.is_some() { "life" } else { "life local" };
            let name = escape(&life.name);
            // A name is written where it fits.
            let label = if name.chars().count() as f64 * 6.6 + 6.0 <= width { &*name } else { "" };
            let _ = writeln!(
                svg,
                "<g class=\"{class}\"><title>{name}: {}, instructions {} to {}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" \
                 height=\"{:.1}\" rx=\"3\"/><text x=\"{:.1}\" y=\"{:.1}\">{label}</text></g>",
                scaled(life.bytes as f64, "B"),
                life.first,
                life.last,
                x + 1.0,
                y + 3.0,
                width - 2.0,
                row - 6.0,
                x + 5.0,
                y + 16.0,
            );
        }
    }
    svg.push_str("</svg>");
    svg
}
