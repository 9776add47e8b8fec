//! Mean squared error: the loss of a regression.
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;

use crate::{Shape, ShapeError, shape_error};

/// Checks the shapes of `mean((a - b)²)`.
///
/// # Errors
/// Where they differ, or there is nothing to take the mean of.
pub fn check(a: &Shape, b: &Shape) -> Result<(), ShapeError> {
    if a != b {
        return Err(shape_error!("prediction and target must have the same shape, got {a} and {b}"));
    }
    if a.is_empty() {
        return Err(shape_error!("a mean needs at least one element, got shape {a}"));
    }
    Ok(())
}
