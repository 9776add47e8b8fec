//! How operations split over the images of a batch.
use crate::{Layout, Type};

/// What an operand or an output is to one image.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// Dimension 0 counts the images; each has its own.
    Each,
    /// The same for all images: weights, a data set. Only operands.
    Whole,
    /// The sum over all images: parameter gradients. Only outputs; see [`Op::cpu_parts`](crate::Op::cpu_parts).
    Sum,
}

/// Shares of an operation's operands and outputs: what it computes for some images depends on these images alone,
/// to the bit, whatever others it is called with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ByImage {
    /// Operands.
    pub x: &'static [Share],
    /// Outputs.
    pub y: &'static [Share],
}

impl ByImage {
    /// One operand, one output.
    pub const MAP: Self = Self { x: &[Share::Each], y: &[Share::Each] };
    /// Two operands, one output.
    pub const ZIP: Self = Self { x: &[Share::Each; 2], y: &[Share::Each] };
}

impl Type {
    /// The type of `n` images of it.
    pub(crate) fn of_images(self, n: usize) -> Self {
        Self { shape: self.shape.with_first(n), ..self }
    }

    /// How many images it holds, if they lie one after the other.
    pub(crate) fn images(&self) -> Option<usize> {
        let outermost = matches!(self.layout, Layout::Rows | Layout::Nhwc);
        (outermost && self.shape.rank() > 0).then(|| self.shape.dim(0))
    }
}
