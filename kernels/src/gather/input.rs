//! How the bytes of an image become a network's input.
use crate::{ShapeError, shape_error};
use std::{fmt, str::FromStr};

/// Mean of each CIFAR-10 channel, over [0, 1].
const MEAN: [f64; 3] = [0.4914, 0.4822, 0.4465];
/// Standard deviation of each CIFAR-10 channel, over [0, 1].
const STD: [f64; 3] = [0.247, 0.243, 0.261];

/// A normalisation, by name.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Input {
    /// [0, 1], then each channel minus its mean over its standard deviation. 3 channels.
    #[default]
    Rgb,
    /// [0, 1]. 1 or 3 channels.
    Rgb01,
    /// [`Input::Rgb`], then the brightness [`LUMA`](super::LUMA) of the three: 3 channels become 1.
    Gray,
    /// The bytes as they are, 0 to 255. 1 or 3 channels.
    Raw255,
    /// [-1, 1]. 1 or 3 channels.
    Signed,
}

impl Input {
    /// Every input.
    pub const ALL: [Self; 5] = [Self::Rgb, Self::Rgb01, Self::Gray, Self::Raw255, Self::Signed];

    /// Channels of the input made from images of `c` channels.
    ///
    /// # Errors
    /// Where it is not defined for that number of channels.
    pub fn channels(self, c: usize) -> Result<usize, ShapeError> {
        match (c, self) {
            (3, Input::Gray) => Ok(1),
            (1, Input::Rgb | Input::Gray) => Err(shape_error!(
                "input {self} needs images of 3 channels, the data set has 1: use rgb01, raw255 or signed"
            )),
            (1 | 3, _) => Ok(c),
            _ => Err(shape_error!("images must have 1 or 3 channels, the data set has {c}")),
        }
    }

    /// Scale and shift of source channel `c`: a byte stands for `byte · scale + shift`.
    pub fn affine(self, c: usize) -> (f64, f64) {
        match self {
            Input::Rgb | Input::Gray => (1.0 / (255.0 * STD[c]), -MEAN[c] / STD[c]),
            Input::Rgb01 => (1.0 / 255.0, 0.0),
            Input::Raw255 => (1.0, 0.0),
            Input::Signed => (2.0 / 255.0, -1.0),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Input::Rgb => "rgb",
            Input::Rgb01 => "rgb01",
            Input::Gray => "gray",
            Input::Raw255 => "raw255",
            Input::Signed => "signed",
        })
    }
}

/// A name that is no input's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown input {0:?}: expected rgb, rgb01, gray, raw255 or signed")]
pub struct UnknownInput(pub String);

impl FromStr for Input {
    type Err = UnknownInput;
    fn from_str(name: &str) -> Result<Self, UnknownInput> {
        let found = Self::ALL.into_iter().find(|input| input.to_string() == name);
        found.ok_or_else(|| UnknownInput(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for input in Input::ALL {
            assert_eq!(input.to_string().parse(), Ok(input));
        }
        let text = "RGB".parse::<Input>().unwrap_err().to_string();
        assert_eq!(text, "unknown input \"RGB\": expected rgb, rgb01, gray, raw255 or signed");
    }
}
