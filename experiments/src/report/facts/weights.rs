//! Whether first-layer weights look like something: numbers for what the eye sees in their pictures.
use crate::results::Nested;

/// Correlation of horizontally and vertically neighbouring weights of a unit, over all units: 0 for noise, near 1 for
/// smooth shapes. `None` where units are no pictures.
pub fn neighbour_correlation(weights: &Nested) -> Option<f64> {
    let [planes, h, w] = planes(weights)?;
    let values = weights.values();
    // The mean of the layer, not of each plane: taken off nine pixels alone, it would make noise seem opposed.
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64;
    let (mut product, mut square, mut pairs, mut count) = (0.0, 0.0, 0.0, 0.0);
    for plane in values.chunks(h * w).take(planes) {
        let at = |y: usize, x: usize| f64::from(plane[y * w + x]) - mean;
        for y in 0..h {
            for x in 0..w {
                square += at(y, x) * at(y, x);
                count += 1.0;
                for (y2, x2) in [(y + 1, x), (y, x + 1)] {
                    if y2 < h && x2 < w {
                        product += at(y, x) * at(y2, x2);
                        pairs += 1.0;
                    }
                }
            }
        }
    }
    (square > 0.0 && pairs > 0.0).then(|| (product / pairs) / (square / count))
}

/// Planes, height and width: [H, D] is an image of side sqrt(D) or of three channels, [O, I, kh, kw] kernels.
fn planes(weights: &Nested) -> Option<[usize; 3]> {
    match *weights.shape() {
        [units, inputs] => {
            let side = |d: usize| {
                let side = d.isqrt();
                (side * side == d && side > 1).then_some(side)
            };
            let (channels, side) = side(inputs)
                .map(|s| (1, s))
                .or_else(|| inputs.is_multiple_of(3).then(|| side(inputs / 3)).flatten().map(|s| (3, s)))?;
            Some([units * channels, side, side])
        }
        [o, i, h, w] if h * w > 1 => Some([o * i, h, w]),
        _ => None,
    }
}

/// How alike the units are: for each the largest |cosine| with another one, averaged. Near 1: units double each other.
pub fn likeness_of_units(weights: &Nested) -> Option<f64> {
    let units = *weights.shape().first()?;
    let size = weights.values().len().checked_div(units)?;
    if units < 2 || size == 0 {
        return None;
    }
    let rows: Vec<&[f32]> = weights.values().chunks(size).collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let norms: Vec<f64> = rows.iter().map(|r| dot(r, r).sqrt()).collect();
    let cosine = |i: usize, j: usize| match norms[i] * norms[j] {
        0.0 => 0.0,
        n => (dot(rows[i], rows[j]) / n).abs(),
    };
    let nearest = |i: usize| (0..units).filter(|&j| j != i).map(|j| cosine(i, j)).fold(0.0, f64::max);
    Some((0..units).map(nearest).sum::<f64>() / units as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_shapes_are_told_from_noise() {
        let ramp: Vec<f32> = (0..64).map(|i| (i / 8) as f32 + (i % 8) as f32).collect();
        assert!(neighbour_correlation(&Nested::new(&[1, 64], ramp)).unwrap() > 0.7);
        let checks: Vec<f32> = (0..64).map(|i| if (i / 8 + i % 8) % 2 == 0 { 1.0 } else { -1.0 }).collect();
        assert!(neighbour_correlation(&Nested::new(&[1, 64], checks)).unwrap() < -0.9);
        assert_eq!(neighbour_correlation(&Nested::new(&[1, 7], vec![1.0; 7])), None);
        assert_eq!(neighbour_correlation(&Nested::new(&[2, 1, 3, 3], vec![1.0; 18])), None, "constant");
    }

    #[test]
    fn doubled_units_are_found() {
        assert_eq!(likeness_of_units(&Nested::new(&[2, 2], vec![1.0, 0.0, -2.0, 0.0])), Some(1.0));
        assert_eq!(likeness_of_units(&Nested::new(&[2, 2], vec![1.0, 0.0, 0.0, 3.0])), Some(0.0));
        assert_eq!(likeness_of_units(&Nested::new(&[1, 2], vec![1.0, 0.0])), None);
    }
}
