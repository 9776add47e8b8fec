//! The definition of dropout.
use super::{Draw, Dropout};
use crate::{Layout, MAX_RANK, Scalar, Shape, indices};

/// `y[e] = x[e] / (1 - p)` where the mask keeps element `e` (counted in spoken order), else 0.
/// Linear in `x`, so its gradient is itself: `dx = forward(dy)` with the same draw.
pub fn forward<S: Scalar>(s: &Dropout, draw: Draw, (shape, layout): (&Shape, Layout), x: &[S], y: &mut [S]) {
    assert_eq!((x.len(), y.len()), (shape.len(), shape.len()));
    let (scale, threshold) = (S::from_f64(s.scale()), s.threshold());
    let strides = layout.strides(shape);
    let sizes: [usize; MAX_RANK] = std::array::from_fn(|d| if d < shape.rank() { shape.dim(d) } else { 1 });
    for (element, at) in indices(sizes).enumerate() {
        let place = (0..MAX_RANK).map(|d| at[d] * strides[d]).sum::<usize>();
        let word = s.words(draw, (element / 4) as u32)[element % 4];
        y[place] = if word >= threshold { x[place] * scale } else { S::ZERO };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAW: Draw = Draw { seed: 7, step: 3 };

    fn run(p: f64, stream: u32, draw: Draw, x: &[f64]) -> Vec<f64> {
        let mut y = vec![f64::NAN; x.len()];
        let shape = Shape::from([x.len()]);
        forward(&Dropout::new(p, stream).unwrap(), draw, (&shape, Layout::Rows), x, &mut y);
        y
    }

    #[test]
    fn a_share_of_p_is_zeroed() {
        let y = run(0.25, 0, DRAW, &[3.0; 10_000]);
        assert!(y.iter().all(|&v| v == 0.0 || v == 4.0));
        let zeros = y.iter().filter(|&&v| v == 0.0).count();
        assert!(zeros.abs_diff(2500) < 217, "{zeros}: more than 5 standard deviations from 2500");
    }

    #[test]
    fn p_zero_is_the_identity() {
        assert_eq!(run(0.0, 0, DRAW, &[1.5, -2.5, 0.0]), [1.5, -2.5, 0.0]);
    }

    /// Seed, stream and step (its high word too) each change the mask; the same draw repeats it.
    #[test]
    fn masks_differ() {
        let mask = |stream, seed, step| run(0.5, stream, Draw { seed, step }, &[1.0; 64]);
        let first = mask(0, 7, 3);
        assert_eq!(first, mask(0, 7, 3));
        for other in [mask(1, 7, 3), mask(0, 8, 3), mask(0, 7 << 32, 3), mask(0, 7, 4), mask(0, 7, 3 << 32)] {
            assert_ne!(first, other);
        }
    }

    /// An element is dropped or not whatever order it lies in.
    #[test]
    fn layouts_share_a_mask() {
        let (s, shape) = (Dropout::new(0.5, 2).unwrap(), Shape::from([2, 3, 4, 5]));
        let (mut rows, mut nhwc) = ([0.0; 120], [0.0; 120]);
        forward(&s, DRAW, (&shape, Layout::Rows), &[1.0; 120], &mut rows);
        forward(&s, DRAW, (&shape, Layout::Nhwc), &[1.0; 120], &mut nhwc);
        let (a, b) = (
            crate::View::<_, 4>::new(&rows, &shape, Layout::Rows),
            crate::View::<_, 4>::new(&nhwc, &shape, Layout::Nhwc),
        );
        assert!(indices([2, 3, 4, 5]).all(|at| a[at] == b[at]));
        assert_ne!(rows, nhwc);
    }

    #[test]
    fn p_outside_its_range() {
        for p in [1.0, -0.1, f64::NAN] {
            let text = Dropout::new(p, 0).unwrap_err().to_string();
            assert_eq!(text, format!("p must be at least 0 and below 1, got {p}"));
        }
    }
}
