//! Gather on a GPU, from a data set in its memory: the reference's bits.
use super::{Gather, Input, LUMA};
use crate::{
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    elementwise::cuda::THREADS,
};

const TEXT: Text = ptx!("gather/ptx/gather.ptx");

/// `y[n,i,j,c] = value(c, byte[index[n],c,i,j])`; for `gray`, `y[n,i,j] = Σ_c LUMA[c] · value(c, byte[index[n],c,i,j])`;
/// `labels[n] = label[index[n]]`.
///
/// X(0): the data set, of `records` records, with its labels; X(1): indices; Y(0): images, with the channels of a pixel
/// together; Y(1): labels. An index of `records` or more is put into [`Refusal`](crate::cuda::Refusal), `what` = 1; its row
/// shows record 0.
///
/// # Panics
/// If the data set has no record.
pub fn batch(s: &Gather, records: usize) -> Launches {
    launches(s, records, "gather")
}

/// The same, flattened: `y[n, (c·H + h)·W + w] = value(c, byte[index[n],c,h,w])`, the order of the bytes.
///
/// # Panics
/// If the data set has no record.
pub fn rows(s: &Gather, records: usize) -> Launches {
    launches(s, records, "gather_flat")
}

fn launches(s: &Gather, records: usize, entry: &'static str) -> Launches {
    assert!(records > 0, "gather: the data set has no record");
    if s.n == 0 {
        return Launches::default();
    }
    let gray = s.input == Input::Gray;
    let mut args = vec![Arg::X(0), Arg::Labels(0), Arg::X(1), Arg::Y(0), Arg::Y(1), Arg::Refusal];
    args.extend([records, s.c, s.h * s.w].map(|n| Arg::U32(size(n))));
    for (c, luma) in LUMA.into_iter().enumerate() {
        // Of one channel, the first is taken.
        let (scale, shift) = s.input.affine(c);
        args.extend([Arg::F64(scale), Arg::F64(shift)]);
        args.extend(gray.then_some(Arg::F64(luma)));
    }
    let parts = size(s.channels() * s.h * s.w).div_ceil(THREADS);
    let mut launch = Launch::new(TEXT, if gray { "gather_gray" } else { entry }, size(s.n), THREADS, args);
    launch.grid[1] = parts.max(1);
    launch.into()
}
