//! Part 2's picture: feature maps in rows and columns.

use super::{Picture, refuse};
use crate::output::Result;

/// Pixels between maps and around them.
const GAP: usize = 2;

/// Which values become black and white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// These; what lies beyond is clipped.
    Clip(f64, f64),
    /// The least and the greatest of all values; equal ones are mid-gray.
    Own,
}

/// Draws `[rows, columns]` gray maps of `[h, w]` values, one pixel a value, with black borders and gaps of
/// two pixels: (h + 2) rows + 2 high, (w + 2) columns + 2 wide.
///
/// `values` are the maps one after the other, row by row, each row-major.
///
/// # Errors
/// Where there are not as many values, or one is not finite.
pub fn grid(
    values: &[f64],
    [rows, columns]: [usize; 2],
    [h, w]: [usize; 2],
    range: Range,
) -> Result<Picture> {
    let expected = rows * columns * h * w;
    if values.len() != expected || expected == 0 {
        let reason = format!("{rows}x{columns} maps of {h}x{w} are {expected} values, got {}", values.len());
        return Err(refuse("grid of maps", reason));
    }
    if let Some(i) = values.iter().position(|v| !v.is_finite()) {
        return Err(refuse("grid of maps", format!("value {i} is {}, expected a finite number", values[i])));
    }
    let (low, high) = range.ends(values);
    let mut picture = Picture::plain(columns * (w + GAP) + GAP, rows * (h + GAP) + GAP, [0; 3]);
    for (i, map) in values.chunks_exact(h * w).enumerate() {
        let pixels = map.iter().map(|&v| [shade(v, low, high); 3]).collect();
        let map = Picture { width: w, height: h, pixels };
        picture.paste(&map, i % columns * (w + GAP) + GAP, i / columns * (h + GAP) + GAP);
    }
    Ok(picture)
}

impl Range {
    fn ends(self, values: &[f64]) -> (f64, f64) {
        match self {
            Self::Clip(low, high) => (low, high),
            Self::Own => values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v))),
        }
    }
}

fn shade(value: f64, low: f64, high: f64) -> u8 {
    if low >= high {
        return 128;
    }
    (((value - low) / (high - low)).clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_2_has_its_size() {
        let picture =
            grid(&[1.0; 5 * 8 * 25 * 25], [5, 8], [25, 25], Range::Clip(0.0, 1.0)).expect("picture");
        assert_eq!((picture.height, picture.width), (137, 218));
        let black = picture.pixels.iter().filter(|p| **p == [0; 3]).count();
        assert_eq!(black, 137 * 218 - 5 * 8 * 25 * 25);
    }

    #[test]
    fn maps_stand_in_their_places() {
        let values = [-1.0, 0.5, 2.0, 0.2, 0.4, 0.6];
        let clipped = grid(&values, [1, 2], [1, 3], Range::Clip(0.0, 1.0)).expect("picture");
        let middle: Vec<u8> = clipped.pixels[2 * 12..3 * 12].iter().map(|p| p[0]).collect();
        assert_eq!(middle, [0, 0, 0, 128, 255, 0, 0, 51, 102, 153, 0, 0]);
        let own = grid(&values, [1, 2], [1, 3], Range::Own).expect("picture");
        assert_eq!((own.pixels[2 * 12 + 2][0], own.pixels[2 * 12 + 4][0]), (0, 255));
        assert_eq!(grid(&[3.0], [1, 1], [1, 1], Range::Own).expect("picture").pixels[12], [128; 3]);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        let error = |values: &[f64]| {
            grid(values, [1, 2], [1, 1], Range::Own).expect_err("must be refused").to_string()
        };
        assert!(error(&[0.0]).contains("1x2 maps of 1x1 are 2 values, got 1"));
        assert!(error(&[0.0, f64::NAN]).contains("value 1 is NaN"));
        assert!(grid(&[], [0, 0], [1, 1], Range::Own).is_err());
    }
}
