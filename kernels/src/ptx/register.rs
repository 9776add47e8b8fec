//! Registers and immediates.
use std::fmt;

/// A type of register.
pub trait Register: Copy + fmt::Display {
    /// What `.reg` declares it as.
    const TYPE: &'static str;

    /// Register `index` of those called `name`.
    fn named(name: &'static str, index: u32) -> Self;
}

macro_rules! register {
    ($(#[$doc:meta])* $name:ident, $type:literal) => {
        $(#[$doc])*
        #[derive(Copy, Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            name: &'static str,
            index: u32,
        }

        impl Register for $name {
            const TYPE: &'static str = $type;
            fn named(name: &'static str, index: u32) -> Self {
                Self { name, index }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "%{}{}", self.name, self.index)
            }
        }
    };
}

register!(
    /// A number.
    F32, "f32"
);
register!(
    /// A count, an index or an address in shared memory; arithmetic wraps.
    U32, "b32"
);
register!(
    /// A number of double precision.
    F64, "f64"
);
register!(
    /// An address in global memory.
    U64, "b64"
);
register!(
    /// A condition.
    Pred, "pred"
);

/// What an instruction takes where it takes an `R`: the register, or an immediate.
pub trait Operand<R>: Copy {
    /// As it is written.
    fn text(self) -> String;
}

impl<R: Register> Operand<R> for R {
    fn text(self) -> String {
        self.to_string()
    }
}

impl Operand<U32> for u32 {
    fn text(self) -> String {
        self.to_string()
    }
}

/// By its bits, so that nothing is rounded on the way.
impl Operand<F32> for f32 {
    fn text(self) -> String {
        format!("0f{:08X}", self.to_bits())
    }
}
