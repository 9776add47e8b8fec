//! What the tiles of forward and dgrad have in common: sums over source rows, for T target rows at once.
use super::panel::Form;
use crate::simd::{LANES, Simd};
use std::array::from_fn;

/// The source rows of one target row: `len` from `from` on, met by kernel rows from `at` on in packed order. Columns
/// likewise.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub from: usize,
    pub at: usize,
    pub len: usize,
}

impl Span {
    /// Behind the last source row.
    pub fn end(self) -> usize {
        self.from + self.len
    }

    /// Which kernel row source row `r` meets, if any does.
    fn meets(self, r: usize) -> Option<usize> {
        r.checked_sub(self.from).filter(|&u| u < self.len).map(|u| self.at + u)
    }
}

/// The terms that one source row adds to M sums: `a[u · gap + m · step + k]` for `u < count`, `k < len`.
#[derive(Copy, Clone)]
pub(super) struct Runs<'a> {
    pub a: &'a [f32],
    pub count: usize,
    pub gap: usize,
    pub len: usize,
    pub step: usize,
}

/// `start + Σ_r Σ_{u,k} source(r)[u,m,k] · weights(p)[u,k]` for the rows `r` of each span and their kernel rows `p`.
///
/// Neighbouring target rows read most of their source rows together; then each number of `a` is loaded once for both.
/// An element is the same sum in the same order whatever T is.
#[inline(always)]
pub(super) fn sums<'a, S: Simd, F: Form, const M: usize, const T: usize, const STEP: usize>(
    s: S,
    start: S::V,
    spans: [Span; T],
    source: impl Fn(usize) -> Runs<'a>,
    weights: impl Fn(usize) -> &'a [[f32; LANES]],
) -> [[S::V; M]; T] {
    const { assert!(T == 1 || T == 2) };
    let mut acc = [[start; M]; T];
    let from = spans.map(|span| span.from).into_iter().min().unwrap_or(0);
    let end = spans.map(|span| span.end()).into_iter().max().unwrap_or(0);
    for r in from..end {
        match (spans[0].meets(r), spans[T - 1].meets(r)) {
            (Some(p), Some(q)) => {
                let b = [weights(p), weights(q)];
                acc = add::<S, F, M, T, STEP>(s, acc, source(r), from_fn(|t| b[t]));
            }
            (Some(p), None) => {
                [acc[0]] = add::<S, F, M, 1, STEP>(s, [acc[0]], source(r), [weights(p)]);
            }
            (None, Some(q)) => {
                [acc[T - 1]] = add::<S, F, M, 1, STEP>(s, [acc[T - 1]], source(r), [weights(q)]);
            }
            (None, None) => {}
        }
    }
    acc
}

/// The terms of one source row.
#[inline(always)]
fn add<S: Simd, F: Form, const M: usize, const T: usize, const STEP: usize>(
    s: S,
    mut acc: [[S::V; M]; T],
    runs: Runs,
    b: [&[[f32; LANES]]; T],
) -> [[S::V; M]; T] {
    let Runs { a, count, gap, len, step } = runs;
    let steps = F::steps(len);
    for u in 0..count {
        let (a, b) = (&a[u * gap..], b.map(|b| &b[u * steps..][..steps]));
        acc = if STEP > 0 {
            F::accumulate_near(s, acc, (&a[..(M - 1) * STEP + len], STEP), b, len)
        } else {
            F::accumulate(s, acc, from_fn(|m| &a[m * step..][..len]), b)
        };
    }
    acc
}
