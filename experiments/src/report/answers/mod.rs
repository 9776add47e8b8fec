//! The homework's questions, answered from this run's results; what needs no numbers is answered from the textbook.
//!
//! An answer is made of sentences that hold for the facts at hand: where networks compare the other way round, another
//! sentence is written. Where a result is absent, the answer says so.

pub mod part1;
pub mod part2;
pub mod part3;
pub mod part4;
pub mod part5;

use super::document::Question;

/// What an answer says of numbers that are absent.
pub const NOT_RUN: &str = "Not run: there is no result to answer this from.";

/// A question with its answer, paragraph by paragraph; an empty answer is [`NOT_RUN`].
fn question(question: &str, answer: impl IntoIterator<Item = String>) -> Question {
    let mut answer: Vec<String> = answer.into_iter().filter(|paragraph| !paragraph.is_empty()).collect();
    if answer.is_empty() {
        answer.push(NOT_RUN.into());
    }
    Question { question: question.into(), answer }
}
