//! Copies that only move elements: another order in memory, or another shape.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;

use crate::{Layout, Shape, ShapeError, shape_error};

/// Same shape, same elements at every spoken index, another order in memory.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Relayout {
    /// Shape of both.
    pub shape: Shape,
    /// Order of the input.
    pub from: Layout,
    /// Order of the output.
    pub to: Layout,
}

impl Relayout {
    /// The spec of bringing `shape` from one layout to another.
    ///
    /// # Errors
    /// If a layout does not fit the rank.
    pub fn new(shape: &Shape, from: Layout, to: Layout) -> Result<Self, ShapeError> {
        for layout in [from, to] {
            if !layout.fits(shape.rank()) {
                return Err(shape_error!("shape {shape} cannot lie in layout {layout}"));
            }
        }
        Ok(Self { shape: *shape, from, to })
    }
}

/// Sizes of flattening x (N, C, H, W) to rows (N, C · H · W), each in (c, h, w) order whatever the layout of x.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flatten {
    /// Images.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Height.
    pub h: usize,
    /// Width.
    pub w: usize,
}

impl Flatten {
    /// The spec of flattening `x`.
    ///
    /// # Errors
    /// Unless `x` is (N, C, H, W).
    pub fn new(x: &Shape) -> Result<Self, ShapeError> {
        let [n, c, h, w] =
            x.dims().ok_or_else(|| shape_error!("input must be (N, C, H, W), got shape {x}"))?;
        Ok(Self { n, c, h, w })
    }

    /// Shape of the images.
    pub fn x(&self) -> Shape {
        Shape::from([self.n, self.c, self.h, self.w])
    }

    /// Shape of the rows.
    pub fn y(&self) -> Shape {
        Shape::from([self.n, self.c * self.h * self.w])
    }

    /// Column of channel `c`, row `h`, column `w`.
    pub fn column(&self, c: usize, h: usize, w: usize) -> usize {
        (c * self.h + h) * self.w + w
    }
}

/// Shape of the transpose of the matrix `x`.
///
/// # Errors
/// Unless `x` is a matrix.
pub fn transposed(x: &Shape) -> Result<Shape, ShapeError> {
    let [rows, columns] = x.dims().ok_or_else(|| shape_error!("input must be a matrix, got shape {x}"))?;
    Ok(Shape::from([columns, rows]))
}

/// Whether the elements of `from` fill `to`, in spoken order.
///
/// # Errors
/// If they are more or fewer.
pub fn reshape(from: &Shape, to: &Shape) -> Result<(), ShapeError> {
    if from.len() != to.len() {
        return Err(shape_error!(
            "numbers of elements differ: {} in {from}, {} in {to}",
            from.len(),
            to.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_shapes() {
        let (x, vector) = (Shape::from([2, 3]), Shape::from([4]));
        assert_eq!(
            Relayout::new(&x, Layout::Rows, Layout::Nhwc).unwrap_err().to_string(),
            "shape [2, 3] cannot lie in layout nhwc"
        );
        assert_eq!(Flatten::new(&x).unwrap_err().to_string(), "input must be (N, C, H, W), got shape [2, 3]");
        assert_eq!(transposed(&vector).unwrap_err().to_string(), "input must be a matrix, got shape [4]");
        assert_eq!(
            reshape(&x, &vector).unwrap_err().to_string(),
            "numbers of elements differ: 6 in [2, 3], 4 in [4]"
        );
    }
}
