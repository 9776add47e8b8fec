//! Part 3: architectures.
mod generalisation;
mod structure;
mod weights;

use super::question;
use crate::report::{document::Question, facts::architectures, load::Results};

/// Differences of accuracies that a second run could turn round, in points.
const TIE: f64 = 1.0;

/// All questions of the part.
pub fn answers(results: &Results) -> Vec<Question> {
    let all = &architectures(results)[..];
    let (weights, details) = (weights::answers(all, results), &results.part3);
    let [interpretable, specialised, most] = weights;
    vec![
        question("What is generalisation performance?", generalisation::what(all)),
        question("Which of the plots show it?", generalisation::plots(all)),
        question("How do the architectures compare in generalisation?", generalisation::compare(all)),
        question("What is the effect of the number of parameters?", structure::parameters(all)),
        question("What is the effect of depth?", structure::depth(all)),
        question("Are the pictures of the weights interpretable?", interpretable),
        question("Are units specialised to classes?", specialised),
        question("Which architecture's weights are most interpretable?", most),
        question(
            "What structures do the networks have, which are akin, and how do like and unlike ones perform?",
            structure::kin(all),
        ),
        question("Which one to pick, and why?", structure::pick(all, details)),
    ]
}
