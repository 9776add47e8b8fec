//! The arithmetic a reference kernel is written in, once, for every machine that runs it.
//!
//! | scalar | what running a kernel in it gives |
//! |---|---|
//! | `f32` | the values a training computes |
//! | `f64` | the same, 2^29 times finer: the judge of the fast kernels and of finite differences |
//! | [`Dual`] | value and exact directional derivative |
//! | [`Bound`] | value and how far any f32 evaluation may lie from it |
mod bound;
mod dual;

pub use bound::Bound;
pub use dual::Dual;
use std::{
    fmt::Debug,
    ops::{Add, AddAssign, Div, Mul, Neg, Sub},
};

/// A number as the reference kernels see it.
///
/// Order is that of [`Scalar::re`]: a dual number takes the branch its value takes, so derivatives at a kink are
/// those of the branch taken.
pub trait Scalar:
    Copy
    + Debug
    + Default
    + Send
    + Sync
    + PartialOrd
    + 'static
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Nothing added.
    const ZERO: Self;
    /// Nothing scaled.
    const ONE: Self;

    /// The constant `x`, rounded where the scalar is narrower than f64.
    fn from_f64(x: f64) -> Self;
    /// The value alone.
    fn re(self) -> f64;
    /// e^x.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
}

macro_rules! float {
    ($t:ident) => {
        impl Scalar for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            fn re(self) -> f64 {
                self as f64
            }
            fn exp(self) -> Self {
                $t::exp(self)
            }
            fn ln(self) -> Self {
                $t::ln(self)
            }
            fn sqrt(self) -> Self {
                $t::sqrt(self)
            }
            fn tanh(self) -> Self {
                $t::tanh(self)
            }
        }
    };
}
float!(f32);
float!(f64);

/// Operators and comparisons that follow from `add`, `sub`, … and from the field `re`.
macro_rules! operators {
    ($t:ident) => {
        impl std::ops::AddAssign for $t {
            fn add_assign(&mut self, o: Self) {
                *self = *self + o;
            }
        }
        impl PartialEq for $t {
            fn eq(&self, o: &Self) -> bool {
                self.re == o.re
            }
        }
        impl PartialOrd for $t {
            fn partial_cmp(&self, o: &Self) -> Option<std::cmp::Ordering> {
                self.re.partial_cmp(&o.re)
            }
        }
    };
}
pub(crate) use operators;
