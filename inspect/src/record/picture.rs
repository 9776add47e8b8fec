//! Pictures of values: a byte a number, few enough of them to be kept for every value of every step.
use crate::model::{Form, Picture};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The most cells of a picture.
const CELLS: usize = 12 * 1024;

/// A picture of `values`, which have this shape, in spoken order.
pub(super) fn of(shape: &[usize], values: &[f32]) -> Picture {
    let cut = match *shape {
        // Activations: the channels of the first image. Weights (O, I, H, W): a row of tiles for each filter.
        [n, c, h, w] if h.max(w) > 1 => {
            let filters = h <= 11 && n * c * h * w <= CELLS;
            let tiles = if filters { n * c } else { c };
            let columns = if filters { c } else { square(c) };
            let what = if filters {
                format!("{n} x {c} tiles of {h}x{w}")
            } else {
                format!("first of {n}: {c} channel{}", if c == 1 { "" } else { "s" })
            };
            let form = if !filters && c == 3 { Form::Colour } else { Form::Tiles };
            Cut { form, what, tiles, columns, height: h, width: w }
        }
        // Weights of a layer that looks at images: a row of tiles for each unit, as the images lie.
        [n, k] if image(k).is_some() => {
            let (c, side) = image(k).expect("asked");
            let what = format!("first of {n} rows, as {c} channels of {side}x{side}");
            Cut { form: Form::Tiles, what, tiles: n * c, columns: c, height: side, width: side }
        }
        [h, w] => Cut {
            form: Form::Tiles,
            what: format!("{h} rows of {w}"),
            tiles: 1,
            columns: 1,
            height: h,
            width: w,
        },
        _ => {
            let len = values.len();
            Cut {
                form: Form::Bars,
                what: format!("{len} numbers"),
                tiles: 1,
                columns: 1,
                height: 1,
                width: len,
            }
        }
    };
    cut.picture(values)
}

/// (channels, side) of the square images that `k` numbers may be: large ones, in 3 channels or one.
fn image(k: usize) -> Option<(usize, usize)> {
    [3, 1].into_iter().find_map(|c| {
        let side = (k / c).isqrt();
        (c * side * side == k && side >= 28).then_some((c, side))
    })
}

/// Columns of a nearly square arrangement of `n`.
fn square(n: usize) -> usize {
    (1..=n).find(|c| c * c >= n).unwrap_or(1)
}

/// What of a value is drawn: its first numbers, as tiles.
struct Cut {
    form: Form,
    what: String,
    tiles: usize,
    columns: usize,
    height: usize,
    width: usize,
}

impl Cut {
    /// The same with no more cells than a picture may have: fewer tiles, then fewer rows, then fewer columns.
    fn within(mut self) -> Self {
        let whole = (self.tiles, self.height, self.width);
        let most = (CELLS / (self.height * self.width).max(1)).max(1);
        if self.tiles > most {
            // Whole rows of tiles, where there is one.
            self.tiles = if most > self.columns { most - most % self.columns } else { most };
            self.columns = self.columns.min(self.tiles);
        }
        if self.tiles == 1 {
            let width = self.width;
            self.height = self.height.min((CELLS / width.max(1)).max(1));
            self.width = width.min(CELLS);
        }
        if (self.tiles, self.height, self.width) != whole {
            self.what += ", the first shown";
        }
        self
    }

    fn picture(self, values: &[f32]) -> Picture {
        let row = self.width;
        let Cut { form, what, tiles, columns, height, width } = self.within();
        // Whole tiles follow one another; of a tile that is cut, rows may be cut too.
        let number = |k: usize| values[k / width * row + k % width];
        let shown: Vec<f32> = (0..tiles * height * width).map(number).collect();
        let finite = || shown.iter().copied().filter(|v| v.is_finite());
        let (low, high) = (finite().fold(0.0, f32::min), finite().fold(0.0, f32::max));
        // Zero in the middle where there are both signs.
        let most = high.max(-low);
        let (low, high) = if low < 0.0 && high > 0.0 { (-most, most) } else { (low, high) };
        let span = if f64::from(high) > f64::from(low) { f64::from(high) - f64::from(low) } else { 1.0 };
        let byte = |v: f32| match v.is_finite() {
            true => 1 + ((f64::from(v) - f64::from(low)) / span * 254.0).round() as u8,
            false => 0,
        };
        let cells: Vec<u8> = shown.into_iter().map(byte).collect();
        Picture { form, what, tiles, columns, height, width, low, high, cells: STANDARD.encode(cells) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(p: &Picture) -> Vec<u8> {
        STANDARD.decode(&p.cells).unwrap()
    }

    #[test]
    fn zero_is_in_the_middle_of_both_signs() {
        let p = of(&[4], &[-1.0, 0.0, 2.0, f32::NAN]);
        assert_eq!((p.form, p.low, p.high), (Form::Bars, -2.0, 2.0));
        assert_eq!(cells(&p), [65, 128, 255, 0]);
    }

    #[test]
    fn pictures_are_small_and_of_their_size() {
        let shapes: [&[usize]; 9] = [
            &[50, 3, 32, 32],
            &[16, 3, 3, 3],
            &[5000, 16, 30, 30],
            &[32, 3072],
            &[50, 10],
            &[100_000],
            &[3, 50_000],
            &[1, 1, 1, 1],
            &[8, 64, 400, 400],
        ];
        for shape in shapes {
            let len = shape.iter().product::<usize>();
            let p = of(shape, &vec![1.0; len]);
            assert!(cells(&p).len() <= CELLS.max(p.width * p.height) && !p.cells.is_empty(), "{shape:?}");
            assert_eq!(cells(&p).len(), p.tiles * p.height * p.width, "{shape:?}");
            assert!(p.columns > 0 && cells(&p).iter().all(|&b| b == 255));
        }
    }

    #[test]
    fn rows_that_are_cut_start_where_they_start() {
        let values: Vec<f32> = (0..30_003).map(|k| (k / 10_001) as f32).collect();
        let p = of(&[3, 10_001], &values);
        assert_eq!((p.height, p.width), (1, 10_001));
        assert!(p.what.ends_with("the first shown"));
    }
}
