//! JSON with one line a key at the top level, so that a result of a hundred thousand numbers can still
//! be looked at with `head` and `cut`. A number that is NaN or infinite, for which JSON has no word, is
//! an error that names its key.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::output::Error;

/// Serializes `value`, ending in a newline.
pub(crate) fn to_string<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Lines::default()))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|e| serde_json::Error::io(io::Error::other(e)))
}

/// The error of a number without a word in JSON, or `error` as it is.
pub(crate) fn not_finite(error: serde_json::Error, file: &str) -> Error {
    let found = |e: &io::Error| e.get_ref()?.downcast_ref::<NoWord>().cloned();
    let error = io::Error::from(error);
    match found(&error) {
        Some(NoWord { key, index }) => Error::NotFinite { key, index },
        None => Error::Io { path: file.into(), action: "write the result as JSON", source: error },
    }
}

/// Where a number stands that JSON has no word for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{key} is not a finite number")]
struct NoWord {
    key: String,
    index: Option<usize>,
}

/// Follows the keys that lead to where it is, and counts the numbers in the lists there.
#[derive(Default)]
struct Lines {
    depth: usize,
    path: Vec<String>,
    in_key: bool,
    /// Depth of lists at this place, and numbers written in them.
    lists: usize,
    numbers: usize,
}

impl Formatter for Lines {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        out.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        let separator = match (self.depth, first) {
            (1, true) => "\n  ",
            (1, false) => ",\n  ",
            (_, true) => "",
            (_, false) => ", ",
        };
        (self.in_key, self.numbers) = (true, 0);
        self.path.push(String::new());
        out.write_all(separator.as_bytes())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if let (true, Some(key)) = (self.in_key, self.path.last_mut()) {
            key.push_str(fragment);
        }
        CompactFormatter.write_string_fragment(out, fragment)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.in_key = false;
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.path.pop();
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        out.write_all(if self.depth == 0 { "\n}" } else { "}" }.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.lists += 1;
        out.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.lists -= 1;
        out.write_all(b"]")
    }

    fn write_f32<W: ?Sized + Write>(&mut self, out: &mut W, value: f32) -> io::Result<()> {
        self.numbers += 1;
        CompactFormatter.write_f32(out, value)
    }

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        self.numbers += 1;
        CompactFormatter.write_f64(out, value)
    }

    /// What serde_json writes for NaN and infinities.
    fn write_null<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let index = (self.lists > 0).then_some(self.numbers);
        Err(io::Error::other(NoWord { key: self.path.join("."), index }))
    }
}
