//! What a program computed in the runs that were looked at.
use serde::{Deserialize, Serialize};

/// A run that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Updates made before it.
    pub number: u64,
    /// The kept values that are one number: the value, by its number, and the number.
    pub results: Vec<(usize, Option<f32>)>,
    /// What was seen of each value of the tape: of parameters before the update, of all else when it was made.
    pub seen: Vec<Option<Seen>>,
    /// The gradients that an update used.
    pub gradients: Vec<Norm>,
}

/// What was seen of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Its numbers, summed up.
    pub values: Values,
    /// Its numbers, to be looked at; none of a single number, and in runs for which no pictures were asked.
    pub picture: Option<Picture>,
}

/// A summary of some numbers. Where it is not a count it is of the finite ones, and there is none if no number is finite.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// How many there are.
    pub len: usize,
    /// How many are zero.
    pub zeros: usize,
    /// How many are NaN.
    pub nan: usize,
    /// How many are infinite.
    pub infinite: usize,
    /// The least.
    pub min: Option<f32>,
    /// The greatest.
    pub max: Option<f32>,
    /// The mean.
    pub mean: Option<f32>,
    /// The square root of the sum of squares.
    pub norm: Option<f32>,
}

/// The gradient of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norm {
    /// The parameter.
    pub param: String,
    /// The square root of the sum of squares of its gradient; none if a number in it is not finite.
    pub gradient: Option<f32>,
    /// The same of the parameter itself, before the update.
    pub value: Option<f32>,
}

/// How a picture is to be drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Tiles side by side: channels of an image, filters of a layer.
    Tiles,
    /// Three tiles that are the red, green and blue of an image, then the same one by one.
    Colour,
    /// One bar a number.
    Bars,
}

/// Numbers as bytes, tile after tile, row after row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// How it is to be drawn.
    pub form: Form,
    /// What of the value it shows: `image 0: 16 channels`.
    pub what: String,
    /// How many tiles.
    pub tiles: usize,
    /// Tiles in a row.
    pub columns: usize,
    /// Rows of a tile.
    pub height: usize,
    /// Columns of a tile.
    pub width: usize,
    /// What the byte 1 stands for.
    pub low: f32,
    /// What the byte 255 stands for.
    pub high: f32,
    /// The numbers, base64: 0 is none that is finite, the others lie evenly from `low` to `high`.
    pub cells: String,
}
