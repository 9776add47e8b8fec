//! The published data sets: what they are called, where their files lie, how they are opened.
use crate::cifar::{self, Cifar10};
use crate::mnist::{self, Mnist};
use crate::{CLASSES, DataSet, Error};
use ferrotape_autograd::Source;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A data set that others published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Photographs, RGB 32x32.
    Cifar10,
    /// Handwritten digits, gray 28x28.
    Mnist,
    /// Clothes, gray 28x28.
    FashionMnist,
}

impl Published {
    /// Its name in flags and results.
    pub fn name(self) -> &'static str {
        match self {
            Published::Cifar10 => "cifar10",
            Published::Mnist => "mnist",
            Published::FashionMnist => "fashion-mnist",
        }
    }

    /// Its name in prose.
    pub fn title(self) -> &'static str {
        match self {
            Published::Cifar10 => "CIFAR-10",
            Published::Mnist => "MNIST",
            Published::FashionMnist => "Fashion-MNIST",
        }
    }

    /// Its classes, in label order.
    pub fn class_names(self) -> [&'static str; CLASSES] {
        match self {
            Published::Cifar10 => cifar::CLASS_NAMES,
            Published::Mnist => mnist::DIGIT_CLASS_NAMES,
            Published::FashionMnist => mnist::FASHION_CLASS_NAMES,
        }
    }

    /// The directory of its own under the data directory.
    pub fn directory(self) -> &'static str {
        match self {
            Published::Cifar10 => cifar::DIRECTORY,
            Published::Mnist | Published::FashionMnist => self.name(),
        }
    }

    /// Which files it consists of, for error messages.
    pub(crate) fn files(self) -> &'static str {
        match self {
            Published::Cifar10 => "data_batch_1.bin to data_batch_5.bin and test_batch.bin",
            Published::Mnist | Published::FashionMnist => {
                "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and \
                 t10k-labels-idx1-ubyte (or .gz)"
            }
        }
    }

    /// Where its files are: in its own directory under `dir`, or else in `dir`; none where neither holds any.
    ///
    /// # Errors
    /// If some of its files are there but not all.
    pub fn find(self, dir: &Path) -> Result<Option<PathBuf>, Error> {
        match self {
            Published::Cifar10 => cifar::find(dir),
            Published::Mnist | Published::FashionMnist => mnist::find(dir, self.directory()),
        }
    }

    /// Opens and checks it where [`Published::find`] finds it.
    ///
    /// # Errors
    /// If it is absent, incomplete or damaged, or another set of the same form.
    pub fn open(self, dir: &Path) -> Result<DataSet, Error> {
        let found = self.place(dir)?;
        Ok(match self {
            Published::Cifar10 => {
                let opened = Cifar10::open_exactly(&found)?;
                self.data_set(dir, opened.train(), opened.test())
            }
            Published::Mnist | Published::FashionMnist => {
                let opened = Mnist::open(&found)?;
                self.refuse_the_other(&opened, &found)?;
                self.data_set(dir, opened.train(), opened.test())
            }
        })
    }

    /// Where its files are, and an error where they are not.
    pub(crate) fn place(self, dir: &Path) -> Result<PathBuf, Error> {
        if !dir.exists() {
            return Err(self.no_directory(dir));
        }
        self.find(dir)?.ok_or_else(|| Error::NoSet {
            dir: dir.to_owned(),
            set: self.title(),
            files: self.files(),
            own: self.directory(),
        })
    }

    /// The error of a directory that does not exist.
    pub fn no_directory(self, dir: &Path) -> Error {
        Error::NoDirectory { dir: dir.to_owned(), files: self.files(), own: self.directory() }
    }

    /// MNIST and Fashion-MNIST have files of the same names, so one can lie in the other's place.
    fn refuse_the_other(self, opened: &Mnist, dir: &Path) -> Result<(), Error> {
        let other = match self {
            Published::FashionMnist if opened.counts_are_those_of_digits() => Published::Mnist,
            Published::Mnist if opened.counts_are_those_of_fashion() => Published::FashionMnist,
            _ => return Ok(()),
        };
        let (expected, found) = (self.title(), other.title());
        Err(Error::OtherSet { dir: dir.to_owned(), expected, found, choice: other.name() })
    }

    fn data_set(self, dir: &Path, train: Arc<dyn Source>, test: Arc<dyn Source>) -> DataSet {
        let (name, place) = (self.name(), dir.display());
        let (n, m) = (train.len(), test.len());
        DataSet {
            name,
            description: format!("{name} ({n} training and {m} test images in {place})"),
            train,
            test,
            class_names: self.class_names(),
        }
    }
}
