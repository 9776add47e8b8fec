//! IDX files, the format of MNIST and Fashion-MNIST: a file of images and a file of their labels.
//!
//! All numbers are big-endian:
//!
//! ```text
//! images   0: 0x00000803   4: count   8: rows   12: columns   16: one byte a pixel, row-major
//! labels   0: 0x00000801   4: count   8: one byte a label
//! ```
//!
//! In the magic number, 08 means unsigned bytes and the last byte counts the dimensions. Either file may be
//! gzipped, whatever its name: the first two bytes tell. Plain images are mapped into memory, gzipped ones
//! inflated. Where an error names a byte of a gzipped file, inflated bytes are counted.
mod file;

use crate::{CLASSES, Error};
use ferrotape_autograd::Source;
use file::Contents;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Magic number of a file of images: unsigned bytes in 3 dimensions.
pub const IMAGES_MAGIC: u32 = 0x0000_0803;
/// Magic number of a file of labels: unsigned bytes in 1 dimension.
pub const LABELS_MAGIC: u32 = 0x0000_0801;

/// Gray images and their labels, out of two IDX files.
pub struct Images {
    path: PathBuf,
    contents: Contents<2>,
    /// Copied, so that a file that changes under a map cannot turn a checked label into a wrong one.
    labels: Vec<u8>,
}

impl Images {
    /// Opens and checks both files.
    ///
    /// # Errors
    /// On a file that is missing, empty, no IDX file of its kind, shorter or longer than its header says or
    /// damaged as a gzip file; on images without pixels, a label of 10 or more, and numbers of images and labels
    /// that differ.
    pub fn open(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Self, Error> {
        let (path, labels_path) = (images.as_ref(), labels.as_ref());
        let contents = Contents::<2>::open(path, IMAGES_MAGIC)?;
        let labels = Contents::<0>::open(labels_path, LABELS_MAGIC)?;
        if labels.count() != contents.count() {
            return Err(Error::Counts {
                labels: labels.count(),
                labels_path: labels_path.to_owned(),
                images: contents.count(),
                images_path: path.to_owned(),
            });
        }
        let labels = labels.records().to_vec();
        check(labels_path, &labels)?;
        Ok(Self { path: path.to_owned(), contents, labels })
    }

    /// The file of images.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every label, in the order of the records.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }
}

fn check(path: &Path, labels: &[u8]) -> Result<(), Error> {
    let Some(record) = labels.iter().position(|&label| usize::from(label) >= CLASSES) else { return Ok(()) };
    let (offset, found) = (file::header_bytes(0) + record, labels[record]);
    Err(Error::Label { path: path.to_owned(), record, offset, found, classes: CLASSES })
}

impl Source for Images {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn shape(&self) -> [usize; 3] {
        let [rows, columns] = self.contents.dimensions();
        [1, rows, columns]
    }

    fn classes(&self) -> usize {
        CLASSES
    }

    fn pixels(&self, record: usize) -> &[u8] {
        assert!(record < self.len(), "record {record} is asked for, there are {}", self.len());
        let size = self.contents.record_bytes();
        &self.contents.records()[record * size..][..size]
    }

    fn label(&self, record: usize) -> u8 {
        assert!(record < self.len(), "record {record} is asked for, there are {}", self.len());
        self.labels[record]
    }

    fn check_unchanged(&self) -> io::Result<()> {
        self.contents.check_unchanged().map_err(io::Error::other)
    }
}

impl fmt::Debug for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Images").field("file", &self.path).field("len", &self.len()).finish()
    }
}

/// The header of a file of `count` images of `rows` x `columns` pixels.
pub(crate) fn images_header(count: u32, rows: u32, columns: u32) -> Vec<u8> {
    [IMAGES_MAGIC, count, rows, columns].map(u32::to_be_bytes).concat()
}

/// The header of a file of `count` labels.
pub(crate) fn labels_header(count: u32) -> Vec<u8> {
    [LABELS_MAGIC, count].map(u32::to_be_bytes).concat()
}
