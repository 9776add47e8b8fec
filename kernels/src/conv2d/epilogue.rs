//! What may follow a convolution in the same pass.
use super::Conv2d;
use crate::max_pool2d::MaxPool2d;

/// After convolution and bias: ReLU, then max-pooling, each if asked for.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Epilogue {
    /// `max(y, 0)`; a NaN stays one.
    pub relu: bool,
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
}
