//! Numbers of any shape as nested JSON lists.

use serde::de::Error as _;
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

/// What a parser finds before it is known to be rectangular.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tree {
    Number(f32),
    List(Vec<Tree>),
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Tree::deserialize(deserializer)?;
        let shape = shape_of(&tree);
        if shape.is_empty() {
            return Err(D::Error::custom("expected a list of numbers, found a number"));
        }
        let mut values = Vec::new();
        flatten(&tree, &shape, &mut values).map_err(D::Error::custom)?;
        Ok(Self { shape, values })
    }
}

/// The lengths along the first element of every level.
fn shape_of(tree: &Tree) -> Vec<usize> {
    let mut shape = Vec::new();
    let mut level = Some(tree);
    while let Some(Tree::List(list)) = level {
        shape.push(list.len());
        level = list.first();
    }
    shape
}

fn flatten(tree: &Tree, shape: &[usize], values: &mut Vec<f32>) -> Result<(), String> {
    match (tree, shape) {
        (Tree::Number(value), []) => values.push(*value),
        (Tree::List(list), [count, inner @ ..]) if list.len() == *count => {
            for part in list {
                flatten(part, inner, values)?;
            }
        }
        _ => return Err(format!("nested lists are ragged: expected {shape:?} here")),
    }
    Ok(())
}
