//! Softmax and cross-entropy on a GPU. e^x and ln x are the CPU's, within 1 unit in the last place, in the same operations.
use super::CrossEntropy;
use crate::{
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    reduce::cuda::{Pieces, total},
};

const TEXT: Text = ptx!("cross_entropy/ptx/cross_entropy.ptx");

/// Logits up to which one block does all of it.
const ALONE: u32 = 4096;

/// How rows of logits are shared out: a row to a group of lanes, the groups to blocks.
pub(crate) struct Rows {
    /// Lanes of a group: a power of two.
    pub group: u32,
    /// Rows of each block.
    pub pieces: Pieces,
    /// Threads of a block.
    pub threads: u32,
}

impl Rows {
    pub fn of(s: &CrossEntropy) -> Self {
        let [n, classes] = [s.n, s.classes].map(size);
        let group = classes.next_power_of_two().min(32);
        let lanes = size(s.n * group as usize);
        if lanes <= ALONE {
            let threads = lanes.next_multiple_of(32).clamp(32, 1024);
            return Self { group, pieces: Pieces::one(n), threads };
        }
        let threads = 256;
        Self { group, pieces: Pieces::of(n, threads / group, 512), threads }
    }
}

/// `p[n,c] = e^(x[n,c] - m) / Z` and the loss, the mean of `ln Z - (x[n, label] - m)`, with `m = max_c x[n,c]` and
/// `Z = Σ_c e^(x[n,c] - m)`.
///
/// X0: x (N, classes). X1: labels (N). Y0: the loss, one number. Y1: p (N, classes).
///
/// A label that is no class is a [refusal](crate::cuda::Refusal), and the loss NaN.
pub fn forward(s: &CrossEntropy) -> Launches {
    size(s.n * s.classes);
    let Rows { group, pieces, threads } = Rows::of(s);
    let only = pieces.count == 1;
    let (y, divisor) = if only { (Arg::Y(0), s.n as f32) } else { (Arg::Scratch(0), 1.0) };
    let sizes = [size(s.n), size(s.classes), group, pieces.each].map(Arg::U32);
    let operands = [Arg::X(0), Arg::X(1), y, Arg::Y(1), Arg::Refusal];
    let args = [&operands[..], &sizes, &[Arg::F32(divisor)]].concat();
    let first = Launch::new(TEXT, "forward", pieces.count, threads, args);
    if only {
        return first.into();
    }
    Launches { list: vec![first, total(pieces.count, s.n as f32)], scratch: 4 * pieces.count as usize }
}

/// `dx[n,c] = (p[n,c] - [c = label]) · dloss / N`
///
/// X0: p (N, classes). X1: labels (N). X2: dloss, one number. Y0: dx (N, classes).
pub fn backward(s: &CrossEntropy) -> Launches {
    let len = s.n * s.classes;
    let operands = [Arg::X(0), Arg::X(1), Arg::X(2), Arg::Y(0)];
    let sizes = [Arg::U32(size(len)), Arg::U32(size(s.classes)), Arg::F32(s.n as f32)];
    Launch::each(TEXT, "backward", len, 128, [operands.as_slice(), &sizes].concat()).into()
}
