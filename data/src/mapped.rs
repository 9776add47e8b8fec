//! Files that are read where they lie.
use crate::Error;
use memmap2::Mmap;
use std::fs::File;
use std::path::Path;

/// Maps the whole file; `None` where it is empty.
///
/// # Errors
/// If the system refuses.
pub(crate) fn open(path: &Path) -> Result<Option<Mmap>, Error> {
    let file = File::open(path).map_err(Error::io(path, "open the file"))?;
    let length = file.metadata().map_err(Error::io(path, "read the file's size"))?.len();
    if length == 0 {
        return Ok(None);
    }
    map(&file).map(Some).map_err(Error::io(path, "map the file into memory"))
}

#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the map is read-only and private to this crate, any byte is a valid u8, and every offset is
    // checked against the mapped length. What is left is the guarantee asked of the user, stated in the
    // crate's documentation: no process shortens or rewrites these files while they are mapped. This crate
    // never does: it writes new files and renames them into place.
    unsafe { Mmap::map(file) }
}
