//! Softmax and cross-entropy on a GPU. e^x and ln x are the CPU's, within 1 unit in the last place, in the same operations.
use super::{Also, CrossEntropy};
use crate::{
    count_correct,
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    elementwise::Channels,
    reduce::cuda::{ALL_THREADS, Pieces, channel_rows, channel_sum, total},
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
    block(s, Also { probabilities: true, ..Also::default() })
}

/// [`forward`] with what else is made of the logits in the same pass: the bits are those of [`backward`], of
/// [`channel_sum`] and of [`count_correct`].
///
/// X0: x (N, classes). X1: labels (N). X2, for a gradient: dloss, one number. Y0: the loss. Y1 and on: as [`Also`] says.
///
/// A label that is no class is a [refusal](crate::cuda::Refusal), and the loss NaN.
pub fn block(s: &CrossEntropy, also: Also) -> Launches {
    assert!(also.gradient || !also.bias_gradient, "the bias's gradient is made of that of the logits");
    size(s.n * s.classes);
    let Rows { group, pieces, threads } = Rows::of(s);
    let mut outputs = (1..).map(Arg::Y);
    let mut output = |asked: bool| asked.then(|| outputs.next().expect("there is no last"));
    let [p, dx, db, count] =
        [also.probabilities, also.gradient, also.bias_gradient, also.count].map(&mut output);
    let only = pieces.count == 1;
    // Sums of pieces, then counts of pieces.
    let counts = (4 * pieces.count as usize).next_multiple_of(256);
    let (loss, count_here) = match only {
        true => (Arg::Y(0), count),
        false => (Arg::Scratch(0), count.map(|_| Arg::Scratch(counts))),
    };
    let channels = Channels::rows(s.n, s.classes);
    let (abreast, db_here) = match only && s.classes <= 32 {
        true => (channel_rows(&channels), db),
        false => (0, None),
    };
    let threads = if db_here.is_some() { ALL_THREADS } else { threads };
    let there = |y: Option<Arg>| y.unwrap_or(Arg::U64(0));
    let dloss = if also.gradient { Arg::X(2) } else { Arg::U64(0) };
    let operands =
        [Arg::X(0), Arg::X(1), dloss, loss, there(p), there(dx), there(count_here), there(db_here)];
    let sizes = [size(s.n), size(s.classes), group, pieces.each].map(Arg::U32);
    let divisor = if only { s.n as f32 } else { 1.0 };
    let rest = [Arg::F32(divisor), Arg::F32(s.n as f32), Arg::U32(abreast)];
    let args = [&operands[..], &[Arg::Refusal], &sizes, &rest].concat();
    let mut launches = Launches::from(Launch::new(TEXT, "forward", pieces.count, threads, args));
    if !only {
        launches.list.push(total(pieces.count, s.n as f32));
        launches.scratch = 2 * counts;
    }
    if let (Some(count), false) = (count, only) {
        launches.list.push(count_correct::cuda::total([Arg::Scratch(counts), count], pieces.count));
    }
    if let (Some(dx), Some(db), None) = (dx, db, db_here) {
        let sum = channel_sum(&channels).with(|arg| match arg {
            Arg::X(_) => dx,
            Arg::Y(_) => db,
            arg => arg,
        });
        // One after the other: what the scratch memory held is done with.
        launches.scratch = launches.scratch.max(sum.scratch);
        launches.list.extend(sum.list);
    }
    launches
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
