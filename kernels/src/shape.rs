//! Shapes, and the order in which their elements lie in memory.
use std::fmt;

/// The most dimensions a shape can have.
pub const MAX_RANK: usize = 4;

/// Sizes of up to four dimensions, always in spoken order: images are (N, C, H, W), convolution weights
/// (O, I, kh, kw), linear weights (out, in). A scalar has rank 0.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Default)]
pub struct Shape {
    sizes: [u32; MAX_RANK],
    rank: u8,
}

impl Shape {
    /// The shape with these sizes.
    ///
    /// # Panics
    /// With more than four sizes, or one of 2^32 or more.
    #[track_caller]
    pub fn new(sizes: &[usize]) -> Self {
        assert!(sizes.len() <= MAX_RANK, "shape {sizes:?}: at most {MAX_RANK} dimensions");
        let mut shape = Self { rank: sizes.len() as u8, ..Self::default() };
        for (to, &from) in shape.sizes.iter_mut().zip(sizes) {
            *to = u32::try_from(from).unwrap_or_else(|_| panic!("shape {sizes:?}: a size of 2^32 or more"));
        }
        shape
    }

    /// A single number.
    pub const SCALAR: Self = Self { sizes: [0; MAX_RANK], rank: 0 };

    /// Number of dimensions.
    pub fn rank(&self) -> usize {
        self.rank as usize
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.sizes[..self.rank()].iter().map(|&s| s as usize).product()
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Size of dimension `d`.
    ///
    /// # Panics
    /// If `d >= self.rank()`.
    pub fn dim(&self, d: usize) -> usize {
        self.sizes[..self.rank()][d] as usize
    }

    /// The sizes as an array, where the rank is known.
    pub fn dims<const R: usize>(&self) -> Option<[usize; R]> {
        (self.rank() == R).then(|| std::array::from_fn(|d| self.sizes[d] as usize))
    }

    /// The same with `n` in dimension 0.
    ///
    /// # Panics
    /// For a scalar, or if `n` is 2^32 or more.
    pub fn with_first(mut self, n: usize) -> Self {
        let rank = self.rank();
        self.sizes[..rank][0] = u32::try_from(n).expect("a size below 2^32");
        self
    }

    /// The sizes as a vector.
    pub fn to_vec(&self) -> Vec<usize> {
        (0..self.rank()).map(|d| self.dim(d)).collect()
    }
}

impl<const R: usize> From<[usize; R]> for Shape {
    #[track_caller]
    fn from(sizes: [usize; R]) -> Self {
        Self::new(&sizes)
    }
}

/// As PyTorch and NumPy print it: `[50, 3, 32, 32]`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.sizes[..self.rank()]).finish()
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A rule of shapes that was broken; the text states the rule with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShapeError(pub String);

/// Builds a [`ShapeError`] as `format!` builds a string.
#[macro_export]
macro_rules! shape_error {
    ($($arg:tt)*) => { $crate::ShapeError(format!($($arg)*)) };
}

/// The order in which the elements of a shape lie in memory. The shape itself never changes with it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Spoken order, the last index fastest. Any rank.
    #[default]
    Rows,
    /// Images (N, C, H, W) with the channels of a pixel together: a convolution reads them as overlapping rows.
    Nhwc,
    /// Convolution weights (O, I, kh, kw) with the output channels fastest: the right operand of a matrix product.
    Hwio,
    /// Linear weights (out, in) with the outputs fastest.
    InOut,
}

impl Layout {
    /// For each dimension in memory, slowest first, which spoken dimension it is.
    fn order(self, rank: usize) -> [usize; MAX_RANK] {
        match self {
            Layout::Rows => [0, 1, 2, 3],
            Layout::Nhwc => [0, 2, 3, 1],
            Layout::Hwio => [2, 3, 1, 0],
            Layout::InOut => {
                debug_assert_eq!(rank, 2);
                [1, 0, 2, 3]
            }
        }
    }

    /// Whether a shape of `rank` can lie in this order.
    pub fn fits(self, rank: usize) -> bool {
        match self {
            Layout::Rows => true,
            Layout::Nhwc | Layout::Hwio => rank == 4,
            Layout::InOut => rank == 2,
        }
    }

    /// Distance in memory between neighbours along each spoken dimension; 0 beyond the rank.
    ///
    /// # Panics
    /// If the layout does not fit the rank.
    pub fn strides(self, shape: &Shape) -> [usize; MAX_RANK] {
        let rank = shape.rank();
        assert!(self.fits(rank), "layout {self:?} does not fit shape {shape}");
        let mut strides = [0; MAX_RANK];
        let mut step = 1;
        for &d in self.order(rank)[..rank].iter().rev() {
            strides[d] = step;
            step *= shape.dim(d);
        }
        strides
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Layout::Rows => "rows",
            Layout::Nhwc => "nhwc",
            Layout::Hwio => "hwio",
            Layout::InOut => "in_out",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_of_every_layout() {
        let image = Shape::from([2, 3, 4, 5]);
        assert_eq!(Layout::Rows.strides(&image), [60, 20, 5, 1]);
        assert_eq!(Layout::Nhwc.strides(&image), [60, 1, 15, 3]);
        assert_eq!(Layout::Hwio.strides(&image), [1, 2, 30, 6]);
        assert_eq!(Layout::InOut.strides(&Shape::from([7, 9])), [1, 7, 0, 0]);
        assert_eq!(Layout::Rows.strides(&Shape::SCALAR), [0; 4]);
    }

    #[test]
    fn printing() {
        assert_eq!(Shape::from([50, 3, 32, 32]).to_string(), "[50, 3, 32, 32]");
        assert_eq!(Shape::SCALAR.to_string(), "[]");
        assert_eq!(Shape::SCALAR.len(), 1);
    }

    #[test]
    #[should_panic(expected = "at most 4 dimensions")]
    fn too_many_dimensions() {
        let _ = Shape::from([1, 2, 3, 4, 5]);
    }
}
