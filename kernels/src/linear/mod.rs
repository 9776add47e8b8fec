//! The affine map of a fully connected layer: y = x wᵀ + b.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;

use crate::{Shape, ShapeError, shape_error};

/// Sizes of x (N, fan_in) · w (fan_out, fan_in)ᵀ + b (fan_out) -> y (N, fan_out).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Linear {
    /// Rows of the batch.
    pub n: usize,
    /// Inputs of a unit.
    pub fan_in: usize,
    /// Units.
    pub fan_out: usize,
}

impl Linear {
    /// The spec of `x wᵀ + b`.
    ///
    /// # Errors
    /// Where ranks or sizes do not fit.
    pub fn new(x: &Shape, w: &Shape, b: &Shape) -> Result<Self, ShapeError> {
        let [n, fan_in] = x.dims().ok_or_else(|| shape_error!("input must be (N, fan_in), got shape {x}"))?;
        let [fan_out, expected] =
            w.dims().ok_or_else(|| shape_error!("weight must be (fan_out, fan_in), got shape {w}"))?;
        if fan_in != expected {
            return Err(shape_error!("input has {fan_in} features, weight expects {expected}"));
        }
        if b.dims() != Some([fan_out]) {
            return Err(shape_error!("bias must have shape [{fan_out}], one value a unit, got {b}"));
        }
        Ok(Self { n, fan_in, fan_out })
    }

    /// Floating-point operations of one pass (forward, dgrad or wgrad): 2 a multiply-add.
    pub fn flops(&self) -> u64 {
        2 * (self.n * self.fan_in * self.fan_out) as u64
    }
}
