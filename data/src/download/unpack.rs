//! CIFAR-10's archive: a gzipped tar file.
use super::Error;
use crate::Error as DataError;
use crate::RECORD_BYTES;
use crate::cifar::{DIRECTORY, TEST_FILE, TRAIN_FILES};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The names of the classes; nothing here needs them, people may.
const NAMES_FILE: &str = "batches.meta.txt";

/// The most bytes of a file: the published ones hold 10,000 records each.
const MOST_BYTES: u64 = 10_000 * RECORD_BYTES as u64;

/// The most bytes that are inflated: the seven files are 184 million.
const MOST_INFLATED: u64 = 1 << 28;

/// Unpacks the six files and the names of the classes into `into`, calling `proceed` before each entry.
///
/// Nothing but regular files with just these names is looked at, and they are written under names of our own, so
/// whatever paths and links an archive holds, they lead nowhere. Nor does it matter what it inflates to: a file that is
/// too large is refused before it is read, and nothing is inflated beyond [`MOST_INFLATED`].
pub(super) fn cifar10(
    archive: &Path,
    into: &Path,
    proceed: &mut dyn FnMut() -> Result<(), DataError>,
) -> Result<(), DataError> {
    let wrong = |reason: String| Error::Archive { archive: archive.to_owned(), reason };
    let damaged = |error: io::Error| {
        wrong(format!("the archive cannot be read: {error}").replace(char::is_control, "\u{fffd}"))
    };
    let file = File::open(archive).map_err(DataError::io(archive, "open the file"))?;
    let mut tar = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)).take(MOST_INFLATED));
    let mut unpacked = Vec::new();
    for entry in tar.entries().map_err(damaged)? {
        proceed()?;
        let mut entry = entry.map_err(damaged)?;
        let name = entry.header().entry_type().is_file().then(|| expected(&entry.path_bytes())).flatten();
        let Some(name) = name else { continue };
        if unpacked.contains(&name) {
            return Err(wrong(format!("{name} is there twice")).into());
        }
        let size = entry.size();
        if size > MOST_BYTES {
            return Err(wrong(format!("{name} has {size} bytes, expected at most {MOST_BYTES}")).into());
        }
        write(&mut entry, size, &into.join(name), damaged)?;
        unpacked.push(name);
    }
    let missing = TRAIN_FILES.into_iter().chain([TEST_FILE]).find(|name| !unpacked.contains(name));
    missing.map_or(Ok(()), |name| Err(wrong(format!("there is no {DIRECTORY}/{name} in it")).into()))
}

/// The expected file that an archive's `path` names.
fn expected(path: &[u8]) -> Option<&'static str> {
    let mut names = TRAIN_FILES.into_iter().chain([TEST_FILE, NAMES_FILE]);
    names.find(|name| path == format!("{DIRECTORY}/{name}").as_bytes())
}

/// Copies an entry of `size` bytes; what cannot be read and what cannot be written are told apart.
fn write(
    entry: &mut impl Read,
    size: u64,
    path: &Path,
    damaged: impl FnOnce(io::Error) -> Error,
) -> Result<(), DataError> {
    let mut bytes = Vec::new();
    // An archive that ends within an entry is no error to its reader.
    let whole = entry.read_to_end(&mut bytes).and_then(|found| match found as u64 == size {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    });
    whole.map_err(damaged)?;
    let write = || {
        let mut file = File::create_new(path)?;
        io::Write::write_all(&mut file, &bytes)?;
        file.sync_all()
    };
    write().map_err(DataError::io(path, "write the file"))
}
