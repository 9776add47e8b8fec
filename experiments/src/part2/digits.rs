//! Drawings of a digit: pen strokes, slanted, turned, stretched and shaken a little, each time otherwise.
use crate::npy::Array;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// Drawings a call makes.
pub const DRAWINGS: usize = 5;
/// Pixels a side.
const SIDE: usize = 28;
/// Pixels that the unit square of [`STROKES`] takes.
const BOX: f64 = 19.0;

type Point = [f64; 2];

/// The strokes of each digit: points that the pen passes near, in the unit square, y downwards.
const STROKES: [&[&[Point]]; 10] = [
    &[&[
        [0.5, 0.08],
        [0.25, 0.15],
        [0.2, 0.5],
        [0.25, 0.85],
        [0.5, 0.92],
        [0.75, 0.85],
        [0.8, 0.5],
        [0.75, 0.15],
        [0.5, 0.08],
    ]],
    &[&[[0.38, 0.25], [0.55, 0.08], [0.55, 0.92]]],
    &[
        &[[0.22, 0.3], [0.3, 0.1], [0.65, 0.05], [0.8, 0.3], [0.65, 0.55], [0.2, 0.9]],
        &[[0.2, 0.9], [0.82, 0.88]],
    ],
    &[
        &[[0.25, 0.15], [0.6, 0.05], [0.8, 0.25], [0.65, 0.45], [0.42, 0.47]],
        &[[0.42, 0.47], [0.75, 0.5], [0.85, 0.75], [0.6, 0.95], [0.2, 0.85]],
    ],
    &[&[[0.55, 0.08], [0.2, 0.6]], &[[0.2, 0.6], [0.85, 0.58]], &[[0.66, 0.35], [0.64, 0.92]]],
    &[
        &[[0.78, 0.1], [0.3, 0.1]],
        &[[0.3, 0.1], [0.26, 0.45]],
        &[[0.26, 0.45], [0.65, 0.35], [0.85, 0.62], [0.7, 0.9], [0.45, 0.95], [0.2, 0.85]],
    ],
    &[&[
        [0.68, 0.06],
        [0.4, 0.2],
        [0.22, 0.6],
        [0.28, 0.88],
        [0.55, 0.96],
        [0.8, 0.8],
        [0.72, 0.52],
        [0.48, 0.48],
        [0.26, 0.66],
    ]],
    &[&[[0.2, 0.12], [0.8, 0.1]], &[[0.8, 0.1], [0.55, 0.45], [0.42, 0.92]]],
    &[&[
        [0.5, 0.47],
        [0.25, 0.35],
        [0.28, 0.1],
        [0.5, 0.05],
        [0.74, 0.1],
        [0.75, 0.35],
        [0.5, 0.47],
        [0.22, 0.62],
        [0.22, 0.9],
        [0.5, 0.95],
        [0.8, 0.9],
        [0.78, 0.62],
        [0.5, 0.47],
    ]],
    &[&[
        [0.74, 0.34],
        [0.52, 0.52],
        [0.26, 0.45],
        [0.22, 0.16],
        [0.48, 0.04],
        [0.72, 0.14],
        [0.75, 0.4],
        [0.68, 0.65],
        [0.58, 0.94],
    ]],
];

/// [`DRAWINGS`] gray images (5, 1, 28, 28) of `digit`, whole numbers from 0 to 255.
///
/// # Panics
/// If it is no digit.
pub fn draw(digit: u8, seed: u64) -> Array {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from(digit));
    let strokes = STROKES[usize::from(digit)];
    let values = (0..DRAWINGS).flat_map(|_| Hand::draw_from(&mut rng).draw(strokes, &mut rng)).collect();
    Array { shape: vec![DRAWINGS, 1, SIDE, SIDE], values }
}

/// How one drawing is written.
struct Hand {
    /// The linear map from the unit square, its centre at the origin, to pixels.
    map: [[f64; 2]; 2],
    /// Where the centre goes.
    centre: Point,
    /// Half the width of the pen, in pixels.
    pen: f64,
}

