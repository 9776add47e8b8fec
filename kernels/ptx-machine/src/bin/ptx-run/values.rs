//! Numbers of a type, as bytes.

/// Type of a buffer's values.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Type {
    U8,
    U32,
    S32,
    U64,
    F32,
    F64,
}

impl Type {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "u8" => Self::U8,
            "u32" => Self::U32,
            "s32" => Self::S32,
            "u64" => Self::U64,
            "f32" => Self::F32,
            "f64" => Self::F64,
            _ => return None,
        })
    }

    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U32 | Self::S32 | Self::F32 => 4,
            Self::U64 | Self::F64 => 8,
        }
    }

    /// Bytes of the number that a text says.
    pub fn read(self, text: &str) -> Option<Vec<u8>> {
        let whole = || match text.strip_prefix("0x") {
            Some(digits) => i128::from_str_radix(digits, 16).ok(),
            None => text.parse::<i128>().ok(),
        };
        let float = || text.parse::<f64>().ok();
        Some(match self {
            Self::U8 => u8::try_from(whole()?).ok()?.to_le_bytes().to_vec(),
            Self::U32 => u32::try_from(whole()?).ok()?.to_le_bytes().to_vec(),
            Self::S32 => i32::try_from(whole()?).ok()?.to_le_bytes().to_vec(),
            Self::U64 => u64::try_from(whole()?).ok()?.to_le_bytes().to_vec(),
            Self::F32 => (float()? as f32).to_le_bytes().to_vec(),
            Self::F64 => float()?.to_le_bytes().to_vec(),
        })
    }

    /// A whole number as bytes, cut to the type's width.
    pub fn count(self, i: u64) -> Vec<u8> {
        match self {
            Self::F32 => (i as f32).to_le_bytes().to_vec(),
            Self::F64 => (i as f64).to_le_bytes().to_vec(),
            _ => i.to_le_bytes()[..self.bytes()].to_vec(),
        }
    }

    /// From 64 random bits: a float in -1..1, an integer below 256.
    pub fn random(self, bits: u64) -> Vec<u8> {
        let unit = (bits >> 11) as f64 / (1u64 << 53) as f64;
        match self {
            Self::F32 => ((2.0 * unit - 1.0) as f32).to_le_bytes().to_vec(),
            Self::F64 => (2.0 * unit - 1.0).to_le_bytes().to_vec(),
            _ => (bits >> 56).to_le_bytes()[..self.bytes()].to_vec(),
        }
    }

    /// A value for people.
    pub fn shown(self, bytes: &[u8]) -> String {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(word);
        match self {
            Self::F32 => format!("{:?}", f32::from_bits(bits as u32)),
            Self::F64 => format!("{:?}", f64::from_bits(bits)),
            Self::S32 => (bits as u32 as i32).to_string(),
            _ => bits.to_string(),
        }
    }
}

/// The next of a row of random words (Steele, Lea, Flood: SplitMix, OOPSLA 2014).
pub fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
