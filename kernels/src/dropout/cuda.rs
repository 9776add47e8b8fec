//! Dropout on a GPU: the reference's bits. Seed and step are the [`RunState`](crate::cuda::RunState)'s.
use super::Dropout;
use crate::{
    Layout, Shape,
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    elementwise::cuda::THREADS,
    layout::{Relayout, cuda::Walk},
};

const TEXT: Text = ptx!("dropout/ptx/dropout.ptx");

/// `y[e] = x[e] / (1 - p)` where the mask keeps element `e` (counted in spoken order), else 0; x and y of `shape` lie in
/// `layout`. Its own gradient: `dx = forward(dy)`. X(0): x, Y(0): y.
pub fn forward(s: &Dropout, shape: &Shape, layout: Layout) -> Launches {
    let (n, scale) = (shape.len(), s.scale() as f32);
    let numbers = [Arg::U32(size(n)), Arg::U32(s.stream), Arg::U32(s.threshold()), Arg::F32(scale)];
    let args = [&[Arg::X(0), Arg::Y(0), Arg::Run][..], &numbers].concat();
    let walk = Walk::new(&Relayout { shape: *shape, from: Layout::Rows, to: layout });
    if walk.is_in_order() {
        Launch::each(TEXT, "dropout", n.div_ceil(4), THREADS, args).into()
    } else {
        let args = [args, walk.args().into()].concat();
        Launch::each(TEXT, "dropout_strided", n, THREADS, args).into()
    }
}
