//! What may follow a convolution in the same pass.
use super::Conv2d;
use crate::{activation::Activation, max_pool2d::MaxPool2d};

/// After convolution and bias: an activation, then max-pooling, each if asked for.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Epilogue {
    /// A function of every number of the convolution's output.
    pub activation: Option<Activation>,
    /// Pooling of the convolution's output; windows may not overlap.
    pub pool: Option<MaxPool2d>,
}

impl Epilogue {
    /// Numbers of the last output, for the convolution `s`.
    pub fn len(&self, s: &Conv2d) -> usize {
        self.pool.map_or(s.y().len(), |pool| pool.y().len())
    }

    /// Whether it can follow `s`.
    pub fn fits(&self, s: &Conv2d) -> bool {
        let same = |p: MaxPool2d| [p.n, p.c, p.h, p.w] == [s.n, s.co, s.oh(), s.ow()];
        self.pool.is_none_or(|p| same(p) && p.kernel <= p.stride)
    }

    /// Sums below it are written as 0. A relu costs nothing then: below the smallest positive number are the negative
    /// ones and both zeros, but no NaN.
    pub(crate) fn floor(&self) -> f32 {
        if self.activation == Some(Activation::Relu) { f32::from_bits(1) } else { f32::NEG_INFINITY }
    }

    /// The activation, unless it is done by [`Self::floor`].
    pub(crate) fn above_floor(&self) -> Option<Activation> {
        self.activation.filter(|&f| f != Activation::Relu)
    }
}
