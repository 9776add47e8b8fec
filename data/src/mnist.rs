//! MNIST and Fashion-MNIST: the same four IDX files with other images.
use crate::idx::Images;
use crate::synthetic::MANIFEST;
use crate::{CLASSES, Error};
use ferrotape_autograd::Source;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Channels, height and width of every image.
pub const SHAPE: [usize; 3] = [1, 28, 28];

/// The classes of Fashion-MNIST, in label order.
pub const FASHION_CLASS_NAMES: [&str; CLASSES] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// The classes of MNIST, in label order.
pub const DIGIT_CLASS_NAMES: [&str; CLASSES] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// The training images and their labels.
pub const TRAIN_FILES: [&str; 2] = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"];

/// The test images and their labels.
pub const TEST_FILES: [&str; 2] = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// Training images of each digit in MNIST; Fashion-MNIST has 6,000 of each class.
const DIGIT_COUNTS: [usize; CLASSES] = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];

/// An opened and checked data set of four IDX files with images of 28x28.
#[derive(Clone, Debug)]
pub struct Mnist {
    train: Arc<Images>,
    test: Arc<Images>,
}

impl Mnist {
    /// Opens and checks the four files in `dir` itself, each plain or else with `.gz` at its name's end.
    ///
    /// # Errors
    /// If one is missing or does not hold what it should.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, Error> {
        let dir = dir.as_ref();
        let open = |names: [&str; 2]| {
            let [images, labels] = names.map(|name| existing(dir, name).unwrap_or_else(|| dir.join(name)));
            let images = Images::open(images, labels)?;
            match images.shape() {
                SHAPE => Ok(Arc::new(images)),
                found => Err(Error::Dimensions { path: images.path().to_owned(), expected: SHAPE, found }),
            }
        };
        Ok(Self { train: open(TRAIN_FILES)?, test: open(TEST_FILES)? })
    }

    /// The training images.
    pub fn train(&self) -> Arc<Images> {
        Arc::clone(&self.train)
    }

    /// The test images.
    pub fn test(&self) -> Arc<Images> {
        Arc::clone(&self.test)
    }

    /// Whether these are MNIST's digits, by the number of training images of each class.
    ///
    /// The files of both sets have the same names and sizes; the counts differ, in whatever order the images are.
    pub(crate) fn counts_are_those_of_digits(&self) -> bool {
        let mut counts = [0; CLASSES];
        for &label in self.train.labels() {
            counts[usize::from(label)] += 1;
        }
        counts == DIGIT_COUNTS
    }

    /// Whether there are as many training images of each class as in Fashion-MNIST.
    pub(crate) fn counts_are_those_of_fashion(&self) -> bool {
        let labels = self.train.labels();
        (0..CLASSES as u8).all(|class| labels.iter().filter(|&&label| label == class).count() == 6_000)
    }
}

/// The directory with all four files: `dir/name/`, or else `dir`; none where neither holds any of them.
///
/// A synthetic set has files of the same names, and is passed over.
///
/// # Errors
/// If a directory holds some of the files but not all.
pub(crate) fn find(dir: &Path, name: &str) -> Result<Option<PathBuf>, Error> {
    for candidate in [dir.join(name), dir.to_owned()] {
        if candidate.join(MANIFEST).exists() {
            continue;
        }
        let names = || TRAIN_FILES.into_iter().chain(TEST_FILES);
        let exists = |name: &&str| existing(&candidate, name).is_some();
        let Some(beside) = names().find(exists) else { continue };
        return match names().find(|name| !exists(name)) {
            Some(name) => Err(Error::MissingFile { path: candidate.join(name), beside }),
            None => Ok(Some(candidate)),
        };
    }
    Ok(None)
}

/// `dir/name`, or else `dir/name.gz`, where it exists.
fn existing(dir: &Path, name: &str) -> Option<PathBuf> {
    [dir.join(name), dir.join(format!("{name}.gz"))].into_iter().find(|path| path.exists())
}
