//! Indices of arrays in rows.
use ferrotape_kernels::Shape;

/// The index of element `k`.
pub(super) fn index(shape: Shape, k: usize) -> Vec<usize> {
    (0..shape.rank()).map(|d| k / stride(shape, d) % shape.dim(d)).collect()
}

/// Elements from one to the next along dimension `d`.
pub(super) fn stride(shape: Shape, d: usize) -> usize {
    (d + 1..shape.rank()).map(|d| shape.dim(d)).product()
}

/// Where element `k` comes from if an array of this shape is written with dimensions `a` and `b` exchanged and read as if it were
/// not.
pub(super) fn transposed(shape: Shape, a: usize, b: usize, k: usize) -> usize {
    let mut sizes = shape.to_vec();
    sizes.swap(a, b);
    let mut at = index(Shape::new(&sizes), k);
    at.swap(a, b);
    at.iter().enumerate().map(|(d, i)| i * stride(shape, d)).sum()
}
