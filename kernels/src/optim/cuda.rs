//! Update rules on a GPU: one launch over the parameters, which computes the constants of the step from
//! [`RunState`](crate::cuda::RunState) and [`RangeState`](crate::cuda::RangeState) itself, in f64, rounded once, and counts the
//! update. Given the same constants, the bits are those of the CPU; the constants are, but where a power of beta differs in its
//! last places and that decides the rounding to f32.
use super::{Adam, Sgd};
use crate::cuda::{Arg, Launch, Launches, Text, ptx, size};

const TEXT: Text = ptx!("optim/ptx/optim.ptx");
/// Threads of a block: few, since there are few parameters and many multiprocessors.
const THREADS: u32 = 128;

/// ```text
/// g   = g + weight_decay · p
/// buf = momentum · buf + g          (buf starts at 0)
/// p   = p - lr · lr_scale · buf
/// ```
/// Values: p (n). Grads: g (n). Moment 0: buf (n). Counts one more update of the range, and a step if it is to.
pub fn sgd(s: &Sgd, n: usize) -> Launches {
    let operands = [Arg::Values, Arg::Grads, Arg::Moment(0), Arg::U32(size(n))];
    let constants = [s.momentum, s.weight_decay].map(rounded);
    update("sgd", n, &[&operands[..], &constants].concat())
}

/// With `c_i = 1 - beta_i^updates`, this update counted:
/// ```text
/// g = g + weight_decay · p
/// m = beta1 · m + (1 - beta1) · g      (m and v start at 0)
/// v = beta2 · v + (1 - beta2) · g²
/// p = p - (lr · lr_scale / c1) · m / (√v / √c2 + eps)
/// ```
/// Values: p (n). Grads: g (n). Moments 0 and 1: m, v (n). Counts one more update of the range, and a step if it is to.
pub fn adam(s: &Adam, n: usize) -> Launches {
    let operands = [Arg::Values, Arg::Grads, Arg::Moment(0), Arg::Moment(1), Arg::U32(size(n))];
    let constants = [s.beta1, s.beta2, 1.0 - s.beta1, 1.0 - s.beta2, s.eps, s.weight_decay].map(rounded);
    let exact = [s.beta1, s.beta2].map(Arg::F64);
    update("adam", n, &[&operands[..], &constants, &exact].concat())
}

/// A thread a parameter.
fn update(entry: &'static str, n: usize, args: &[Arg]) -> Launches {
    let state = [Arg::Run, Arg::Range, Arg::Step];
    Launch::each(TEXT, entry, n, THREADS, [&state[..], args].concat()).into()
}

/// A constant, rounded to f32 once.
fn rounded(x: f64) -> Arg {
    Arg::F32(x as f32)
}
