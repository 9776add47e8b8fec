//! Data sets to test with.
use anyhow::Result;
use ferrotape_autograd::{Shape, Source};
use ferrotape_data::{Choice, DataSet, resolve, synthetic::Recipe};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::{env, ops::ControlFlow, path::PathBuf, sync::Arc};

/// Images of random bytes with random labels, ten classes.
#[derive(Debug)]
struct Noise {
    shape: [usize; 3],
    bytes: Vec<u8>,
    labels: Vec<u8>,
}

/// `n` images of `shape` (C, H, W), always the same.
pub fn noise(n: usize, shape: [usize; 3]) -> Arc<dyn Source> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let bytes = (0..n * Shape::from(shape).len()).map(|_| rng.random()).collect();
    let labels = (0..n).map(|_| rng.random_range(0..10)).collect();
    Arc::new(Noise { shape, bytes, labels })
}

impl Source for Noise {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn classes(&self) -> usize {
        10
    }

    fn pixels(&self, record: usize) -> &[u8] {
        let size = Shape::from(self.shape).len();
        &self.bytes[record * size..][..size]
    }

    fn label(&self, record: usize) -> u8 {
        self.labels[record]
    }
}

/// CIFAR-10 from the directory that `FERROTAPE_CIFAR10` names, else a small synthetic set.
///
/// # Errors
/// If that directory does not hold it whole, or the synthetic set cannot be written.
pub fn photographs() -> Result<DataSet> {
    let written = tempfile::tempdir()?;
    let (choice, dir) = match env::var_os("FERROTAPE_CIFAR10") {
        Some(dir) => (Choice::Cifar10, PathBuf::from(dir)),
        None => (Choice::Synthetic, written.path().into()),
    };
    let recipe = Recipe { train_per_file: 200, test: 100, ..Recipe::default() };
    // A synthetic set stays readable through its mapping when its directory is removed.
    Ok(resolve(choice, &dir, &recipe, &mut |_| ControlFlow::Continue(()))?)
}
