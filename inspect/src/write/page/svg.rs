//! The graph of a listing as SVG.
use super::{
    escape,
    layout::{HEIGHT, Layout, layout, small},
};
use crate::model::{Inspection, Listing};
use ferrotape_autograd::Phase;
use std::fmt::Write;

/// The graph of `listing`, which the page calls `name`.
pub(super) fn graph(of: &Inspection, listing: &Listing, name: &str) -> String {
    let all = &listing.instructions;
    let at = layout(of, listing);
    let [wide, high] = at.size;
    let mut svg = format!(
        "<svg class=\"graph\" data-listing=\"{name}\" role=\"group\" aria-label=\"Graph of the program {name}\" \
         viewBox=\"0 0 {wide:.0} {high:.0}\" width=\"{wide:.0}\" height=\"{high:.0}\">\n"
    );
    let _ = writeln!(
        svg,
        "<line class=\"middle\" x1=\"0\" x2=\"{wide:.0}\" y1=\"{0:.0}\" y2=\"{0:.0}\"/>",
        at.middle
    );
    for (k, i) in all.iter().enumerate() {
        for &id in &i.x {
            let Some(from) = all.iter().position(|by| by.y.contains(&id)) else { continue };
            let saved = if i.saved.contains(&id) { " saved" } else { "" };
            let path = edge(listing, &at, from, k);
            let _ = writeln!(
                svg,
                "<path class=\"edge{saved}\" data-from=\"{from}\" data-to=\"{k}\" d=\"{path}\"/>"
            );
        }
    }
    let most = all.iter().filter_map(|i| i.ns).fold(0.0, f64::max);
    for (k, i) in all.iter().enumerate() {
        let ([x, y], width) = (at.nodes[k], at.node);
        let phase = i.phase.name();
        let (op, small) = (escape(&i.op), escape(&small(of, i)));
        // A bar as long as its time, the slowest instruction's as long as the node.
        let bar = i.ns.map_or(0.0, |ns| if most > 0.0 { ns / most * (width - 2.0) } else { 0.0 });
        let _ = writeln!(
            svg,
            "<g class=\"node {phase}\" data-k=\"{k}\" role=\"button\" tabindex=\"-1\" aria-label=\"{k} {op}, {small}\" \
             transform=\"translate({x:.0} {y:.0})\"><title>{}</title><rect width=\"{width:.0}\" height=\"{HEIGHT}\" rx=\"5\"/>\
             <rect class=\"bar\" x=\"1\" y=\"{:.0}\" width=\"{bar:.1}\" height=\"3\"/>\
             <text x=\"8\" y=\"17\">{op}</text><text class=\"small\" x=\"8\" y=\"31\">{small}</text></g>",
            escape(&i.call(of)),
            HEIGHT - 4.0,
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The way from one node to another.
fn edge(listing: &Listing, at: &Layout, from: usize, to: usize) -> String {
    let phase = |k: usize| listing.instructions[k].phase;
    let ([ax, ay], [bx, by]) = (at.nodes[from], at.nodes[to]);
    let (node, half) = (at.node, HEIGHT / 2.0);
    let (right, bottom) = (ax + node, ay + HEIGHT);
    match (phase(from), phase(to)) {
        (Phase::Forward, Phase::Forward) if at.columns[to] > at.columns[from] + 1 => {
            // Over the columns between.
            let top = ay.min(by) - 22.0;
            format!(
                "M{:.0} {ay:.0} C{:.0} {top:.0} {:.0} {top:.0} {:.0} {by:.0}",
                ax + node - 14.0,
                ax + node + 8.0,
                bx - 8.0,
                bx + 14.0
            )
        }
        (Phase::Forward, Phase::Forward) => curve([right, ay + half], [bx, by + half], 16.0),
        // What is kept for the backward pass comes down.
        (Phase::Forward, _) if at.columns[from] == at.columns[to] => {
            let x = ax + node - 22.0;
            format!("M{x:.0} {bottom:.0} L{x:.0} {by:.0}")
        }
        (Phase::Forward, _) if at.columns[from].abs_diff(at.columns[to]) > 1 => {
            // Between the halves, then down beside the column.
            let (line, side) = (at.middle, if ax < bx { bx - 12.0 } else { bx + node + 12.0 });
            let (start, end) = (ax + node - 30.0, if ax < bx { bx } else { bx + node });
            format!("M{start:.0} {bottom:.0} V{line:.0} H{side:.0} V{0:.0} H{end:.0}", by + half)
        }
        (Phase::Forward, _) => {
            let to_right = ax < bx;
            let (start, end) = if to_right { (ax + node - 22.0, bx) } else { (ax + 22.0, bx + node) };
            let (bend, y) = (if to_right { end - 22.0 } else { end + 22.0 }, by + half);
            format!(
                "M{start:.0} {bottom:.0} C{start:.0} {:.0} {bend:.0} {y:.0} {end:.0} {y:.0}",
                bottom + 34.0
            )
        }
        // Gradients of parameters: down to a line that leads to the update.
        (_, Phase::Update) => {
            let (x, line) = (ax + 10.0, by - 10.0);
            format!("M{x:.0} {bottom:.0} V{line:.0} H{:.0} V{by:.0}", bx + 30.0)
        }
        (_, _) if at.columns[from] == at.columns[to] && by > ay => {
            let x = ax + 36.0;
            format!("M{x:.0} {bottom:.0} V{by:.0}")
        }
        // From right to left.
        (_, _) if bx < ax => curve([ax, ay + half], [bx + node, by + half], -16.0),
        (_, _) => curve([right, ay + half], [bx, by + half], 16.0),
    }
}

fn curve([ax, ay]: [f64; 2], [bx, by]: [f64; 2], bend: f64) -> String {
    format!("M{ax:.0} {ay:.0} C{:.0} {ay:.0} {:.0} {by:.0} {bx:.0} {by:.0}", ax + bend, bx - bend)
}
