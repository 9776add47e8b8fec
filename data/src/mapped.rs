//! Files that are read where they lie.
use crate::Error;
use memmap2::Mmap;
use std::fs::{File, Metadata};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file in memory, and what it was like when it was mapped.
pub(crate) struct Mapped {
    path: PathBuf,
    /// Kept open: a file that is renamed into its place is another one, and does not change this.
    file: File,
    stamp: Stamp,
    bytes: Mmap,
}

/// What tells that a file was written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    /// `None` where the system keeps no times.
    modified: Option<SystemTime>,
}

impl Mapped {
    /// Maps the whole file; `None` where it is empty.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        let file = File::open(path).map_err(Error::io(path, "open the file"))?;
        let stamp = Stamp::of(&file, path)?;
        if stamp.length == 0 {
            return Ok(None);
        }
        let bytes = map(&file).map_err(Error::io(path, "map the file into memory"))?;
        Ok(Some(Self { path: path.to_owned(), file, stamp, bytes }))
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether length and time of the last write are those of the file as it was mapped.
    ///
    /// # Errors
    /// If they are not, or the system does not tell.
    pub(crate) fn check_unchanged(&self) -> Result<(), Error> {
        let Stamp { length: before, .. } = self.stamp;
        let now = Stamp::of(&self.file, &self.path)?;
        if now == self.stamp {
            return Ok(());
        }
        let found = match now.length {
            length if length == before => "was written to".to_owned(),
            length => format!("has {length} bytes instead of {before}"),
        };
        Err(Error::Changed { path: self.path.clone(), found })
    }
}

impl Stamp {
    fn of(file: &File, path: &Path) -> Result<Self, Error> {
        let metadata: Metadata = file.metadata().map_err(Error::io(path, "read the file's size"))?;
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the map is read-only and private to this crate, any byte is a valid u8, and every offset is
    // checked against the mapped length. What is left is the guarantee asked of the user, stated in the
    // crate's documentation: no process shortens or rewrites these files while they are mapped. This crate
    // never does: it writes new files and renames them into place.
    unsafe { Mmap::map(file) }
}
