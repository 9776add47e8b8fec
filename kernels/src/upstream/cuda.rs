//! The gradient upstream of a convolution on a GPU, in one pass: g has the reference's bits, db those of
//! `channel_sum` where there is no pooling.
use super::Upstream;
use crate::{
    activation::Activation,
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    reduce::cuda::{ALL_THREADS, Pieces, ROW_PIECES, Rows, THREADS, TURNS, with_total},
};

const TEXT: Text = ptx!("upstream/ptx/upstream.ptx");

/// `g` and `db[c] = Σ g[n,y,x,c]`: see [the family](super).
///
/// X0: dy, of the pooled size if there is a pooling. X1, if there is an activation: y, of the same size. The last, if there
/// is a pooling: winner, u32, of the same size. Y0: g (N, H, W, C). Y1: db (C).
///
/// # Panics
/// If windows overlap, or the pooled values do not say what the activation's gradient needs to know.
pub fn upstream(s: &Upstream) -> Launches {
    assert!(s.pool.is_none_or(|[kernel, stride]| kernel <= stride), "overlapping windows");
    assert!(s.pool.is_none() || s.activation.is_none_or(|f| f.differentiates_from_y()), "{:?}", s.activation);
    size(s.n * s.image());
    let c = size(s.c);
    if c == 0 {
        return Launches::default();
    }
    let pixels = size(s.n * s.arriving() / s.c);
    let (alone, shared) = (Rows::of(c, ALL_THREADS), Rows::of(c, THREADS));
    let only = pixels <= TURNS * alone.rows;
    let (block, pieces) = match only {
        true => (alone, Pieces::one(pixels)),
        false => (shared, Pieces::of(pixels, shared.rows, ROW_PIECES)),
    };
    let partials = if pieces.count == 1 { Arg::Y(1) } else { Arg::Scratch(0) };
    let (function, slope) = match s.activation {
        None => (0, 0.0),
        Some(Activation::Relu) => (1, 0.0),
        Some(Activation::LeakyRelu { slope }) => (2, slope),
        Some(Activation::Sigmoid) => (3, 0.0),
        Some(Activation::Tanh) => (4, 0.0),
    };
    // Without an activation its value is never read.
    let y = if function == 0 { Arg::U64(0) } else { Arg::X(1) };
    let split = [pixels, c, block.tile, pieces.each].map(Arg::U32);
    let activation = [Arg::U32(function), Arg::F32(slope as f32)];
    let (entry, args) = match s.windows() {
        None => ("plain", [&[Arg::X(0), y, Arg::Y(0), partials][..], &split, &activation].concat()),
        Some(pool) => {
            let winner = Arg::X(if function == 0 { 1 } else { 2 });
            let sizes = [s.h, s.w, pool.oh(), pool.ow(), pool.stride].map(|n| Arg::U32(size(n)));
            let operands = [Arg::X(0), y, winner, Arg::Y(0), partials];
            ("pooled", [&operands[..], &split, &sizes, &activation].concat())
        }
    };
    let grid = [pieces.count, c.div_ceil(block.tile), 1];
    let first = Launch { grid, ..Launch::new(TEXT, entry, 1, block.threads(), args) };
    with_total(first, pieces.count, c, Arg::Y(1))
}
