//! Mistakes that somebody may have made.
use super::Variation;
use std::fmt;

/// A mistake that somebody may have made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hypothesis {
    /// Nothing flows at all.
    Missing,
    /// The right gradient with the wrong sign.
    Sign,
    /// The right gradient times a number.
    Scale(f64),
    /// One of the gradients of a value that is read several times is not added: its number, in the order of the rules that ran.
    MissingTerm(usize),
    /// One of them is all there is.
    Overwritten(usize),
    /// Of the outputs that an element reaches, only one is left.
    OneOutput,
    /// The right gradient, read wrongly.
    Read(Variation),
    /// The right gradient for an operand that is read wrongly.
    Operand(usize, Variation),
    /// The right gradient for a cotangent that is read wrongly.
    Cotangent(Variation),
    /// Right inside, wrong at the border of a dimension.
    Border(usize),
    /// Right at the border, where one term adds up, and wrong inside, where several do.
    Inside,
    /// Right or zero.
    Holes,
}

impl fmt::Display for Hypothesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "missing term: nothing flows back, all of it is zero"),
            Self::Sign => write!(f, "sign: it is the right gradient negated"),
            Self::Scale(c) => write!(f, "scale: it is {c:.6} times the right gradient"),
            Self::MissingTerm(k) => write!(f, "missing term: all but term {k} of the sum"),
            Self::Overwritten(k) => {
                write!(f, "overwritten instead of accumulated: only term {k} of the sum is left")
            }
            Self::OneOutput => write!(
                f,
                "overwritten instead of accumulated: where an element reaches several outputs, one of them is left"
            ),
            Self::Read(how) => write!(f, "{}: it is the right gradient {how}", kind(*how)),
            Self::Operand(i, how) => write!(f, "{}: right for operand {i} {how}", kind(*how)),
            Self::Cotangent(Variation::Ones) => {
                write!(f, "missing term: the cotangent is not multiplied in")
            }
            Self::Cotangent(how) => write!(f, "{}: right for the cotangent {how}", kind(*how)),
            Self::Border(d) => {
                write!(f, "off by one at the border: wrong only in the first or last place of dimension {d}")
            }
            Self::Inside => write!(
                f,
                "overwritten instead of accumulated: right at the border, where few terms meet, wrong inside"
            ),
            Self::Holes => write!(f, "missing term: right where anything flows, zero elsewhere"),
        }
    }
}

/// The kind of mistake that reads an array so.
fn kind(how: Variation) -> &'static str {
    match how {
        Variation::Transposed(..) | Variation::Turned => "transpose",
        Variation::Shifted(..) => "off by one",
        Variation::Without(..) => "missing term, off by one at the border",
        Variation::FirstForAll(_) => "overwritten",
        Variation::Ones => "missing factor",
    }
}
