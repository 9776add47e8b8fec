//! 2-D max-pooling with the winners' positions.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;

use crate::{Shape, ShapeError, shape_error};

/// Sizes of one pooling: x (N, C, H, W) -> y (N, C, oh, ow), no padding; rows and columns that no window covers
/// are not read.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct MaxPool2d {
    /// Images.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Input height.
    pub h: usize,
    /// Input width.
    pub w: usize,
    /// Side of the square window.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
}

impl MaxPool2d {
    /// The spec of pooling `x` with windows of `kernel` x `kernel`.
    ///
    /// # Errors
    /// Where the rank or the sizes do not fit.
    pub fn new(x: &Shape, kernel: usize, stride: usize) -> Result<Self, ShapeError> {
        let [n, c, h, w] =
            x.dims().ok_or_else(|| shape_error!("input must be (N, C, H, W), got shape {x}"))?;
        if kernel == 0 || stride == 0 {
            return Err(shape_error!("kernel and stride must be at least 1"));
        }
        if kernel > h || kernel > w {
            return Err(shape_error!("window {kernel}x{kernel} does not fit the {h}x{w} input"));
        }
        Ok(Self { n, c, h, w, kernel, stride })
    }

    /// Output height: `(h - kernel) / stride + 1`.
    pub fn oh(&self) -> usize {
        (self.h - self.kernel) / self.stride + 1
    }

    /// Output width: `(w - kernel) / stride + 1`.
    pub fn ow(&self) -> usize {
        (self.w - self.kernel) / self.stride + 1
    }

    /// Shape of the input.
    pub fn x(&self) -> Shape {
        Shape::from([self.n, self.c, self.h, self.w])
    }

    /// Shape of the output.
    pub fn y(&self) -> Shape {
        Shape::from([self.n, self.c, self.oh(), self.ow()])
    }
}
