//! Max-pooling on a GPU. Bit for bit the reference.
use super::MaxPool2d;
use crate::cuda::{Arg, Launch, Launches, Text, ptx, size};

const TEXT: Text = ptx!("max_pool2d/ptx/max_pool2d.ptx");
const THREADS: u32 = 256;

/// `y[n,i,j,c] = max x[n, i·stride + p, j·stride + q, c]` over the window; `winner` is its place `row · W + column` in
/// the input plane. The first of equal values wins; a NaN wins over everything.
///
/// X0: x (N, H, W, C). Y0: y (N, oh, ow, C). Y1: winner (N, oh, ow, C), u32.
pub fn forward(s: &MaxPool2d) -> Launches {
    size(s.x().len());
    let (len, [sizes @ .., stride, side]) = (s.y().len(), sizes(s));
    let operands = [Arg::X(0), Arg::Y(0), Arg::Y(1), Arg::U32(size(len))];
    let args = [&operands[..], &sizes].concat();
    let (entry, windows) = match s.kernel {
        2 => ("forward_2x2", vec![stride]),
        _ => ("forward", vec![side, stride]),
    };
    Launch::each(TEXT, entry, len, THREADS, [args, windows].concat()).into()
}

/// `dx = Σ dy` over the windows an element won; 0 where it won none.
///
/// X0: dy (N, oh, ow, C). X1: winner (N, oh, ow, C), u32. Y0: dx (N, H, W, C).
pub fn backward(s: &MaxPool2d) -> Launches {
    let (len, [sizes @ .., stride, side]) = (s.x().len(), sizes(s));
    let operands = [Arg::X(0), Arg::X(1), Arg::Y(0), Arg::U32(size(len))];
    let args = [&operands[..], &sizes, &[side, stride]].concat();
    Launch::each(TEXT, "backward", len, THREADS, args).into()
}

/// Channels, height and width before and after, the distance between windows, their side.
fn sizes(s: &MaxPool2d) -> [Arg; 7] {
    [s.c, s.h, s.w, s.oh(), s.ow(), s.stride, s.kernel].map(|n| Arg::U32(size(n)))
}
