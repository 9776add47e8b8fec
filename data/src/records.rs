//! Files of fixed-size records, mapped into memory and read in place.
use crate::Error;
use crate::mapped::Mapped;
use ferrotape_autograd::Source;
use std::path::Path;
use std::{fmt, io};

/// Channels, height and width of every image.
pub const SHAPE: [usize; 3] = [3, 32, 32];
/// Number of classes.
pub const CLASSES: usize = 10;
/// Bytes of one record: a label, then the red, green and blue planes, each row-major.
pub const RECORD_BYTES: usize = 1 + SHAPE[0] * SHAPE[1] * SHAPE[2];

/// The records of one or more mapped files in the CIFAR-10 binary layout, numbered through.
pub struct Records {
    files: Vec<Batch>,
    /// `starts[f]` is the first record of file `f`; one more entry holds their total.
    starts: Vec<usize>,
}

/// One file.
struct Batch {
    bytes: Mapped,
    /// Copied, so that a file that changes under the map cannot turn a checked label into a wrong one.
    labels: Vec<u8>,
}

impl Records {
    /// Maps `paths` and checks every record of every file.
    ///
    /// A file may hold any number of records but none.
    ///
    /// # Errors
    /// On a file that is missing, empty, ends within a record or holds a label of 10 or more.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> Result<Self, Error> {
        let files = paths.iter().map(|path| Batch::open(path.as_ref())).collect::<Result<Vec<_>, _>>()?;
        let mut starts = vec![0];
        starts.extend(files.iter().scan(0, |total, file| {
            *total += file.labels.len();
            Some(*total)
        }));
        Ok(Self { files, starts })
    }

    /// The files, in the order of their records.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.bytes.path())
    }

    /// The file that holds `record`, and the record's number within it.
    fn locate(&self, record: usize) -> (&Batch, usize) {
        assert!(record < self.len(), "record {record} is asked for, there are {}", self.len());
        let file = self.starts.partition_point(|&start| start <= record) - 1;
        (&self.files[file], record - self.starts[file])
    }
}

impl Source for Records {
    fn len(&self) -> usize {
        self.starts[self.files.len()]
    }

    fn shape(&self) -> [usize; 3] {
        SHAPE
    }

    fn classes(&self) -> usize {
        CLASSES
    }

    fn pixels(&self, record: usize) -> &[u8] {
        let (file, within) = self.locate(record);
        &file.bytes[within * RECORD_BYTES + 1..(within + 1) * RECORD_BYTES]
    }

    fn label(&self, record: usize) -> u8 {
        let (file, within) = self.locate(record);
        file.labels[within]
    }

    fn check_unchanged(&self) -> io::Result<()> {
        self.files.iter().try_for_each(|file| file.bytes.check_unchanged()).map_err(io::Error::other)
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.paths().collect();
        f.debug_struct("Records").field("files", &paths).field("len", &self.len()).finish()
    }
}

impl Batch {
    fn open(path: &Path) -> Result<Self, Error> {
        let Some(bytes) = Mapped::open(path)? else {
            let expected = format!("records of {RECORD_BYTES} bytes");
            return Err(Error::EmptyFile { path: path.to_owned(), expected });
        };
        let labels = labels(path, &bytes)?;
        Ok(Self { bytes, labels })
    }
}

/// The label of every record in `bytes`, checked.
fn labels(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let path = || path.to_owned();
    let (records, rest) = bytes.as_chunks::<RECORD_BYTES>();
    if !rest.is_empty() {
        let record = records.len();
        let offset = record * RECORD_BYTES;
        return Err(Error::Truncated {
            path: path(),
            record,
            offset,
            record_bytes: RECORD_BYTES,
            found: rest.len(),
        });
    }
    let check = |(record, bytes): (usize, &[u8; RECORD_BYTES])| match bytes[0] {
        label if usize::from(label) < CLASSES => Ok(label),
        found => {
            Err(Error::Label { path: path(), record, offset: record * RECORD_BYTES, found, classes: CLASSES })
        }
    };
    records.iter().enumerate().map(check).collect()
}
