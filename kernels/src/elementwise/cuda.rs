//! Arithmetic element by element on a GPU: the reference's bits.
use super::Channels;
use crate::cuda::{Arg, Launch, Launches, Text, ptx, size};

const TEXT: Text = ptx!("elementwise/ptx/elementwise.ptx");

/// Threads of a block: enough blocks fit a multiprocessor to fill it, and a small operand is spread over several.
pub(crate) const THREADS: u32 = 256;

/// A launch of `entry`, whose threads have four of `n` elements each; n is its last argument.
pub(crate) fn fours(text: Text, entry: &'static str, n: usize, args: &[Arg]) -> Launches {
    let args = [args, &[Arg::U32(size(n))]].concat();
    Launch::each(text, entry, n.div_ceil(4), THREADS, args).into()
}

/// `y[i] = a[i] + b[i]`, n elements. X(0): a, X(1): b, Y(0): y.
pub fn add(n: usize) -> Launches {
    zip("add", n)
}

/// `y[i] = a[i] - b[i]`, n elements. X(0): a, X(1): b, Y(0): y.
pub fn sub(n: usize) -> Launches {
    zip("sub", n)
}

/// `y[i] = a[i] · b[i]`, n elements. X(0): a, X(1): b, Y(0): y.
pub fn mul(n: usize) -> Launches {
    zip("mul", n)
}

/// `y[i] = factor · x[i]`, n elements. X(0): x, Y(0): y.
pub fn scale(factor: f64, n: usize) -> Launches {
    fours(TEXT, "scale", n, &[Arg::X(0), Arg::Y(0), Arg::F32(factor as f32)])
}

/// `y[i] = -x[i]`, n elements. X(0): x, Y(0): y.
pub fn neg(n: usize) -> Launches {
    scale(-1.0, n)
}

/// `y[i] = value`, n elements. Y(0): y.
pub fn fill(value: f64, n: usize) -> Launches {
    fours(TEXT, "fill", n, &[Arg::Y(0), Arg::F32(value as f32)])
}

/// `y[n,c,…] = x[n,c,…] + b[c]`. X(0): x, X(1): b, Y(0): y.
pub fn add_channels(s: &Channels) -> Launches {
    let sizes = [s.len(), s.c, s.inner].map(|n| Arg::U32(size(n)));
    let args = [&[Arg::X(0), Arg::X(1), Arg::Y(0)][..], &sizes].concat();
    Launch::each(TEXT, "add_channels", s.len(), THREADS, args).into()
}

fn zip(entry: &'static str, n: usize) -> Launches {
    fours(TEXT, entry, n, &[Arg::X(0), Arg::X(1), Arg::Y(0)])
}
