//! Gather: one batch out of a u8 data set, transposed and normalised.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
mod input;
pub mod reference;

pub use input::{Input, UnknownInput};

use crate::{Shape, ShapeError};

/// Weights of red, green and blue in the brightness of a pixel (ITU-R BT.601, four digits as published).
pub const LUMA: [f64; 3] = [0.2989, 0.587, 0.114];

/// Sizes of one gather: records of (c, h, w) bytes -> y (N, channels, h, w).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gather {
    /// How bytes become numbers.
    pub input: Input,
    /// Records of the batch.
    pub n: usize,
    /// Channels of a record.
    pub c: usize,
    /// Height of a record.
    pub h: usize,
    /// Width of a record.
    pub w: usize,
}

impl Gather {
    /// The spec of a batch of `n` records of `[c, h, w]` bytes.
    ///
    /// # Errors
    /// Where `input` is not defined for that number of channels.
    pub fn new(input: Input, [c, h, w]: [usize; 3], n: usize) -> Result<Self, ShapeError> {
        input.channels(c)?;
        Ok(Self { input, n, c, h, w })
    }

    /// Channels of the output.
    pub fn channels(&self) -> usize {
        if self.input == Input::Gray { 1 } else { self.c }
    }

    /// Shape of the output.
    pub fn y(&self) -> Shape {
        Shape::from([self.n, self.channels(), self.h, self.w])
    }

    /// Bytes of one record's image.
    pub fn record(&self) -> usize {
        self.c * self.h * self.w
    }

    /// The number that byte `byte` of source channel `c` stands for, before any luma: `byte · scale + shift`.
    pub fn value(&self, c: usize, byte: u8) -> f64 {
        let (scale, shift) = self.input.affine(c);
        f64::from(byte) * scale + shift
    }
}
