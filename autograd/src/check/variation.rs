//! Arrays read wrongly: what a mistaken rule makes of an operand or of the cotangent.
use super::index::{index, stride, transposed};
use ferrotape_kernels::Shape;
use std::fmt;

/// A way to read an array that is not right.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Variation {
    /// With two dimensions exchanged.
    Transposed(usize, usize),
    /// With the last two dimensions backwards: turned by 180 degrees.
    Turned,
    /// Moved along a dimension, zeros coming in.
    Shifted(usize, isize),
    /// Without the first or the last place of a dimension.
    Without(usize, End),
    /// With the first place of a dimension for all.
    FirstForAll(usize),
    /// As if it were ones.
    Ones,
}

/// An end of a dimension.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Place 0.
    First,
    /// The last place.
    Last,
}

impl Variation {
    /// Every way to misread an array of this shape that is not the right one.
    pub(super) fn all(shape: Shape) -> Vec<Self> {
        let long: Vec<usize> = (0..shape.rank()).filter(|&d| shape.dim(d) > 1).collect();
        let mut all = vec![Self::Ones];
        for &d in &long {
            all.extend([Self::Without(d, End::Last), Self::Without(d, End::First)]);
            all.extend([Self::Shifted(d, 1), Self::Shifted(d, -1), Self::FirstForAll(d)]);
            all.extend(long.iter().filter(|&&b| b > d).map(|&b| Self::Transposed(d, b)));
        }
        if shape.rank() >= 2 && long.last().is_some_and(|&d| d + 2 >= shape.rank()) {
            all.push(Self::Turned);
        }
        all
    }

    /// `x` so read.
    pub(super) fn of(self, x: &[f64], shape: Shape) -> Vec<f64> {
        let place = |k: usize, d: usize| index(shape, k)[d];
        let at = |k: usize| match self {
            Self::Ones => 1.0,
            Self::Transposed(a, b) => x[transposed(shape, a, b, k)],
            Self::Turned => {
                let plane = shape.dim(shape.rank() - 1) * shape.dim(shape.rank() - 2);
                x[k / plane * plane + plane - 1 - k % plane]
            }
            Self::Shifted(d, by) => {
                let from = place(k, d).checked_add_signed(-by).filter(|&i| i < shape.dim(d));
                from.map_or(0.0, |_| x[k.wrapping_add_signed(-by * stride(shape, d) as isize)])
            }
            Self::Without(d, end) => {
                let gone = if end == End::First { 0 } else { shape.dim(d) - 1 };
                if place(k, d) == gone { 0.0 } else { x[k] }
            }
            Self::FirstForAll(d) => x[k - place(k, d) * stride(shape, d)],
        };
        (0..x.len()).map(at).collect()
    }
}

/// What it is, of something named before.
impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transposed(a, b) => write!(f, "with dimensions {a} and {b} exchanged"),
            Self::Turned => write!(f, "with the last two dimensions backwards (turned by 180 degrees)"),
            Self::Shifted(d, by) => write!(f, "shifted by {by:+} along dimension {d}"),
            Self::Without(d, End::First) => write!(f, "without the first place of dimension {d}"),
            Self::Without(d, End::Last) => write!(f, "without the last place of dimension {d}"),
            Self::FirstForAll(d) => write!(f, "with the first place of dimension {d} for all of it"),
            Self::Ones => write!(f, "as if all of it were 1"),
        }
    }
}
