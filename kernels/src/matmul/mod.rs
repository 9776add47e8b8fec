//! Matrix products, either operand transposed or not.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
mod pack;
mod packed;
pub mod reference;

use crate::{Shape, ShapeError, shape_error};

/// Sizes of C (m, n) = op(A) op(B), with op(A) (m, k) and op(B) (k, n); op transposes where its flag says so.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Matmul {
    /// Rows of op(A).
    pub m: usize,
    /// Columns of op(A), rows of op(B).
    pub k: usize,
    /// Columns of op(B).
    pub n: usize,
    /// A is (k, m), used transposed.
    pub ta: bool,
    /// B is (n, k), used transposed.
    pub tb: bool,
}

impl Matmul {
    /// The spec of `op(a) op(b)`.
    ///
    /// # Errors
    /// Where ranks or inner sizes do not fit.
    pub fn new(a: &Shape, b: &Shape, ta: bool, tb: bool) -> Result<Self, ShapeError> {
        let [m, k] = operand("left", a, ta)?;
        let [inner, n] = operand("right", b, tb)?;
        if k != inner {
            let mark = |t| if t { "ᵀ" } else { "" };
            let (ta, tb) = (mark(ta), mark(tb));
            return Err(shape_error!("inner sizes {k} and {inner} differ in {a}{ta} x {b}{tb}"));
        }
        Ok(Self { m, k, n, ta, tb })
    }

    /// Shape of the product.
    pub fn y(&self) -> Shape {
        Shape::from([self.m, self.n])
    }

    /// Floating-point operations: 2 a multiply-add.
    pub fn flops(&self) -> u64 {
        2 * (self.m * self.k * self.n) as u64
    }
}

/// Sizes of `x`, swapped if it is transposed.
fn operand(side: &str, x: &Shape, transposed: bool) -> Result<[usize; 2], ShapeError> {
    let [rows, columns] =
        x.dims().ok_or_else(|| shape_error!("{side} operand must be a matrix, got shape {x}"))?;
    Ok(if transposed { [columns, rows] } else { [rows, columns] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_all_forms() {
        let (a, at) = (Shape::from([2, 3]), Shape::from([3, 2]));
        let (b, bt) = (Shape::from([3, 5]), Shape::from([5, 3]));
        for (a, b, ta, tb) in
            [(a, b, false, false), (at, b, true, false), (a, bt, false, true), (at, bt, true, true)]
        {
            let s = Matmul::new(&a, &b, ta, tb).unwrap();
            assert_eq!(([s.m, s.k, s.n], s.flops()), ([2, 3, 5], 60));
        }
    }

    #[test]
    fn wrong_shapes() {
        let (a, b) = (Shape::from([2, 3]), Shape::from([3, 5]));
        assert_eq!(
            Matmul::new(&a, &b, true, false).unwrap_err().to_string(),
            "inner sizes 2 and 3 differ in [2, 3]ᵀ x [3, 5]"
        );
        assert_eq!(
            Matmul::new(&a, &Shape::from([3]), false, false).unwrap_err().to_string(),
            "right operand must be a matrix, got shape [3]"
        );
    }
}
