//! The two forms of synthetic images.
use crate::records::{self, RECORD_BYTES};
use crate::{cifar, idx, mnist};

/// What the images look like and how they lie in files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// RGB 32x32 in the CIFAR-10 binary layout.
    #[default]
    Rgb32,
    /// Gray 28x28 in IDX files like those of MNIST.
    Gray28,
}

/// The files of five training parts and a test part; a record is a label and an image.
const RGB_PARTS: [&[&str]; 6] = [
    &[cifar::TRAIN_FILES[0]],
    &[cifar::TRAIN_FILES[1]],
    &[cifar::TRAIN_FILES[2]],
    &[cifar::TRAIN_FILES[3]],
    &[cifar::TRAIN_FILES[4]],
    &[cifar::TEST_FILE],
];

/// The files of a training part and a test part; images in the first, labels in the second.
const GRAY_PARTS: [&[&str]; 2] = [&mnist::TRAIN_FILES, &mnist::TEST_FILES];

impl Form {
    /// Channels, height and width of an image.
    pub fn shape(self) -> [usize; 3] {
        match self {
            Form::Rgb32 => records::SHAPE,
            Form::Gray28 => mnist::SHAPE,
        }
    }

    /// Bytes of an image.
    pub(super) fn image_bytes(self) -> usize {
        self.shape().iter().product()
    }

    /// The file names of each part, the test part last.
    pub(super) fn parts(self) -> &'static [&'static [&'static str]] {
        match self {
            Form::Rgb32 => &RGB_PARTS,
            Form::Gray28 => &GRAY_PARTS,
        }
    }

    /// What comes before the first of `records` images, fewer than 2^32.
    pub(super) fn header(self, records: usize) -> Vec<u8> {
        match self {
            Form::Rgb32 => Vec::new(),
            Form::Gray28 => {
                let [_, rows, columns] = self.shape();
                idx::images_header(records as u32, rows as u32, columns as u32)
            }
        }
    }

    /// Bytes of file number `file` of a part of `records` images.
    pub(super) fn file_bytes(self, file: usize, records: usize) -> usize {
        match (self, file) {
            (Form::Rgb32, _) => records * RECORD_BYTES,
            (Form::Gray28, 0) => self.header(records).len() + records * self.image_bytes(),
            (Form::Gray28, _) => idx::labels_header(records as u32).len() + records,
        }
    }

    /// The file that lists the classes.
    pub(super) fn names_file(self) -> &'static str {
        match self {
            Form::Rgb32 => "batches.meta.txt",
            Form::Gray28 => "classes.txt",
        }
    }
}
