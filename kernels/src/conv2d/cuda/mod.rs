//! Convolution on a GPU: kernels made for the sizes of a layer.
mod correlation;
mod cost;
mod direct;
mod image;
mod kernel;
mod place;
mod plan;
mod pool;
mod sums;
mod weights;
mod wgrad;
mod wgrad_plan;

use super::{Conv2d, Epilogue};
use crate::{
    activation::{Activation, registers as activation},
    cuda::{Arg, Launches, SumParts},
    max_pool2d::{self, MaxPool2d},
};
use correlation::Correlation;
use plan::Plan;

/// x, w, b.
const OPERANDS: [Arg; 3] = [Arg::X(0), Arg::X(1), Arg::X(2)];

/// `y = b + x * w`. X0: x, X1: w, X2: b. Y0: y.
pub fn forward(s: &Conv2d) -> Launches {
    activated(s, None, Arg::Y(0))
}

/// `max_pool2d(f(b + x * w))`, each of the outer two if the epilogue has it. X0: x, X1: w, X2: b. Y0: y.
/// Y1, if there is a pooling and `winner` is true: the winners' places, u32.
///
/// One launch, where windows are of 2 x 2 side by side and a cut with whole windows in its tiles costs no more than another
/// and a launch that pools. All other windows are pooled by such a launch.
pub fn block(s: &Conv2d, epilogue: &Epilogue, winner: bool) -> Launches {
    let Some(pool) = epilogue.pool else { return activated(s, epilogue.activation, Arg::Y(0)) };
    pooled(s, epilogue.activation, &pool, winner).unwrap_or_else(|| pooled_apart(s, epilogue, &pool, winner))
}

/// Convolution, activation and pooling as one launch, the same bits as two, unless two are cheaper.
fn pooled(s: &Conv2d, activation: Option<Activation>, pool: &MaxPool2d, winner: bool) -> Option<Launches> {
    let together = Correlation::pooled(s, activation, pool, winner)?;
    let apart = Correlation::forward(s, activation);
    let first = Plan::new(&apart, None)?;
    let plan = Plan::new(&together, Some(first.channels))?;
    let pays = plan.cost(&together) <= first.cost(&apart) + cost::pooling(pool);
    let outputs = [Arg::Y(0), Arg::Y(1)];
    let args = [&OPERANDS[..], &outputs[..1 + usize::from(winner)]].concat();
    pays.then(|| kernel::launches(&together, Some(plan), args))
}

/// The same as two launches, with what they pass in scratch memory.
fn pooled_apart(s: &Conv2d, epilogue: &Epilogue, pool: &MaxPool2d, winner: bool) -> Launches {
    let mut launches = activated(s, epilogue.activation, Arg::Scratch(0));
    let unpooled = (4 * s.y().len()).next_multiple_of(256);
    let mut pooling = max_pool2d::cuda::forward(pool);
    for arg in pooling.list.iter_mut().flat_map(|launch| &mut launch.args) {
        match arg {
            Arg::X(0) => *arg = Arg::Scratch(0),
            Arg::Y(1) if !winner => *arg = Arg::Scratch(unpooled),
            _ => (),
        }
    }
    launches.list.extend(pooling.list);
    launches.scratch = unpooled + if winner { 0 } else { 4 * pool.y().len() };
    launches
}

/// Input gradient. X0: dy, X1: w. Y0: dx.
pub fn dgrad(s: &Conv2d) -> Launches {
    planned(&Correlation::dgrad(s), vec![Arg::X(0), Arg::X(1), Arg::Y(0)])
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

fn activated(s: &Conv2d, activation: Option<Activation>, y: Arg) -> Launches {
    planned(&Correlation::forward(s, activation), [&OPERANDS[..], &[y]].concat())
}

fn planned(s: &Correlation, args: Vec<Arg>) -> Launches {
    kernel::launches(s, Plan::new(s, None), args)
}
