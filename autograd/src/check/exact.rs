//! The exact opinion: dual numbers give `J u` to rounding.
use super::{
    compare::{Comparison, Mode, What, worst},
    dot,
    subject::Subject,
};

/// `⟨v, J u⟩` from dual numbers against `⟨Jᵀv, u⟩`; `None` where there are none to be had.
pub(super) fn direction(
    subject: &mut dyn Subject,
    k: usize,
    v: &[f64],
    u: &[f64],
    tolerance: f64,
) -> Option<Comparison> {
    let x = subject.point();
    let ju = subject.jvp(&x, u)?;
    let reverse = dot(&subject.vjp(&x, v), u);
    let scale: f64 = ju.iter().zip(v).map(|(a, b)| (a * b).abs()).sum();
    let (mode, what) = (Mode::Exact, What::Direction(k));
    Some(Comparison { mode, what, forward: dot(&ju, v), reverse, tolerance: tolerance * scale, kink: None })
}

/// Every entry of the Jacobian: its columns from dual numbers, its rows from the gradient.
///
/// An entry may be off by `tolerance` times the largest entry of its row and column: it may be a difference of numbers so
/// large.
pub(super) fn jacobian(subject: &mut dyn Subject, tolerance: f64) -> Option<Comparison> {
    let x = subject.point();
    let columns = columns(subject, &x)?;
    let rows = rows(subject, &x);
    let largest = |of: &[f64]| of.iter().fold(0.0, |most: f64, e| most.max(e.abs()));
    let high: Vec<f64> = columns.iter().map(|column| largest(column)).collect();
    let wide: Vec<f64> =
        (0..rows.len()).map(|i| columns.iter().fold(0.0, |most: f64, c| most.max(c[i].abs()))).collect();
    worst(rows.iter().enumerate().flat_map(|(i, row)| {
        let (columns, high, wide) = (&columns, &high, &wide);
        row.iter().enumerate().map(move |(j, &reverse)| Comparison {
            mode: Mode::Exact,
            what: What::Jacobian { y: i, x: j, entries: 0, wrong: 0 },
            forward: columns[j][i],
            reverse,
            tolerance: tolerance * high[j].max(wide[i]),
            kink: None,
        })
    }))
}

/// `J e_j` for every j.
pub(super) fn columns(subject: &mut dyn Subject, x: &[f64]) -> Option<Vec<Vec<f64>>> {
    (0..x.len()).map(|j| subject.jvp(x, &super::unit(x.len(), j))).collect()
}

/// `Jᵀ e_i` for every i.
pub(super) fn rows(subject: &mut dyn Subject, x: &[f64]) -> Vec<Vec<f64>> {
    let outputs = subject.output().len();
    (0..outputs).map(|i| subject.vjp(x, &super::unit(outputs, i))).collect()
}
