//! Types of PTX.

/// A fundamental type.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    B8,
    U8,
    S8,
    B16,
    U16,
    S16,
    B32,
    U32,
    S32,
    F32,
    B64,
    U64,
    S64,
    F64,
    Pred,
}

impl Type {
    /// The type named `name`, without its dot.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "b8" => Self::B8,
            "u8" => Self::U8,
            "s8" => Self::S8,
            "b16" => Self::B16,
            "u16" => Self::U16,
            "s16" => Self::S16,
            "b32" => Self::B32,
            "u32" => Self::U32,
            "s32" => Self::S32,
            "f32" => Self::F32,
            "b64" => Self::B64,
            "u64" => Self::U64,
            "s64" => Self::S64,
            "f64" => Self::F64,
            "pred" => Self::Pred,
            _ => return None,
        })
    }

    /// Its name, without the dot.
    pub fn name(self) -> &'static str {
        match self {
            Self::B8 => "b8",
            Self::U8 => "u8",
            Self::S8 => "s8",
            Self::B16 => "b16",
            Self::U16 => "u16",
            Self::S16 => "s16",
            Self::B32 => "b32",
            Self::U32 => "u32",
            Self::S32 => "s32",
            Self::F32 => "f32",
            Self::B64 => "b64",
            Self::U64 => "u64",
            Self::S64 => "s64",
            Self::F64 => "f64",
            Self::Pred => "pred",
        }
    }

    /// Bytes in memory; a predicate has none.
    pub fn bytes(self) -> u32 {
        match self {
            Self::Pred => 0,
            Self::B8 | Self::U8 | Self::S8 => 1,
            Self::B16 | Self::U16 | Self::S16 => 2,
            Self::B32 | Self::U32 | Self::S32 | Self::F32 => 4,
            Self::B64 | Self::U64 | Self::S64 | Self::F64 => 8,
        }
    }

    /// Whether it is an integer with a sign.
    pub fn signed(self) -> bool {
        matches!(self, Self::S8 | Self::S16 | Self::S32 | Self::S64)
    }

    /// Whether it is a floating-point number.
    pub fn float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// Whether it is bits without a meaning.
    pub fn bits(self) -> bool {
        matches!(self, Self::B8 | Self::B16 | Self::B32 | Self::B64)
    }

    /// Whether a register of type `register` may stand where an instruction wants `self`: of the same size, and not a
    /// number of the other kind.
    pub fn takes(self, register: Type) -> bool {
        let alike = self.bits() || register.bits() || self.float() == register.float();
        self.bytes() == register.bytes() && (self == Self::Pred) == (register == Self::Pred) && alike
    }

    /// Which registers hold it.
    pub fn file(self) -> File {
        match self {
            Self::Pred => File::Pred,
            Self::B64 | Self::U64 | Self::S64 | Self::F64 => File::Wide,
            _ => File::Word,
        }
    }
}

/// A register file of the machine.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum File {
    /// One bit a lane.
    Pred,
    /// 32 bits a lane; narrower types lie in the low bits.
    Word,
    /// 64 bits a lane.
    Wide,
}
