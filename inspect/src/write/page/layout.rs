//! Where the nodes of a graph stand: forward instructions in columns from left to right, each in the column after those that it
//! reads; gradient instructions below the forward one that they belong to; updates at the bottom.
use crate::{
    model::{Inspection, Instruction, Listing},
    write::numbers::time,
};
use ferrotape_autograd::Phase;

/// Pixels between columns and between rows, besides the nodes themselves.
const GAP: [f64; 2] = [34.0, 20.0];
/// Height of a node.
pub(super) const HEIGHT: f64 = 40.0;
/// Room between the forward and the backward half.
const BETWEEN: f64 = 46.0;
/// Room around everything.
const MARGIN: f64 = 16.0;

/// The places of all nodes.
pub(super) struct Layout {
    /// Left upper corners, by the number of the instruction.
    pub nodes: Vec<[f64; 2]>,
    /// Column of each.
    pub columns: Vec<usize>,
    /// Width of a node.
    pub node: f64,
    /// Width and height of all.
    pub size: [f64; 2],
    /// Where the forward half ends and the backward half begins.
    pub middle: f64,
}

/// What a node says below its name: the shape of its first output, and its time.
pub(super) fn small(of: &Inspection, i: &Instruction) -> String {
    let sizes = i.y.first().map(|&y| of.slots[y].shape.iter().map(usize::to_string).collect::<Vec<_>>());
    let shape = sizes.map(|sizes| sizes.join("×")).filter(|shape| !shape.is_empty());
    [shape, i.ns.map(time)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Lays out `listing`.
pub(super) fn layout(of: &Inspection, listing: &Listing) -> Layout {
    let all = &listing.instructions;
    let columns = columns(of, listing);
    let chars = |text: &str| text.chars().count() as f64;
    let needs = |k: usize| (chars(&all[k].op) * 6.7).max(chars(&small(of, &all[k])) * 6.2) + 16.0;
    let node = (0..all.len()).map(needs).fold(96.0, f64::max);

    // In each column the forward nodes stand on the middle line, the others hang from it.
    let count = columns.iter().max().map_or(0, |c| c + 1);
    let (mut above, mut below) = (vec![0usize; count], vec![0usize; count]);
    let rows: Vec<usize> = (all.iter().zip(&columns))
        .map(|(i, &c)| {
            let rows = if i.phase == Phase::Forward { &mut above[c] } else { &mut below[c] };
            *rows += 1;
            *rows - 1
        })
        .collect();
    let step = HEIGHT + GAP[1];
    let high = |rows: &[usize]| rows.iter().max().map_or(0.0, |&n| n as f64 * step);
    // Arcs over the columns need room above.
    let middle = MARGIN + 26.0 + high(&above) + BETWEEN / 2.0;
    let deepest = high(&below);
    let place = |k: usize| {
        let x = MARGIN + columns[k] as f64 * (node + GAP[0]);
        let row = rows[k] as f64;
        let y = match all[k].phase {
            Phase::Forward => middle - BETWEEN / 2.0 - HEIGHT - row * step,
            Phase::Backward => middle + BETWEEN / 2.0 + row * step,
            Phase::Update => middle + BETWEEN / 2.0 + deepest,
        };
        [x, y]
    };
    let nodes: Vec<[f64; 2]> = (0..all.len()).map(place).collect();
    let bottom = nodes.iter().map(|[_, y]| y + HEIGHT).fold(middle, f64::max);
    let wide = 2.0 * MARGIN + count as f64 * (node + GAP[0]) - GAP[0];
    Layout { nodes, columns, node, size: [wide.max(2.0 * MARGIN), bottom + MARGIN], middle }
}

/// The column of each instruction.
fn columns(of: &Inspection, listing: &Listing) -> Vec<usize> {
    let all = &listing.instructions;
    let maker = |id: usize| all.iter().position(|i| i.y.contains(&id));
    let mut columns = vec![0usize; all.len()];
    for (k, i) in all.iter().enumerate().filter(|(_, i)| i.phase == Phase::Forward) {
        let after = |&id: &usize| maker(id).filter(|&by| by < k).map(|by| columns[by] + 1);
        columns[k] = i.x.iter().filter_map(after).max().unwrap_or(0);
    }
    // What reads nothing that was made stands just before its reader.
    for k in (0..all.len()).filter(|&k| all[k].phase == Phase::Forward) {
        let reads_nothing = all[k].x.iter().all(|&id| maker(id).is_none());
        let reader = all.iter().position(|i| i.x.iter().any(|id| all[k].y.contains(id)));
        if let Some(reader) = reader.filter(|&r| reads_nothing && r > k && all[r].phase == Phase::Forward) {
            columns[k] = columns[reader].saturating_sub(1);
        }
    }
    for k in (0..all.len()).filter(|&k| all[k].phase == Phase::Backward) {
        let own = all[k].gradient_of.filter(|&of_k| of_k < of.fates.len());
        let forward = own
            .and_then(|own| all.iter().position(|i| i.phase == Phase::Forward && i.recorded.contains(&own)));
        let made = || all[k].x.iter().filter_map(|&id| maker(id)).map(|by| columns[by]).min();
        columns[k] = forward.map(|f| columns[f]).or_else(made).unwrap_or(0);
    }
    columns
}
