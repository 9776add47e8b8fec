//! Convolution on a GPU: kernels made for the sizes of a layer.
mod activation;
mod correlation;
mod image;
mod kernel;
mod plan;
mod weights;

use super::{Conv2d, Epilogue};
use crate::{
    activation::Activation,
    cuda::{Arg, Launches},
};
use correlation::Correlation;

/// `y = b + x * w`: operands (x, w, b), output y.
pub fn forward(s: &Conv2d) -> Launches {
    activated(s, None, Arg::Y(0))
}

/// Input gradient: operands (dy, w), output dx.
pub fn dgrad(s: &Conv2d) -> Launches {
    kernel::launches(&Correlation::dgrad(s), Arg::X(0), Arg::X(1), None, Arg::Y(0))
}

fn activated(s: &Conv2d, activation: Option<Activation>, y: Arg) -> Launches {
    kernel::launches(&Correlation::forward(s, activation), Arg::X(0), Arg::X(1), Some(Arg::X(2)), y)
}
