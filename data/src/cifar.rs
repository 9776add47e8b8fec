//! CIFAR-10, binary version: five training files and one test file.
use crate::synthetic::MANIFEST;
use crate::{Error, Published, Records};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The classes of CIFAR-10, in label order.
pub const CLASS_NAMES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// The training files, in order.
pub const TRAIN_FILES: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];

/// The test file.
pub const TEST_FILE: &str = "test_batch.bin";

/// The directory that the published archive unpacks into.
pub const DIRECTORY: &str = "cifar-10-batches-bin";

/// An opened and checked data set in the CIFAR-10 binary layout.
#[derive(Clone, Debug)]
pub struct Cifar10 {
    train: Arc<Records>,
    test: Arc<Records>,
}

impl Cifar10 {
    /// Maps and checks the six files in `dir` or in `dir/cifar-10-batches-bin/`; the latter is preferred.
    ///
    /// # Errors
    /// If no file of the set is there, if only some are, or if one does not hold what it should.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_exactly(&Published::Cifar10.place(dir.as_ref())?)
    }

    /// Maps and checks the six files in `dir` itself.
    pub(crate) fn open_exactly(dir: &Path) -> Result<Self, Error> {
        let train = Records::open(&TRAIN_FILES.map(|name| dir.join(name)))?;
        let test = Records::open(&[dir.join(TEST_FILE)])?;
        Ok(Self { train: Arc::new(train), test: Arc::new(test) })
    }

    /// The records of `data_batch_1.bin` to `data_batch_5.bin`, in this order.
    pub fn train(&self) -> Arc<Records> {
        Arc::clone(&self.train)
    }

    /// The records of `test_batch.bin`.
    pub fn test(&self) -> Arc<Records> {
        Arc::clone(&self.test)
    }
}

/// The directory with all six files: `dir/cifar-10-batches-bin/`, or else `dir`; none where neither holds any
/// of them.
///
/// A synthetic set has files of the same names but is not CIFAR-10, and is passed over.
///
/// # Errors
/// If a directory holds some of the files but not all.
pub(crate) fn find(dir: &Path) -> Result<Option<PathBuf>, Error> {
    for candidate in [dir.join(DIRECTORY), dir.to_owned()] {
        if candidate.join(MANIFEST).exists() {
            continue;
        }
        let names = || TRAIN_FILES.into_iter().chain([TEST_FILE]);
        let exists = |name: &&str| candidate.join(name).exists();
        let Some(beside) = names().find(exists) else { continue };
        return match names().find(|name| !exists(name)) {
            Some(name) => Err(Error::MissingFile { path: candidate.join(name), beside }),
            None => Ok(Some(candidate)),
        };
    }
    Ok(None)
}
