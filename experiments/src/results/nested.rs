//! Numbers of any shape as nested JSON lists.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A flat array with a shape, row by row; in JSON a list of lists of … of numbers.
///
/// Numbers are printed as the shortest decimals that give the same `f32` again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nested {
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl Nested {
    /// Gives `values` a shape.
    ///
    /// # Panics
    ///
    /// When the shape has no dimension or means another number of values.
    #[track_caller]
    pub fn new(shape: &[usize], values: Vec<f32>) -> Self {
        let expected: usize = shape.iter().product();
        let found = values.len();
        assert!(!shape.is_empty(), "nested lists need a dimension, got shape []");
        assert!(expected == found, "shape {shape:?} means {expected} values, got {found}");
        let shape = shape.to_vec();
        Self { shape, values }
    }

    /// The lengths of the lists, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

impl Serialize for Nested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        List { shape: &self.shape, values: &self.values }.serialize(serializer)
    }
}

/// One level of the lists.
struct List<'a> {
    shape: &'a [usize],
    values: &'a [f32],
}

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [count, inner @ ..] = self.shape else {
            return self.values.serialize(serializer);
        };
        if inner.is_empty() {
            return self.values.serialize(serializer);
        }
        let size: usize = inner.iter().product();
        let mut list = serializer.serialize_seq(Some(*count))?;
        for i in 0..*count {
            let values = &self.values[i * size..(i + 1) * size];
            let shape = inner;
            list.serialize_element(&List { shape, values })?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut found = Found::default();
        Level { depth: 0, found: &mut found }.deserialize(deserializer)?;
        if found.shape.is_empty() {
            return Err(D::Error::custom("expected a list of numbers, found a number"));
        }
        Ok(Self {
            shape: found.shape.into_iter().map(|length| length.unwrap_or(0)).collect(),
            values: found.values,
        })
    }
}

/// What was read so far. Numbers go straight into one list: a tree of them would take many times the text's memory.
#[derive(Default)]
struct Found {
    /// Length of the lists of each level, where one of them has ended.
    shape: Vec<Option<usize>>,
    values: Vec<f32>,
}

/// Reads a number, or a list of what lies one level deeper.
struct Level<'a> {
    depth: usize,
    found: &'a mut Found,
}

impl Level<'_> {
    fn ragged<E: serde::de::Error>(&self) -> E {
        let lengths: Vec<_> = self.found.shape.iter().map(|length| length.unwrap_or(0)).collect();
        E::custom(format!(
            "nested lists are ragged: {lengths:?} before, something else at depth {}",
            self.depth
        ))
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nested lists of numbers")
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        if self.found.shape.len() != self.depth {
            return Err(self.ragged());
        }
        let value = value as f32;
        if !value.is_finite() {
            return Err(E::custom("a number that float32 cannot hold"));
        }
        self.found.values.push(value);
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let depth = self.depth;
        if depth == self.found.shape.len() {
            // A deeper level than any before: only the very first elements lead there.
            if !self.found.values.is_empty() || self.found.shape.iter().any(Option::is_some) {
                return Err(self.ragged());
            }
            self.found.shape.push(None);
        }
        let mut length = 0;
        while list.next_element_seed(Level { depth: depth + 1, found: &mut *self.found })?.is_some() {
            length += 1;
        }
        match self.found.shape[depth].replace(length) {
            Some(before) if before != length => Err(self.ragged()),
            _ => Ok(()),
        }
    }
}
