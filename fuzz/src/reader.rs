//! What is fuzzed.
use crate::Random;
use std::path::Path;

/// A reader of files.
pub trait Reader: Sync {
    /// What `--only` calls it.
    fn name(&self) -> &'static str;

    /// Small files that it accepts, before [`Reader::dress`].
    fn seeds(&self) -> Vec<Vec<u8>>;

    /// Which mutations suit it.
    fn form(&self) -> Form;

    /// Offsets at which something stands that means more than other bytes do.
    fn marks(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Pieces of text to put in, beside those of the seeds.
    fn words(&self) -> &[&str] {
        &[]
    }

    /// The file of mutated bytes: compressed, or with a length or checksum that is right again, so that the mutation is
    /// not refused at the door.
    fn dress(&self, bytes: Vec<u8>, _: &mut Random) -> Vec<u8> {
        bytes
    }

    /// The most it may allocate.
    fn allowance(&self) -> Allowance;

    /// Reads `file` and looks at everything it gave; the text of the refusal.
    ///
    /// `file` is alone in a folder which is emptied after the case; what is written must be written there.
    ///
    /// # Errors
    /// The reader's own.
    ///
    /// # Panics
    /// If what it gave contradicts itself.
    fn read(&self, file: &Path) -> Result<(), String>;
}

/// What a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Bytes.
    Binary,
    /// Words, numbers and brackets.
    Text,
    /// Both.
    Mixed,
}

/// The most bytes that may be allocated at a time: `per_byte` for each byte of the file, and `constant`.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Multiple of the file's size.
    pub per_byte: usize,
    /// For a file of no size at all.
    pub constant: usize,
}

impl Allowance {
    /// For a file of `length` bytes.
    pub fn of(self, length: usize) -> usize {
        self.per_byte * length + self.constant
    }
}
