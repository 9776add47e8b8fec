//! The number of right answers on a GPU. Whole numbers are added up: the reference's result.
use crate::{
    cross_entropy::{CrossEntropy, cuda::Rows},
    cuda::{Arg, Launch, Launches, Text, ptx, size},
};

const TEXT: Text = ptx!("count_correct/ptx/count_correct.ptx");

/// `y = Σ_n [argmax_c x[n,c] = label[n]]`. The first of equal values wins; a NaN wins over everything.
///
/// X0: x (N, classes). X1: labels (N). Y0: y, one number.
///
/// A label that is no class is a [refusal](crate::cuda::Refusal).
pub fn forward(s: &CrossEntropy) -> Launches {
    size(s.n * s.classes);
    let Rows { group, pieces, threads } = Rows::of(s);
    let only = pieces.count == 1;
    let y = if only { Arg::Y(0) } else { Arg::Scratch(0) };
    let sizes = [size(s.n), size(s.classes), group, pieces.each, only.into()].map(Arg::U32);
    let args = [&[Arg::X(0), Arg::X(1), y, Arg::Refusal][..], &sizes].concat();
    let first = Launch::new(TEXT, "count", pieces.count, threads, args);
    if only {
        return first.into();
    }
    let last = total([Arg::Scratch(0), Arg::Y(0)], pieces.count);
    Launches { list: vec![first, last], scratch: 4 * pieces.count as usize }
}

/// `y`, as a float, is the sum of `pieces` whole numbers from `counts` on.
pub(crate) fn total([counts, y]: [Arg; 2], pieces: u32) -> Launch {
    Launch::new(TEXT, "total", 1, 32, vec![counts, y, Arg::U32(pieces)])
}
