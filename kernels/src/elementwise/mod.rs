//! Arithmetic element by element, and the one broadcast: a number a channel.
pub mod cpu;
pub mod cuda;
pub mod reference;

use crate::{Layout, Shape, ShapeError, shape_error};

/// The shape `a` and `b` have in common.
///
/// # Errors
/// If they differ: only [`Channels`] broadcast.
pub fn same(a: &Shape, b: &Shape) -> Result<Shape, ShapeError> {
    if a != b {
        return Err(shape_error!("shapes {a} and {b} differ"));
    }
    Ok(*a)
}

/// How b (C) lies along dimension 1 of x (N, C) or (N, C, H, W): channel `ch` holds the elements
/// `(o · c + ch) · inner + i` of memory, for `o < outer` and `i < inner`; an image is `outer / n` groups.
///
/// | layout | outer | inner |
/// |---|---|---|
/// | rows, (N, C) | N | 1 |
/// | rows, (N, C, H, W) | N | H · W |
/// | nhwc, (N, C, H, W) | N · H · W | 1 |
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Channels {
    /// Images, or rows of a matrix: sums are split by these ([`crate::Parts`]).
    pub n: usize,
    /// Groups of channels.
    pub outer: usize,
    /// Channels.
    pub c: usize,
    /// Neighbours in memory that share a channel.
    pub inner: usize,
}

impl Channels {
    /// The channels of `x`, which lies in `layout`.
    ///
    /// # Errors
    /// Unless `x` is (N, C) or (N, C, H, W).
    pub fn new(x: &Shape, layout: Layout) -> Result<Self, ShapeError> {
        if !matches!(x.rank(), 2 | 4) {
            return Err(shape_error!("channels are dimension 1 of (N, C) or (N, C, H, W), got shape {x}"));
        }
        let (c, inner) = (x.dim(1), layout.strides(x)[1]);
        Ok(Self { n: x.dim(0), outer: x.len().checked_div(c * inner).unwrap_or(0), c, inner })
    }

    /// The columns of a matrix (n, c), row-major.
    pub fn rows(n: usize, c: usize) -> Self {
        Self { n, outer: n, c, inner: 1 }
    }

    /// The channels of `x`, for the broadcast of `b`.
    ///
    /// # Errors
    /// Unless `x` has channels and `b` one number for each.
    pub fn of(x: &Shape, b: &Shape, layout: Layout) -> Result<Self, ShapeError> {
        let channels = Self::new(x, layout)?;
        if b.dims() != Some([channels.c]) {
            let c = channels.c;
            return Err(shape_error!(
                "input {x} has {c} channels and takes one number for each, [{c}], got {b}"
            ));
        }
        Ok(channels)
    }

    /// Number of elements of `x`.
    pub fn len(&self) -> usize {
        self.outer * self.c * self.inner
    }

    /// Number of elements of an image.
    pub fn image(&self) -> usize {
        self.len().checked_div(self.n).unwrap_or(0)
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Place in memory of element `i` of channel `ch` in group `o`.
    pub fn at(&self, o: usize, ch: usize, i: usize) -> usize {
        (o * self.c + ch) * self.inner + i
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_of_every_layout() {
        let image = Shape::from([2, 3, 4, 5]);
        let spec = |x: &Shape, layout| {
            let Channels { n, outer, c, inner } = Channels::new(x, layout).unwrap();
            [n, outer, c, inner]
        };
        assert_eq!(spec(&Shape::from([7, 9]), Layout::Rows), [7, 7, 9, 1]);
        assert_eq!(spec(&image, Layout::Rows), [2, 2, 3, 20]);
        assert_eq!(spec(&image, Layout::Nhwc), [2, 40, 3, 1]);
        assert_eq!(spec(&Shape::from([0, 3]), Layout::Rows), [0, 0, 3, 1]);
    }

    #[test]
    fn wrong_shapes() {
        let text = |e: Result<Channels, ShapeError>| e.unwrap_err().to_string();
        let (image, b) = (Shape::from([2, 3, 4, 5]), Shape::from([4]));
        assert_eq!(
            text(Channels::of(&image, &b, Layout::Rows)),
            "input [2, 3, 4, 5] has 3 channels and takes one number for each, [3], got [4]"
        );
        assert_eq!(
            text(Channels::new(&b, Layout::Rows)),
            "channels are dimension 1 of (N, C) or (N, C, H, W), got shape [4]"
        );
        assert_eq!(same(&image, &b).unwrap_err().to_string(), "shapes [2, 3, 4, 5] and [4] differ");
    }
}
