//! Eight small kernels that answer to edges, lines and blobs: derivatives of a Gaussian.
use crate::npy::Array;
use std::f64::consts::PI;

/// Weights a side.
const SIDE: usize = 4;
/// Standard deviation of the Gaussian, in pixels.
const WIDTH: f64 = 1.0;
/// Names of the kernels, in order.
pub const NAMES: [&str; 8] =
    ["edge 0°", "edge 45°", "edge 90°", "edge 135°", "line 0°", "line 90°", "blob", "mean"];

/// The kernels (8, 1, 4, 4).
///
/// Sums of magnitudes are 1, so that outputs stay within the range of the input; all but the last sum to 0.
pub fn kernels() -> Array {
    // With u across and v down: first derivatives in four directions, two second ones, their sum, the Gaussian.
    let edge = |degrees: f64| {
        let (sin, cos) = (degrees * PI / 180.0).sin_cos();
        move |u: f64, v: f64| u * cos + v * sin
    };
    let shapes: [Box<dyn Fn(f64, f64) -> f64>; 8] = [
        Box::new(edge(0.0)),
        Box::new(edge(45.0)),
        Box::new(edge(90.0)),
        Box::new(edge(135.0)),
        Box::new(|u, _| 1.0 - u * u),
        Box::new(|_, v| 1.0 - v * v),
        Box::new(|u, v| 2.0 - u * u - v * v),
        Box::new(|_, _| 1.0),
    ];
    let values = shapes.iter().zip(NAMES).flat_map(|(shape, name)| kernel(shape, name != "mean")).collect();
    Array { shape: vec![NAMES.len(), 1, SIDE, SIDE], values }
}

/// `shape` times the Gaussian, shifted to sum to 0 where that is wanted, magnitudes summing to 1.
fn kernel(shape: &dyn Fn(f64, f64) -> f64, balanced: bool) -> Vec<f64> {
    let from_centre = |i: usize| i as f64 - (SIDE - 1) as f64 / 2.0;
    let gaussian = |u: f64, v: f64| (-(u * u + v * v) / (2.0 * WIDTH * WIDTH)).exp();
    let mut values: Vec<f64> = (0..SIDE * SIDE)
        .map(|at| (from_centre(at % SIDE), from_centre(at / SIDE)))
        .map(|(u, v)| shape(u, v) * gaussian(u, v))
        .collect();
    if balanced {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter_mut().for_each(|v| *v -= mean);
    }
    let magnitude: f64 = values.iter().map(|v| v.abs()).sum();
    values.iter_mut().for_each(|v| *v /= magnitude);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_as_promised() {
        let kernels = kernels();
        assert_eq!(kernels.shape, [8, 1, 4, 4]);
        for (kernel, name) in kernels.values.chunks(16).zip(NAMES) {
            let (sum, magnitude): (f64, f64) = (kernel.iter().sum(), kernel.iter().map(|v| v.abs()).sum());
            assert!((sum - if name == "mean" { 1.0 } else { 0.0 }).abs() < 1e-15, "{name}: {sum}");
            assert!((magnitude - 1.0).abs() < 1e-15, "{name}: {magnitude}");
        }
        // Brighter to the right is positive in the first, brighter below in the third.
        let at = |kernel: usize, row: usize, column: usize| kernels.values[16 * kernel + 4 * row + column];
        assert!(at(0, 1, 3) > 0.0 && at(0, 1, 0) < 0.0 && at(2, 3, 1) > 0.0 && at(2, 0, 1) < 0.0);
    }
}
