//! Activation functions: relu, leaky relu, sigmoid, tanh.
//!
//! | function | y | gradient dx | from |
//! |---|---|---|---|
//! | relu | max(x, 0) | dy where y > 0, else 0: relu'(0) = 0 | y |
//! | leaky relu | x where x > 0, else slope · x | dy where x > 0, else slope · dy | x, or y if the slope is positive |
//! | sigmoid | 1 / (1 + e^-x) | dy · y (1 - y) | y |
//! | tanh | (e^2x - 1) / (e^2x + 1) | dy · (1 - y²) | y |
//!
//! Shapes and layouts do not matter, as long as all operands have the same: the kernels see flat slices. What is
//! said here once is what runs alone, behind a convolution ([`Epilogue`](crate::conv2d::Epilogue)) and ahead of its
//! gradients ([`Upstream`](crate::upstream::Upstream)).
pub mod cpu;
pub mod cuda;
pub mod reference;
pub(crate) mod registers;

/// A function of each number by itself.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Activation {
    /// `max(x, 0)`; a NaN stays one.
    Relu,
    /// `x` where `x > 0`, else `slope · x`.
    LeakyRelu {
        /// Slope for negative x.
        slope: f64,
    },
    /// `1 / (1 + e^-x)`
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// Whether y says all that the gradient needs to know, and a gradient of +0 stays +0: not with a leaky relu
    /// that changes the sign of x.
    pub fn differentiates_from_y(self) -> bool {
        match self {
            Self::Relu | Self::Sigmoid | Self::Tanh => true,
            Self::LeakyRelu { slope } => slope.is_sign_positive() && (slope as f32).is_finite(),
        }
    }

    /// Operations that a number takes.
    pub const fn flops(self) -> u64 {
        match self {
            Self::Relu | Self::LeakyRelu { .. } | Self::Tanh => 1,
            Self::Sigmoid => 3,
        }
    }

    /// Operations that a number takes in the gradient.
    pub const fn gradient_flops(self) -> u64 {
        match self {
            Self::Relu | Self::LeakyRelu { .. } => 1,
            Self::Sigmoid | Self::Tanh => 3,
        }
    }
}
