//! One IDX file, mapped or inflated, with its header checked against its length.
use crate::Error;
use crate::mapped::Mapped;
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

/// Its first bytes tell a gzip file.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Bytes before the records of a file whose records have `dimensions` dimensions.
pub(super) const fn header_bytes(dimensions: usize) -> usize {
    4 * (2 + dimensions)
}

/// A checked file of records of `D` dimensions each.
pub(super) struct Contents<const D: usize> {
    bytes: Bytes,
    count: usize,
    dimensions: [usize; D],
}

enum Bytes {
    Mapped(Mapped),
    Inflated(Vec<u8>),
}

/// What a header says.
#[derive(Clone, Copy)]
struct Header<const D: usize> {
    count: u32,
    dimensions: [u32; D],
}

impl<const D: usize> Contents<D> {
    /// Opens `path`, which must begin with `magic` and hold exactly what its header says.
    pub(super) fn open(path: &Path, magic: u32) -> Result<Self, Error> {
        let empty = || Error::EmptyFile { path: path.to_owned(), expected: "an IDX file".into() };
        let mapped = Mapped::open(path)?.ok_or_else(empty)?;
        let (header, bytes) = if mapped.starts_with(&GZIP_MAGIC) {
            let (header, bytes) = inflate(path, &mapped, magic)?;
            (header, Bytes::Inflated(bytes))
        } else {
            let header = Header::parse(path, &mapped, magic)?;
            header.check_length(path, mapped.len())?;
            (header, Bytes::Mapped(mapped))
        };
        Ok(Self { bytes, count: header.count as usize, dimensions: header.dimensions.map(|d| d as usize) })
    }

    /// Whether the file is as it was; what was inflated is a copy.
    pub(super) fn check_unchanged(&self) -> Result<(), Error> {
        match &self.bytes {
            Bytes::Mapped(file) => file.check_unchanged(),
            Bytes::Inflated(_) => Ok(()),
        }
    }

    /// Number of records.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Sides of one record.
    pub(super) fn dimensions(&self) -> [usize; D] {
        self.dimensions
    }

    /// Bytes of one record.
    pub(super) fn record_bytes(&self) -> usize {
        self.dimensions.iter().product()
    }

    /// All records, one after the other.
    pub(super) fn records(&self) -> &[u8] {
        &self.bytes[header_bytes(D)..]
    }
}

/// Two bits of a gzip file may stand for 258 bytes, and no fewer.
const MOST_INFLATION: u128 = 1032;

/// Inflates a whole gzip file, but no more of it than its header asks for; memory is taken for that alone, and only where
/// so few bytes can hold so many.
fn inflate<const D: usize>(path: &Path, gzip: &[u8], magic: u32) -> Result<(Header<D>, Vec<u8>), Error> {
    let damaged = |source| Error::Gzip { path: path.to_owned(), source };
    let mut decoder = MultiGzDecoder::new(gzip);
    let mut bytes = Vec::new();
    decoder.by_ref().take(header_bytes(D) as u64).read_to_end(&mut bytes).map_err(damaged)?;
    let header = Header::parse(path, &bytes, magic)?;
    if header.total_bytes() > MOST_INFLATION * gzip.len() as u128 {
        let (found, expected) = (gzip.len(), header.total_bytes());
        let text = format!("{found} bytes cannot hold the {expected} that the header promises");
        return Err(damaged(io::Error::new(io::ErrorKind::InvalidData, text)));
    }
    let rest = header.total_bytes() as usize - bytes.len();
    bytes.reserve_exact(rest);
    decoder.by_ref().take(rest as u64).read_to_end(&mut bytes).map_err(damaged)?;
    // A byte too many tells an overlong file; at the end instead, the decoder compares checksums.
    let more = decoder.read(&mut [0]).map_err(damaged)?;
    header.check_length(path, bytes.len() + more)?;
    Ok((header, bytes))
}

impl<const D: usize> Header<D> {
    fn parse(path: &Path, bytes: &[u8], magic: u32) -> Result<Self, Error> {
        let path = || path.to_owned();
        let word = |at: usize| {
            let word = bytes.get(4 * at..4 * at + 4)?;
            Some(u32::from_be_bytes(word.try_into().expect("four bytes")))
        };
        let cut_short = || Error::Header { path: path(), expected: header_bytes(D), found: bytes.len() };
        let found = word(0).ok_or_else(cut_short)?;
        if found != magic {
            return Err(Error::Magic { path: path(), expected: magic, found });
        }
        // The number of records, then the sides of each.
        let number = |at: usize| match word(at).ok_or_else(cut_short)? {
            0 => {
                let what = if at == 1 { "number of records" } else { "side of an image" };
                Err(Error::Zero { path: path(), offset: 4 * at, what })
            }
            number => Ok(number),
        };
        let count = number(1)?;
        let mut dimensions = [0; D];
        for (at, side) in dimensions.iter_mut().enumerate() {
            *side = number(2 + at)?;
        }
        Ok(Self { count, dimensions })
    }

    fn record_bytes(self) -> u128 {
        self.dimensions.iter().map(|&side| u128::from(side)).product()
    }

    /// Bytes of the whole file; four 32-bit numbers cannot overflow here.
    fn total_bytes(self) -> u128 {
        header_bytes(D) as u128 + u128::from(self.count) * self.record_bytes()
    }

    fn check_length(self, path: &Path, found: usize) -> Result<(), Error> {
        let (path, records) = (path.to_owned(), self.count as usize);
        if found as u128 > self.total_bytes() {
            return Err(Error::Overlong { path, offset: self.total_bytes() as usize, records });
        }
        if (found as u128) < self.total_bytes() {
            let body = found - header_bytes(D);
            let record_bytes = usize::try_from(self.record_bytes()).unwrap_or(usize::MAX);
            let (record, found) = (body / record_bytes, body % record_bytes);
            let offset = header_bytes(D) + record * record_bytes;
            return Err(Error::Truncated { path, record, offset, record_bytes, found });
        }
        Ok(())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(bytes) => bytes,
            Bytes::Inflated(bytes) => bytes,
        }
    }
}
