//! The mean squared error on a GPU, summed as [`crate::reduce::cuda`] sums.
use crate::{
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    reduce::cuda::{ALONE, PIECE, Pieces, threads, total},
};

const TEXT: Text = ptx!("mse/ptx/mse.ptx");
/// Pieces, at most.
const PIECES: u32 = 512;

/// `loss = 1/n Σ_i (a_i - b_i)²`
///
/// X0: a (n). X1: b (n). Y0: the loss, one number.
pub fn forward(n: usize) -> Launches {
    let (n, count) = (size(n), n as f32);
    let launch = |y, pieces: Pieces, divisor| {
        let args = vec![Arg::X(0), Arg::X(1), y, Arg::U32(n), Arg::U32(pieces.each), Arg::F32(divisor)];
        Launch::new(TEXT, "forward", pieces.count, threads(pieces), args)
    };
    if n <= ALONE {
        return launch(Arg::Y(0), Pieces::one(n), count).into();
    }
    let pieces = Pieces::of(n, PIECE, PIECES);
    let list = vec![launch(Arg::Scratch(0), pieces, 1.0), total(pieces.count, count)];
    Launches { list, scratch: 4 * pieces.count as usize }
}

/// `da_i = (a_i - b_i) · 2 dloss / n`; for `db`, swap the operands.
///
/// X0: a (n). X1: b (n). X2: dloss, one number. Y0: da (n).
pub fn backward(n: usize) -> Launches {
    let operands = [Arg::X(0), Arg::X(1), Arg::X(2), Arg::Y(0)];
    let args = [&operands[..], &[Arg::U32(size(n)), Arg::F32(n as f32)]].concat();
    Launch::each(TEXT, "backward", n, 256, args).into()
}
