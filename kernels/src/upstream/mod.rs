//! The gradient upstream of a convolution: what `conv2d`, then perhaps an activation, then perhaps `max_pool2d` get back,
//! brought to the convolution's output, and the sums of it that the bias needs.
//!
//! ```text
//! dy'[n,i,j,c] = f'(dy[n,i,j,c]), from y[n,i,j,c]                    gradient of the activation
//! g[n,y,x,c]   = Σ dy'[n,i,j,c] over the windows that (y, x) won     gradient of max_pool2d
//! db[c]        = Σ g[n,y,x,c]                                        gradient of the bias
//! ```
//!
//! y is the output of all of it: of the pooling, where there is one. That is as good as the output of the activation
//! before it, since a window's value is its winner's, and nothing flows to the others. (To the others that are NaN neither:
//! sigmoid and tanh by themselves give a gradient of 0 · NaN there.)
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;

use crate::{activation::Activation, elementwise::Channels, max_pool2d::MaxPool2d};

/// Sizes of the gradient: those of the convolution's output (N, C, H, W), and what comes behind it.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Upstream {
    /// Images.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Height.
    pub h: usize,
    /// Width.
    pub w: usize,
    /// The activation, which [differentiates from y](Activation::differentiates_from_y) if there is a pooling.
    pub activation: Option<Activation>,
    /// Side of the windows and the distance between them, which is not smaller.
    pub pool: Option<[usize; 2]>,
}

impl Upstream {
    /// Elements of an image of the convolution's output.
    pub fn image(&self) -> usize {
        self.c * self.h * self.w
    }

    /// Elements of an image of the gradient that arrives.
    pub fn arriving(&self) -> usize {
        self.windows().map_or(self.image(), |s| s.oh() * s.ow() * s.c)
    }

    /// The pooling.
    pub fn windows(&self) -> Option<MaxPool2d> {
        let Self { n, c, h, w, pool, .. } = *self;
        pool.map(|[kernel, stride]| MaxPool2d { n, c, h, w, kernel, stride })
    }

    /// The channels of the gradient, whose layout is nhwc.
    pub fn channels(&self) -> Channels {
        Channels { n: self.n, outer: self.n * self.h * self.w, c: self.c, inner: 1 }
    }
}
