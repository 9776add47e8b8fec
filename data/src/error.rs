//! What can be wrong with a data set.
use std::io;
use std::path::{Path, PathBuf};

/// A data set that cannot be read, written or divided as asked. Every message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such directory.
    #[error(
        "{}: no such directory; expected data_batch_1.bin to data_batch_5.bin and test_batch.bin \
         in it or in its cifar-10-batches-bin/", dir.display()
    )]
    NoDirectory {
        /// The directory that was asked for.
        dir: PathBuf,
    },
    /// Neither the directory nor its `cifar-10-batches-bin/` holds any file of CIFAR-10.
    #[error(
        "{}: no CIFAR-10 here; expected data_batch_1.bin to data_batch_5.bin and test_batch.bin \
         in this directory or in its cifar-10-batches-bin/", dir.display()
    )]
    NoCifar10 {
        /// The directory that was searched.
        dir: PathBuf,
    },
    /// Some files of a set are there, this one is not.
    #[error("{}: missing, though {beside} is there; the set is incomplete", path.display())]
    MissingFile {
        /// The file that should be there.
        path: PathBuf,
        /// A file of the same set that is there.
        beside: &'static str,
    },
    /// A file without a single record.
    #[error("{}: the file is empty; expected records of {record_bytes} bytes", path.display())]
    EmptyFile {
        /// The empty file.
        path: PathBuf,
        /// Bytes of one record.
        record_bytes: usize,
    },
    /// A file that ends within a record.
    #[error(
        "{}: record {record} at byte {offset} is cut short: expected {record_bytes} bytes, found {found}", path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The last, incomplete record, counted from 0.
        record: usize,
        /// Where it begins.
        offset: usize,
        /// Bytes of a whole record.
        record_bytes: usize,
        /// Bytes that are left for it.
        found: usize,
    },
    /// A label byte that names no class.
    #[error(
        "{}: record {record}, byte {offset}: the label is {found}, expected 0 to {}", path.display(), classes - 1
    )]
    Label {
        /// The file.
        path: PathBuf,
        /// The record, counted from 0.
        record: usize,
        /// Where the label lies in the file.
        offset: usize,
        /// The byte found there.
        found: u8,
        /// Number of classes.
        classes: usize,
    },
    /// The operating system refused.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// A directory that should hold a synthetic set holds something else.
    #[error(
        "{}: expected the synthetic set '{expected}', but {found}; remove the directory to have it written anew", path.display()
    )]
    NotThisSet {
        /// The file that differs.
        path: PathBuf,
        /// The manifest's text, its lines joined by commas.
        expected: String,
        /// What is there instead.
        found: String,
    },
    /// The progress callback asked to stop; nothing was left behind.
    #[error("{}: writing the synthetic set was stopped", dir.display())]
    Stopped {
        /// Where the set would have been.
        dir: PathBuf,
    },
    /// A size or share outside what can be.
    #[error("{what} is {found}, expected {expected}")]
    Size {
        /// The quantity.
        what: &'static str,
        /// Its value.
        found: usize,
        /// What it may be.
        expected: String,
    },
    /// A class with fewer records than a split needs.
    #[error("class {class} has {found} records, the {what} needs {needed}")]
    TooFew {
        /// The class.
        class: usize,
        /// Its number of records.
        found: usize,
        /// What they are for.
        what: &'static str,
        /// How many it takes.
        needed: usize,
    },
    /// A word that names no data set.
    #[error("data set '{found}' is not known; expected auto, cifar10 or synthetic")]
    UnknownSet {
        /// The word.
        found: String,
    },
}

impl Error {
    /// For `map_err`: names the path and what was tried.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Error::Io { path, action, source }
    }
}
