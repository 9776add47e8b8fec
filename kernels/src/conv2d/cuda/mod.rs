//! Convolution on a GPU: kernels made for the sizes of a layer.
mod correlation;
mod cost;
mod direct;
mod image;
mod kernel;
mod place;
mod plan;
mod pool;
mod records;
mod sums;
mod weights;
mod wgrad;
mod wgrad_plan;

use super::{Conv2d, Epilogue};
use crate::{
    activation::registers as activation,
    cuda::{Arg, Launches, SumParts},
    gather::{self, Gather, Input},
    max_pool2d::{self, MaxPool2d},
};
use correlation::Correlation;
use plan::Plan;
use records::Records;

/// x, w, b.
const OPERANDS: [Arg; 3] = [Arg::X(0), Arg::X(1), Arg::X(2)];

/// `y = b + x * w`. X0: x, X1: w, X2: b. Y0: y.
pub fn forward(s: &Conv2d) -> Launches {
    block(s, &Epilogue::default(), false)
}

/// `max_pool2d(f(b + x * w))`, each of the outer two if the epilogue has it. X0: x, X1: w, X2: b. Y0: y.
/// Y1, if there is a pooling and `winner` is true: the winners' places, u32.
///
/// One launch, where windows are of 2 x 2 side by side and a cut with whole windows in its tiles costs no more than another
/// and a launch that pools. All other windows are pooled by such a launch.
pub fn block(s: &Conv2d, epilogue: &Epilogue, winner: bool) -> Launches {
    match (one_launch(s, epilogue, winner), epilogue.pool) {
        (Some((correlation, plan)), pool) => {
            let outputs = if winner && pool.is_some() { &[Arg::Y(0), Arg::Y(1)][..] } else { &[Arg::Y(0)] };
            kernel::launches(&correlation, Some(plan), [&OPERANDS, outputs].concat())
        }
        (None, Some(pool)) => pooled_apart(s, epilogue, &pool, winner),
        (None, None) => {
            let correlation = Correlation::forward(s, epilogue.activation);
            kernel::launches(&correlation, None, [&OPERANDS[..], &[Arg::Y(0)]].concat())
        }
    }
}

/// [`block`] of images that are records of a data set, made of its bytes as `g` says, and their labels.
/// X0: the data set, of `records` records, with its labels, X1: indices, X2: w, X3: b. Y0: y. Y1: labels. An index of `records`
/// or more is refused as [`gather::cuda::batch`] does.
///
/// One launch, so that the images are never in memory, where the block is one, each number is made of one byte, and making
/// those that tiles share more than once costs less than a launch that makes them.
///
/// # Panics
/// If the data set has no record.
pub fn gathered(g: &Gather, records: usize, s: &Conv2d, epilogue: &Epilogue) -> Launches {
    assert!(records > 0, "gather: the data set has no record");
    if let Some((apart, plan)) = one_launch(s, epilogue, false).filter(|_| g.input != Input::Gray) {
        let records = Some(Records { len: records, input: g.input });
        let correlation = Correlation { records, ..apart };
        let whole = Plan::new(&correlation, Some(plan.channels));
        let least = plan.cost(&apart) + cost::gathering(s.x().len());
        if let Some(plan) = whole.filter(|plan| plan.cost(&correlation) <= least) {
            let set = [Arg::X(0), Arg::Labels(0), Arg::X(1), Arg::Y(1), Arg::Refusal];
            let args = [&set[..], &[Arg::X(2), Arg::X(3), Arg::Y(0)]].concat();
            return kernel::launches(&correlation, Some(plan), args);
        }
    }
    let images = (4 * s.x().len()).next_multiple_of(256);
    let mut launches = renamed(gather::cuda::batch(g, records), |arg| match arg {
        Arg::Y(0) => Arg::Scratch(0),
        arg => arg,
    });
    let block = renamed(block(s, epilogue, false), |arg| match arg {
        Arg::X(0) => Arg::Scratch(0),
        Arg::X(k) => Arg::X(k + 1),
        Arg::Scratch(at) => Arg::Scratch(images + at),
        arg => arg,
    });
    launches.list.extend(block.list);
    launches.scratch = images + block.scratch;
    launches
}

/// Convolution, activation and pooling as one launch; none where there is nothing to compute, where kernels are too large for
/// shared memory, and where a launch of its own pools: its bits are those of one that sums in the same order.
fn one_launch(s: &Conv2d, epilogue: &Epilogue, winner: bool) -> Option<(Correlation, Plan)> {
    let apart = Correlation::forward(s, epilogue.activation);
    let first = Plan::new(&apart, None)?;
    let Some(pool) = epilogue.pool else { return Some((apart, first)) };
    let together = Correlation::pooled(s, epilogue.activation, &pool, winner)?;
    let plan = Plan::new(&together, Some(first.channels))?;
    let pays = plan.cost(&together) <= first.cost(&apart) + cost::pooling(&pool);
    pays.then_some((together, plan))
}

/// The block as two launches, with what they pass in scratch memory.
fn pooled_apart(s: &Conv2d, epilogue: &Epilogue, pool: &MaxPool2d, winner: bool) -> Launches {
    let unpooled = (4 * s.y().len()).next_multiple_of(256);
    let mut launches = renamed(block(s, &Epilogue { pool: None, ..*epilogue }, false), |arg| match arg {
        Arg::Y(0) => Arg::Scratch(0),
        arg => arg,
    });
    let pooling = renamed(max_pool2d::cuda::forward(pool), |arg| match arg {
        Arg::X(0) => Arg::Scratch(0),
        Arg::Y(1) if !winner => Arg::Scratch(unpooled),
        arg => arg,
    });
    launches.list.extend(pooling.list);
    launches.scratch = unpooled + if winner { 0 } else { 4 * pool.y().len() };
    launches
}

/// The same with other arguments.
fn renamed(mut launches: Launches, name: impl Fn(Arg) -> Arg) -> Launches {
    launches.list.iter_mut().flat_map(|launch| &mut launch.args).for_each(|arg| *arg = name(*arg));
    launches
}

/// Input gradient. X0: dy, X1: w. Y0: dx.
pub fn dgrad(s: &Conv2d) -> Launches {
    let correlation = Correlation::dgrad(s);
    kernel::launches(&correlation, Plan::new(&correlation, None), vec![Arg::X(0), Arg::X(1), Arg::Y(0)])
}

/// Weight gradient. X0: x, X1: dy. Y0: dw (kh, kw, C_in, C_out), at any multiple of 4 bytes.
pub fn wgrad(s: &Conv2d) -> Launches {
    let (x, dy, dw) = (Arg::X(0), Arg::X(1), Arg::Y(0));
    let len = s.weight().len();
    if len == 0 {
        return Launches::default();
    }
    if s.n == 0 {
        return SumParts { parts: 0, len, from: x, bias: None, y: dw }.launch().into();
    }
    wgrad::launches(s, x, dy, dw).unwrap_or_else(|| direct::wgrad(s, x, dy, dw).into())
}
