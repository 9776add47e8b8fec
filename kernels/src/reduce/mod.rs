//! Many numbers to one, or to one a channel, and back.
//!
//! A reference sums in the order of memory. A fast version may take any other: in f32 the two differ by at most
//! `γ_n · Σ|x[i]|` ([`crate::Bound`]).
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;

use crate::{Shape, ShapeError, shape_error};

/// The factor `1/n` of a mean over the n elements of `x`.
///
/// # Errors
/// If there is no element.
pub fn mean_factor(x: &Shape) -> Result<f64, ShapeError> {
    if x.is_empty() {
        return Err(shape_error!("the mean of no element, shape {x}, is not defined"));
    }
    Ok(1.0 / x.len() as f64)
}
