//! How alike pictures are: those of one kernel, and those of one sample.
use crate::npy::Array;

/// Mean correlation coefficients between output pictures, over pairs in which neither is of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// Pairs of the same kernel and different samples: within a column. `None` where there is no such pair.
    pub same_kernel: Option<f64>,
    /// Pairs of the same sample and different kernels: within a row.
    pub same_sample: Option<f64>,
}

/// Compares the pictures of `out` (N, O, H, W), each value passed through `shown` first.
pub fn compare(out: &Array, shown: impl Fn(f64) -> f64) -> Likeness {
    let [samples, kernels, h, w] = out.shape[..] else {
        panic!("expected (N, O, H, W), got {:?}", out.shape)
    };
    let pictures: Vec<Vec<f64>> = out
        .values
        .chunks(h * w)
        .map(|picture| standardised(picture.iter().map(|&v| shown(v)).collect()))
        .collect();
    let picture = |n: usize, o: usize| &pictures[n * kernels + o][..];
    let column = |o| mean_product((0..samples).map(|n| picture(n, o)));
    let row = |n| mean_product((0..kernels).map(|o| picture(n, o)));
    Likeness {
        same_kernel: weighted_mean((0..kernels).map(column)),
        same_sample: weighted_mean((0..samples).map(row)),
    }
}

/// The values less their mean, divided by their norm: the product of two such is the correlation coefficient. Zeros
/// for a picture of one colour.
fn standardised(mut values: Vec<f64>) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|v| *v -= mean);
    let norm = values.iter().map(|v| v * v).sum::<f64>().sqrt();
    // A constant is off its mean by rounding only.
    let constant = norm <= 1e-12 * mean.abs() * (values.len() as f64).sqrt();
    values.iter_mut().for_each(|v| *v = if constant { 0.0 } else { *v / norm });
    values
}

/// Sum and number of the products of all pairs of unit vectors, zeros left out: from `|Σ z|² = Σ |z|² + 2 Σ_{pairs}`,
/// so that a thousand pictures do not take a million products.
fn mean_product<'a>(vectors: impl Iterator<Item = &'a [f64]>) -> (f64, f64) {
    let (mut sum, mut count) = (Vec::new(), 0.0);
    for z in vectors.filter(|z| z.iter().any(|&v| v != 0.0)) {
        sum.resize(z.len(), 0.0);
        sum.iter_mut().zip(z).for_each(|(s, v)| *s += v);
        count += 1.0;
    }
    let square: f64 = sum.iter().map(|s| s * s).sum();
    ((square - count) / 2.0, count * (count - 1.0) / 2.0)
}

fn weighted_mean(groups: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, pairs) = groups.fold((0.0, 0.0), |(s, p), (sum, pairs)| (s + sum, p + pairs));
    (pairs > 0.0).then(|| sum / pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_alike_rows_opposed() {
        // Two samples, two kernels: the second kernel gives the negative of the first.
        let values = vec![1., 2., 4., -1., -2., -4., 2., 4., 8., -2., -4., -8.];
        let out = Array { shape: vec![2, 2, 1, 3], values };
        let Likeness { same_kernel, same_sample } = compare(&out, |v| v);
        assert!((same_kernel.unwrap() - 1.0).abs() < 1e-12);
        assert!((same_sample.unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_shortcut_is_the_mean_over_pairs() {
        let values: Vec<f64> = (0..4 * 3 * 6).map(|i| (i as f64 * 1.7).sin()).collect();
        let out = Array { shape: vec![4, 3, 2, 3], values };
        let z: Vec<Vec<f64>> = out.values.chunks(6).map(|p| standardised(p.to_vec())).collect();
        let (mut sum, mut pairs) = (0.0, 0.0);
        for o in 0..3 {
            for a in 0..4 {
                for b in 0..a {
                    sum += (0..6).map(|i| z[a * 3 + o][i] * z[b * 3 + o][i]).sum::<f64>();
                    pairs += 1.0;
                }
            }
        }
        assert!((compare(&out, |v| v).same_kernel.unwrap() - sum / pairs).abs() < 1e-12);
    }

    #[test]
    fn pictures_of_one_colour_say_nothing() {
        let out = Array { shape: vec![2, 1, 1, 2], values: vec![0.1, 0.1, 1.0, 2.0] };
        assert_eq!(compare(&out, |v| v), Likeness { same_kernel: None, same_sample: None });
    }
}
