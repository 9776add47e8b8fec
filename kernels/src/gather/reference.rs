//! The definition of gather.
use super::{Gather, Input, LUMA};
use crate::{Scalar, ViewMut, indices};

/// Row `n` of a batch from one record's planes (C, H, W):
/// `y[n,c,i,j] = value(c, planes[c,i,j])`; for `gray`, `y[n,0,i,j] = Σ_c LUMA[c] · value(c, planes[c,i,j])`.
/// Computed in f64 and rounded once.
pub fn record<S: Scalar>(s: &Gather, planes: &[u8], n: usize, y: &mut ViewMut<S, 4>) {
    assert_eq!(planes.len(), s.record(), "a record of {}x{}x{} bytes", s.c, s.h, s.w);
    let value = |c, i, j| s.value(c, planes[(c * s.h + i) * s.w + j]);
    for [c, i, j] in indices([s.channels(), s.h, s.w]) {
        let v = match s.input {
            Input::Gray => (0..s.c).map(|c| LUMA[c] * value(c, i, j)).sum(),
            _ => value(c, i, j),
        };
        y[[n, c, i, j]] = S::from_f64(v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout::{Nhwc, Rows};

    fn run(input: Input, [c, h, w]: [usize; 3], planes: &[u8]) -> Vec<f64> {
        let s = Gather::new(input, [c, h, w], 1).unwrap();
        let mut y = vec![f64::NAN; s.y().len()];
        record(&s, planes, 0, &mut ViewMut::new(&mut y, &s.y(), Rows));
        y
    }

    fn close(a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14)
    }

    /// The formulas as they are written in the experiments' description.
    #[test]
    fn every_input_on_one_pixel() {
        let pixel = [51, 102, 255];
        let rgb = [(0.2 - 0.4914) / 0.247, (0.4 - 0.4822) / 0.243, (1.0 - 0.4465) / 0.261];
        let gray = 0.2989 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
        assert!(close(&run(Input::Rgb, [3, 1, 1], &pixel), &rgb));
        assert!(close(&run(Input::Gray, [3, 1, 1], &pixel), &[gray]));
        assert!(close(&run(Input::Rgb01, [3, 1, 1], &pixel), &[0.2, 0.4, 1.0]));
        assert!(close(&run(Input::Signed, [3, 1, 1], &pixel), &[-0.6, -0.2, 1.0]));
        assert_eq!(run(Input::Raw255, [3, 1, 1], &pixel), [51.0, 102.0, 255.0]);
    }

    #[test]
    fn one_channel() {
        assert_eq!(run(Input::Raw255, [1, 2, 3], &[1, 2, 3, 4, 5, 6]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(run(Input::Signed, [1, 1, 2], &[0, 255]), [-1.0, 1.0]);
        let text = Gather::new(Input::Gray, [1, 28, 28], 50).unwrap_err().to_string();
        assert_eq!(
            text,
            "input gray needs images of 3 channels, the data set has 1: use rgb01, raw255 or signed"
        );
    }

    /// The channels of a pixel come together in memory; other rows of the batch are left alone.
    #[test]
    fn transposed_into_one_row() {
        let s = Gather::new(Input::Raw255, [3, 1, 2], 2).unwrap();
        let mut y = vec![-1.0; 12];
        record(&s, &[1, 2, 3, 4, 5, 6], 1, &mut ViewMut::new(&mut y, &s.y(), Nhwc));
        assert_eq!(y[..6], [-1.0; 6]);
        assert_eq!(y[6..], [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
    }
}
