//! XOR blobs: four Gaussian clouds, the label alternating around the origin.
use crate::rng::{Stream, keyed, shuffle};
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

/// Centres of the clouds; the label of a point is its centre's index mod 2.
pub const CENTRES: [[f32; 2]; 4] = [[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]];

/// Standard deviation of a cloud along either axis.
pub const STD: f32 = 0.4;

/// Points in the plane with a label each.
#[derive(Clone, Debug, PartialEq)]
pub struct Blobs {
    /// The points, (x, y) each; `points.as_flattened()` is a row-major (N, 2) matrix.
    pub points: Vec<[f32; 2]>,
    /// The labels, 0 or 1, in the order of the points.
    pub labels: Vec<f32>,
}

/// Draws `train` and `validation` points (1,000 and 100 in the experiment), equally many around each centre,
/// shuffled.
///
/// Where a number does not divide by 4, the first centres get one point more.
pub fn xor(train: usize, validation: usize, seed: u64) -> (Blobs, Blobs) {
    let draw = |index, n| Blobs::draw(&mut keyed(seed, Stream::Blobs, index), n);
    (draw(0, train), draw(1, validation))
}

impl Blobs {
    fn draw(rng: &mut ChaCha8Rng, n: usize) -> Self {
        let noise = Normal::new(0.0, STD).expect("the standard deviation is positive");
        let mut labelled: Vec<([f32; 2], f32)> = (0..n)
            .map(|at| {
                let centre = at % CENTRES.len();
                let point = CENTRES[centre].map(|c| c + noise.sample(rng));
                (point, (centre % 2) as f32)
            })
            .collect();
        shuffle(rng, &mut labelled);
        let (points, labels) = labelled.into_iter().unzip();
        Self { points, labels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_equal_and_shuffled() {
        let (train, validation) = xor(1000, 100, 1);
        for (blobs, n) in [(&train, 1000), (&validation, 100)] {
            assert_eq!((blobs.points.len(), blobs.labels.len()), (n, n));
            assert_eq!(blobs.labels.iter().sum::<f32>(), n as f32 / 2.0);
        }
        assert_ne!(train.labels[..8], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn opposite_quadrants_share_a_label() {
        let (train, _) = xor(1000, 0, 1);
        let agree = |([x, y], label): (&[f32; 2], &f32)| (x * y < 0.0) == (*label == 1.0);
        let right = train.points.iter().zip(&train.labels).filter(|&pair| agree(pair)).count();
        // An axis is 2.5 standard deviations away from each centre: 98.8 % stay in their quadrant.
        assert!((970..1000).contains(&right), "{right}");
    }

    #[test]
    fn moments_are_those_asked_for() {
        let (many, _) = xor(40_000, 0, 3);
        let x: Vec<f64> = many.points.iter().map(|[x, _]| f64::from(x.abs())).collect();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / x.len() as f64;
        // Folding at the axis moves both a little: |x| has mean 1.0016 and standard deviation 0.396.
        assert!((mean - 1.0016).abs() < 0.01, "{mean}");
        assert!((variance.sqrt() - 0.396).abs() < 0.01, "{}", variance.sqrt());
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(xor(20, 5, 1), xor(20, 5, 1));
        assert_ne!(xor(20, 5, 1), xor(20, 5, 2));
        assert_eq!(xor(20, 5, 1).1, xor(60, 5, 1).1);
    }
}
