//! 2-D convolution (cross-correlation, as every framework calls it) with bias, stride and zero padding.
pub mod cpu;
pub mod cuda;
mod epilogue;
pub mod reference;

pub use epilogue::Epilogue;

use crate::{Shape, ShapeError, shape_error};
use std::fmt;

/// Sizes of one convolution: x (N, C_in, H, W) * w (C_out, C_in, kh, kw) + b (C_out) -> y (N, C_out, oh, ow).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conv2d {
    /// Images.
    pub n: usize,
    /// Input channels.
    pub ci: usize,
    /// Input height.
    pub h: usize,
    /// Input width.
    pub w: usize,
    /// Output channels.
    pub co: usize,
    /// Kernel height.
    pub kh: usize,
    /// Kernel width.
    pub kw: usize,
    /// Distance between neighbouring windows, in both directions.
    pub stride: usize,
    /// Rows and columns of zeros around the input.
    pub padding: usize,
}

/// One of the three passes over a convolution.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Pass {
    /// y from x, weight, bias.
    Forward,
    /// The input gradient, from dy and weight.
    Dgrad,
    /// The weight gradient, from x and dy.
    Wgrad,
}

impl Pass {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Forward, Self::Dgrad, Self::Wgrad];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Dgrad => "dgrad",
            Self::Wgrad => "wgrad",
        }
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Conv2d {
    /// The spec of `x * w + b`.
    ///
    /// # Errors
    /// Where ranks, channels or sizes do not fit; the text names the rule and the numbers.
    pub fn new(x: &Shape, w: &Shape, b: &Shape, stride: usize, padding: usize) -> Result<Self, ShapeError> {
        let [n, ci, h, width] =
            x.dims().ok_or_else(|| shape_error!("input must be (N, C, H, W), got shape {x}"))?;
        let [co, wi, kh, kw] =
            w.dims().ok_or_else(|| shape_error!("weight must be (O, I, kh, kw), got shape {w}"))?;
        if ci != wi {
            return Err(shape_error!("input has {ci} channels, weight expects {wi}"));
        }
        if b.dims() != Some([co]) {
            return Err(shape_error!("bias must have shape [{co}], one value an output channel, got {b}"));
        }
        if stride == 0 {
            return Err(shape_error!("stride must be at least 1"));
        }
        let (ph, pw) = (h + 2 * padding, width + 2 * padding);
        if kh == 0 || kw == 0 || kh > ph || kw > pw {
            return Err(shape_error!("kernel {kh}x{kw} does not fit the {ph}x{pw} input (padding included)"));
        }
        Ok(Self { n, ci, h, w: width, co, kh, kw, stride, padding })
    }

    /// Output height: `(h + 2 padding - kh) / stride + 1`.
    pub fn oh(&self) -> usize {
        (self.h + 2 * self.padding - self.kh) / self.stride + 1
    }

    /// Output width: `(w + 2 padding - kw) / stride + 1`.
    pub fn ow(&self) -> usize {
        (self.w + 2 * self.padding - self.kw) / self.stride + 1
    }

    /// Shape of the input.
    pub fn x(&self) -> Shape {
        Shape::from([self.n, self.ci, self.h, self.w])
    }

    /// Shape of the output.
    pub fn y(&self) -> Shape {
        Shape::from([self.n, self.co, self.oh(), self.ow()])
    }

    /// Shape of the weight.
    pub fn weight(&self) -> Shape {
        Shape::from([self.co, self.ci, self.kh, self.kw])
    }

    /// Floating-point operations of one pass (forward, dgrad or wgrad), padding taps counted: 2 a multiply-add.
    pub fn flops(&self) -> u64 {
        2 * self.y().len() as u64 * (self.ci * self.kh * self.kw) as u64
    }

    /// Input row that window row `o` reads with kernel row `k`, unless it lies in the padding of a dimension of
    /// size `size`. Columns likewise.
    pub fn tap(&self, o: usize, k: usize, size: usize) -> Option<usize> {
        (o * self.stride + k).checked_sub(self.padding).filter(|&i| i < size)
    }
}
