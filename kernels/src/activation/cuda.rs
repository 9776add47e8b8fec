//! Activation functions on a GPU. The piecewise linear ones and all gradients give the reference's bits; sigmoid is within
//! 8.1 · 2^-24 of itself, tanh within 3.6 units in the last place, as derived in `ptx/activation.ptx`.
use super::Activation;
use crate::{
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    elementwise::cuda::{THREADS, fours},
};

const TEXT: Text = ptx!("activation/ptx/activation.ptx");
const GRADIENTS: Text = ptx!("activation/ptx/activation_grad.ptx");

/// `y[i] = f(x[i])`, n elements. X(0): x, Y(0): y.
pub fn forward(f: Activation, n: usize) -> Launches {
    let (x, y) = (Arg::X(0), Arg::Y(0));
    let one_each =
        |entry: &'static str| Launch::each(TEXT, entry, n, THREADS, vec![x, y, Arg::U32(size(n))]).into();
    match f {
        Activation::Relu => fours(TEXT, "relu", n, &[x, y]),
        Activation::LeakyRelu { slope } => fours(TEXT, "leaky_relu", n, &[x, y, Arg::F32(slope as f32)]),
        Activation::Sigmoid => one_each("sigmoid"),
        Activation::Tanh => one_each("tanh"),
    }
}

/// `dx[i] = f'(x[i]) · dy[i]`, n elements, from `y` as in [`Activation::gradient`]. X(0): y, X(1): dy, Y(0): dx.
pub fn backward(f: Activation, n: usize) -> Launches {
    let operands = [Arg::X(0), Arg::X(1), Arg::Y(0)];
    match f {
        Activation::Relu => fours(GRADIENTS, "relu_grad", n, &operands),
        Activation::LeakyRelu { slope } => {
            let args = [&operands[..], &[Arg::F32(slope as f32)]].concat();
            fours(GRADIENTS, "leaky_relu_grad", n, &args)
        }
        Activation::Sigmoid => fours(GRADIENTS, "sigmoid_grad", n, &operands),
        Activation::Tanh => fours(GRADIENTS, "tanh_grad", n, &operands),
    }
}
