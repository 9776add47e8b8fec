//! The operations, one a file: definition, gradient rule, gradient operations, methods, card.
//!
//! Each page says the same things in the same order: the equation, shapes, the gradient, conventions (kinks, ties, NaN, means
//! or sums), and errors, that is what is refused when it is recorded, with a panic that names the rule and the numbers. Most
//! operations are called as methods of [`Var`](crate::Var); some only the planner or a gradient rule records.
//!
//! The list below is the registry. Adding an operation is one line here; checks, parity tests, benches and the
//! operation table follow from it.
use crate::card::Card;

/// Declares each operation's module, re-exports its types, and lists its card.
macro_rules! registry {
    ($($module:ident: $($ty:ident),+;)*) => {
        $(
            mod $module;
            pub use $module::{$($ty),+};
        )*

        /// The type of every operation and gradient operation, by name.
        pub const NAMES: &[&str] = &[$($(stringify!($ty)),+),*];

        /// The card of every operation, in the order of this list.
        pub const CARDS: &[Card] = &[$($module::CARD),*];
    };
}

registry! {
    add: Add, ChannelSum;
    conv2d: Conv2d, Conv2dDgrad, Conv2dWgrad;
    conv2d_block: Conv2dBlock;
    conv2d_upstream: Conv2dUpstream;
    count_correct: CountCorrect;
    cross_entropy: CrossEntropy, CrossEntropyGrad;
    cross_entropy_block: CrossEntropyBlock;
    dropout: Dropout;
    fill: Fill;
    flatten: Flatten, Unflatten;
    gather: Gather;
    gather_conv2d: GatherConv2d;
    l2_norm: L2Norm, L2NormGrad;
    leaky_relu: LeakyRelu, LeakyReluGrad;
    linear: Linear, LinearDgrad, LinearWgrad;
    linear_block: LinearBlock;
    linear_gradients: LinearGradients;
    linear_upstream: LinearUpstream;
    matmul: Matmul;
    max_pool2d: MaxPool2d, MaxPool2dGrad;
    mean: Mean;
    mse: Mse, MseGrad;
    mul: Mul;
    neg: Neg;
    relayout: Relayout;
    relu: Relu, ReluGrad;
    reshape: Reshape;
    scale: Scale;
    sigmoid: Sigmoid, SigmoidGrad;
    sub: Sub;
    sum: Sum, Expand;
    sum_of_squares: SumOfSquares, SumOfSquaresGrad;
    tanh: Tanh, TanhGrad;
    transpose: Transpose;
}
