//! What can be wrong with a data set.
use std::io;
use std::path::{Path, PathBuf};

/// A data set that cannot be read, written or divided as asked. Every message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such directory.
    #[error("{}: no such directory; expected {files} in it or in its {own}/", dir.display())]
    NoDirectory {
        /// The directory that was asked for.
        dir: PathBuf,
        /// The files of the set that was looked for.
        files: &'static str,
        /// Its own directory.
        own: &'static str,
    },
    /// Neither the directory nor the set's own directory in it holds any of its files.
    #[error("{}: no {set} here; expected {files} in this directory or in its {own}/", dir.display())]
    NoSet {
        /// The directory that was searched.
        dir: PathBuf,
        /// The set that was looked for.
        set: &'static str,
        /// Its files.
        files: &'static str,
        /// Its own directory.
        own: &'static str,
    },
    /// The files are those of another set.
    #[error(
        "{}: these are the images of {found} (by the number in each class), expected {expected}; \
         ask for --data {choice}", dir.display()
    )]
    OtherSet {
        /// Where they are.
        dir: PathBuf,
        /// The set that was asked for.
        expected: &'static str,
        /// The set they are of.
        found: &'static str,
        /// What to ask for instead.
        choice: &'static str,
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
    #[error("{}: the file is empty; expected {expected}", path.display())]
    EmptyFile {
        /// The empty file.
        path: PathBuf,
        /// What it should hold.
        expected: String,
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
    /// An IDX file that ends within its header.
    #[error("{}: the header is cut short: expected {expected} bytes, found {found}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// Bytes of a whole header.
        expected: usize,
        /// Bytes of the file.
        found: usize,
    },
    /// An IDX file of another kind, or none.
    #[error("{}: byte 0: the magic number is {found:#010x}, expected {expected:#010x}", path.display())]
    Magic {
        /// The file.
        path: PathBuf,
        /// The magic number of the kind.
        expected: u32,
        /// The one found.
        found: u32,
    },
    /// An IDX header with a zero where none can be.
    #[error("{}: byte {offset}: the {what} is 0, expected 1 or more", path.display())]
    Zero {
        /// The file.
        path: PathBuf,
        /// Where the number lies.
        offset: usize,
        /// What it counts.
        what: &'static str,
    },
    /// Images of another size than the data set has.
    #[error(
        "{}: byte 8: the images have {}x{} pixels, expected {}x{}", path.display(), found[1], found[2], expected[1], expected[2]
    )]
    Dimensions {
        /// The file.
        path: PathBuf,
        /// Channels, height and width of the set's images.
        expected: [usize; 3],
        /// Those found.
        found: [usize; 3],
    },
    /// An IDX file that does not end where its header says.
    #[error("{}: byte {offset}: expected the end of the file after {records} records, found more", path.display())]
    Overlong {
        /// The file.
        path: PathBuf,
        /// Where it should end.
        offset: usize,
        /// Records by its header.
        records: usize,
    },
    /// Two IDX files that do not belong together.
    #[error("{}: {labels} labels for the {images} images of {}", labels_path.display(), images_path.display())]
    Counts {
        /// Number of labels.
        labels: usize,
        /// Their file.
        labels_path: PathBuf,
        /// Number of images.
        images: usize,
        /// Their file.
        images_path: PathBuf,
    },
    /// A gzip file that cannot be inflated.
    #[error("{}: damaged gzip file: {source}", path.display())]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
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
    /// A mapped file was written to.
    #[error("{}: the file {found} since it was opened; replace data files by renaming", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What shows it.
        found: String,
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
    #[error("data set '{found}' is not known; expected auto, cifar10, mnist, fashion-mnist or synthetic")]
    UnknownSet {
        /// The word.
        found: String,
    },
    /// A data set could not be downloaded.
    #[cfg(feature = "download")]
    #[error(transparent)]
    Download(#[from] crate::download::Error),
}

impl Error {
    /// Whether nothing failed but a progress callback asked to stop.
    pub fn is_stop(&self) -> bool {
        match self {
            Error::Stopped { .. } => true,
            #[cfg(feature = "download")]
            Error::Download(error) => matches!(error, crate::download::Error::Stopped { .. }),
            _ => false,
        }
    }

    /// For `map_err`: names the path and what was tried.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Error::Io { path, action, source }
    }
}
