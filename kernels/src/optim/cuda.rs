//! Update rules on a GPU: a launch that computes the constants of the step from [`RunState`](crate::cuda::RunState) and
//! [`RangeState`](crate::cuda::RangeState), in f64, rounded once, and one over the parameters. Given the same constants, the
//! bits are those of the CPU; the constants are, but where a power of beta differs in its last places and that decides the
//! rounding to f32.
use super::{Adam, Sgd};
use crate::cuda::{Arg, Launch, Launches, Text, ptx, size};

const TEXT: Text = ptx!("optim/ptx/optim.ptx");
/// Threads of a block: few, since there are few parameters and many multiprocessors.
const THREADS: u32 = 128;

/// `step += 1` in the [`RunState`](crate::cuda::RunState): once a step, whatever it updates.
pub fn advance() -> Launches {
    one_thread("advance", vec![Arg::Run]).into()
}

/// ```text
/// g   = g + weight_decay · p
/// buf = momentum · buf + g          (buf starts at 0)
/// p   = p - lr · lr_scale · buf
/// ```
/// Values: p (n). Grads: g (n). Moment 0: buf (n). Counts one more update of the range.
pub fn sgd(s: &Sgd, n: usize) -> Launches {
    let operands = [Arg::Range, Arg::Values, Arg::Grads, Arg::Moment(0), Arg::U32(size(n))];
    let constants = [s.momentum, s.weight_decay].map(rounded);
    let args = [&operands[..], &constants].concat();
    let list = vec![
        one_thread("sgd_constants", vec![Arg::Run, Arg::Range]),
        Launch::each(TEXT, "sgd", n, THREADS, args),
    ];
    Launches { list, scratch: 0 }
}

/// With `c_i = 1 - beta_i^updates`, this update counted:
/// ```text
/// g = g + weight_decay · p
/// m = beta1 · m + (1 - beta1) · g      (m and v start at 0)
/// v = beta2 · v + (1 - beta2) · g²
/// p = p - (lr · lr_scale / c1) · m / (√v / √c2 + eps)
/// ```
/// Values: p (n). Grads: g (n). Moments 0 and 1: m, v (n). Counts one more update of the range.
pub fn adam(s: &Adam, n: usize) -> Launches {
    let moments = [Arg::Moment(0), Arg::Moment(1)];
    let operands = [&[Arg::Range, Arg::Values, Arg::Grads][..], &moments, &[Arg::U32(size(n))]].concat();
    let constants = [s.beta1, s.beta2, 1.0 - s.beta1, 1.0 - s.beta2, s.eps, s.weight_decay].map(rounded);
    let args = [&operands[..], &constants].concat();
    let betas = [s.beta1, s.beta2].map(Arg::F64);
    let list = vec![
        one_thread("adam_constants", [&[Arg::Run, Arg::Range][..], &betas].concat()),
        Launch::each(TEXT, "adam", n, THREADS, args),
    ];
    Launches { list, scratch: 0 }
}

fn one_thread(entry: &'static str, args: Vec<Arg>) -> Launch {
    Launch::new(TEXT, entry, 1, 1, args)
}

/// A constant, rounded to f32 once.
fn rounded(x: f64) -> Arg {
    Arg::F32(x as f32)
}
