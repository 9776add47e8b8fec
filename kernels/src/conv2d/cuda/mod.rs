//! Convolution on a GPU: kernels made for the sizes of a layer.
mod correlation;
mod cost;
mod direct;
mod image;
mod kernel;
mod plan;
mod sums;
mod weights;
mod wgrad;
mod wgrad_plan;

use super::{Conv2d, Epilogue};
use crate::{
    activation::{Activation, registers as activation},
    cuda::{Arg, Launches, SumParts},
    max_pool2d,
};
use correlation::Correlation;

/// `y = b + x * w`. X0: x, X1: w, X2: b. Y0: y.
pub fn forward(s: &Conv2d) -> Launches {
    activated(s, None, Arg::Y(0))
}

/// `max_pool2d(f(b + x * w))`, each of the outer two if the epilogue has it. X0: x, X1: w, X2: b. Y0: y.
/// Y1, if there is a pooling and `winner` is true: the winners' places, u32.
pub fn block(s: &Conv2d, epilogue: &Epilogue, winner: bool) -> Launches {
    let Some(pool) = epilogue.pool else { return activated(s, epilogue.activation, Arg::Y(0)) };
    let mut launches = activated(s, epilogue.activation, Arg::Scratch(0));
    let unpooled = (4 * s.y().len()).next_multiple_of(256);
    let mut pooling = max_pool2d::cuda::forward(&pool);
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
    kernel::launches(&Correlation::dgrad(s), Arg::X(0), Arg::X(1), None, Arg::Y(0))
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
    kernel::launches(&Correlation::forward(s, activation), Arg::X(0), Arg::X(1), Some(Arg::X(2)), y)
}
