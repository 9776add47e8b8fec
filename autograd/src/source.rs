//! What `gather` reads: labelled u8 images, wherever their bytes lie.
use std::{fmt, io};

/// A data set of labelled images stored as bytes, one record an image.
///
/// `gather` reads the records in place; nothing is copied ahead of a batch. Implementations validate
/// their bytes when they are opened, so that reading a record cannot fail.
pub trait Source: fmt::Debug + Send + Sync {
    /// Number of records.
    fn len(&self) -> usize;

    /// Whether there is no record at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Channels, height and width of every image, in pixels.
    fn shape(&self) -> [usize; 3];

    /// Number of classes; every label is below it.
    fn classes(&self) -> usize;

    /// The image of `record`: `c * h * w` bytes, plane after plane, each row-major.
    ///
    /// # Panics
    /// If `record >= self.len()`.
    fn pixels(&self, record: usize) -> &[u8];

    /// The label of `record`.
    ///
    /// # Panics
    /// If `record >= self.len()`.
    fn label(&self, record: usize) -> u8;

    /// Whether the records are those that were validated: for files that are read where they lie, whether their length and
    /// the time of their last write are still the same. A training asks at the beginning of each epoch.
    ///
    /// # Errors
    /// If something has changed; the text names the file.
    fn check_unchanged(&self) -> io::Result<()> {
        Ok(())
    }
}
