//! Numbers as PTX writes them.

/// A number of the text.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i128),
    /// Decimal; where an f32 is wanted it is rounded.
    Decimal(f64),
    /// `0f` and eight hexadecimal digits: the bits of an f32.
    F32(u32),
    /// `0d` and sixteen: the bits of an f64.
    F64(u64),
}

impl Number {
    /// Reads `text`, which has no sign.
    pub fn read(text: &str) -> Option<Self> {
        let prefix = text.get(..2).unwrap_or("");
        let rest = text.get(2..).unwrap_or("");
        match prefix {
            "0f" | "0F" if rest.len() == 8 => u32::from_str_radix(rest, 16).ok().map(Self::F32),
            "0d" | "0D" if rest.len() == 16 => u64::from_str_radix(rest, 16).ok().map(Self::F64),
            "0x" | "0X" => Self::integer(rest, 16),
            "0b" | "0B" => Self::integer(rest, 2),
            _ if text.contains(['.', 'e', 'E']) => text.parse().ok().map(Self::Decimal),
            _ if text.len() > 1 && text.starts_with('0') => Self::integer(&text[1..], 8),
            _ => Self::integer(text, 10),
        }
    }

    fn integer(digits: &str, radix: u32) -> Option<Self> {
        let digits = digits.strip_suffix('U').unwrap_or(digits);
        let digits = if digits.is_empty() { "0" } else { digits };
        u64::from_str_radix(digits, radix).ok().map(|value| Self::Int(value.into()))
    }

    /// The number with the other sign.
    pub fn negated(self) -> Self {
        match self {
            Self::Int(value) => Self::Int(-value),
            Self::Decimal(value) => Self::Decimal(-value),
            Self::F32(bits) => Self::F32(bits ^ 1 << 31),
            Self::F64(bits) => Self::F64(bits ^ 1 << 63),
        }
    }

    /// Its bits as a type of `bytes` bytes, an f32 or f64 if `float`; `None` if it is none.
    pub fn bits(self, bytes: u32, float: bool) -> Option<u64> {
        match self {
            Self::Int(_) if float => None,
            Self::Int(value) => {
                let bits = 8 * bytes;
                let range = -(1i128 << (bits - 1))..1i128 << bits;
                let mask = ((1u128 << bits) - 1) as u64;
                range.contains(&value).then_some(value as u64 & mask)
            }
            Self::Decimal(value) if float && bytes == 4 => Some((value as f32).to_bits().into()),
            Self::Decimal(value) if float && bytes == 8 => Some(value.to_bits()),
            Self::Decimal(_) => None,
            Self::F32(bits) if bytes == 4 => Some(bits.into()),
            Self::F32(_) => None,
            Self::F64(bits) if bytes == 8 => Some(bits),
            Self::F64(bits) if float && bytes == 4 => Some((f64::from_bits(bits) as f32).to_bits().into()),
            Self::F64(_) => None,
        }
    }
}