impl Hand {
    fn draw_from(rng: &mut ChaCha8Rng) -> Self {
        let mut near = |middle: f64, spread: f64| middle + rng.random_range(-spread..=spread);
        let (turn, slant) = (near(0.0, 0.15), near(0.15, 0.25));
        let (width, height) = (BOX * near(0.9, 0.15), BOX * near(1.0, 0.08));
        let (sin, cos) = turn.sin_cos();
        // Stretch, slant to the right, turn.
        let map = [[cos * width, -(cos * slant + sin) * height], [sin * width, (cos - sin * slant) * height]];
        let middle = SIDE as f64 / 2.0;
        Self { map, centre: [near(middle, 1.0), near(middle, 1.0)], pen: near(1.25, 0.5) }
    }

    /// The image: white where the pen was, with a soft edge of one pixel.
    fn draw(&self, strokes: &[&[Point]], rng: &mut ChaCha8Rng) -> Vec<f64> {
        let lines: Vec<Vec<Point>> = strokes
            .iter()
            .map(|stroke| {
                let shaken: Vec<Point> =
                    stroke.iter().map(|p| p.map(|x| x + rng.random_range(-0.03..=0.03))).collect();
                rounded(&shaken).into_iter().map(|p| self.place(p)).collect()
            })
            .collect();
        let value = |at: usize| {
            let pixel = [(at % SIDE) as f64 + 0.5, (at / SIDE) as f64 + 0.5];
            let segments = lines.iter().flat_map(|line| line.windows(2));
            let near = segments.map(|ends| distance(pixel, ends[0], ends[1])).fold(f64::INFINITY, f64::min);
            (255.0 * (self.pen + 0.5 - near).clamp(0.0, 1.0)).round()
        };
        (0..SIDE * SIDE).map(value).collect()
    }

    fn place(&self, [x, y]: Point) -> Point {
        let (x, y) = (x - 0.5, y - 0.5);
        [0, 1].map(|i| self.centre[i] + self.map[i][0] * x + self.map[i][1] * y)
    }
}

/// The line with its corners cut, three times over (Chaikin's curve); its ends stay.
fn rounded(line: &[Point]) -> Vec<Point> {
    let mut line = line.to_vec();
    for _ in 0..3 {
        let between = |p: Point, q: Point, share: f64| [0, 1].map(|i| p[i] + share * (q[i] - p[i]));
        let cut = line.windows(2).flat_map(|ends| [0.25, 0.75].map(|share| between(ends[0], ends[1], share)));
        line = line.first().into_iter().copied().chain(cut).chain(line.last().copied()).collect();
    }
    line
}

/// From a point to the segment from `a` to `b`.
fn distance(point: Point, a: Point, b: Point) -> f64 {
    let (along, to) = ([b[0] - a[0], b[1] - a[1]], [point[0] - a[0], point[1] - a[1]]);
    let square = along[0] * along[0] + along[1] * along[1];
    let share =
        if square > 0.0 { ((to[0] * along[0] + to[1] * along[1]) / square).clamp(0.0, 1.0) } else { 0.0 };
    (to[0] - share * along[0]).hypot(to[1] - share * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_differ_and_stay_inside() {
        for digit in 0..10 {
            let drawn = draw(digit, 1);
            assert_eq!(drawn.shape, [DRAWINGS, 1, SIDE, SIDE]);
            let images: Vec<&[f64]> = drawn.values.chunks(SIDE * SIDE).collect();
            for (k, image) in images.iter().enumerate() {
                assert!(image.iter().all(|v| (0.0..=255.0).contains(v) && v.fract() == 0.0));
                let ink = image.iter().sum::<f64>() / 255.0;
                assert!((25.0..220.0).contains(&ink), "digit {digit}: {ink} white pixels");
                let edge = |at: &usize| [at % SIDE, at / SIDE].iter().any(|&i| i == 0 || i == SIDE - 1);
                assert!((0..image.len()).filter(edge).all(|at| image[at] == 0.0), "digit {digit} is cut off");
                assert!(images[..k].iter().all(|other| other != image));
            }
        }
        assert_eq!(draw(7, 3), draw(7, 3));
        assert_ne!(draw(7, 3), draw(7, 4));
    }
}
