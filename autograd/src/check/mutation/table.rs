//! All cards, spoilt.
use super::{Mutant, Mutation, mutants};
use crate::{
    Params, Tape,
    card::{Card, Case, Family},
    ops::CARDS,
};
use std::collections::BTreeMap;

/// One mutation of one operation in the gradients of a card's cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The card.
    pub card: &'static str,
    /// The operation that was spoilt.
    pub op: &'static str,
    /// How.
    pub mutation: Mutation,
    /// How often: in how many cases and instructions.
    pub spoilt: usize,
    /// How often dual numbers noticed.
    pub exact: usize,
    /// How often finite differences noticed.
    pub finite: usize,
    /// How often, in a case with square shapes, we noticed, and a comparison of the gradients of a sum did not.
    pub passes_ones: usize,
}

impl Row {
    /// Whether one of the card's cases notices.
    pub fn killed(&self) -> bool {
        self.exact + self.finite > 0
    }

    /// Why it need not be noticed, if that is so.
    pub fn proof(&self) -> Option<&'static str> {
        let fits = |e: &&Equivalent| {
            e.card.is_none_or(|card| card == self.card) && e.op == self.op && (e.mutation)(self.mutation)
        };
        EQUIVALENT.iter().find(fits).map(|e| e.proof)
    }
}

/// A mutation that computes the same.
struct Equivalent {
    /// In this card's cases, or in all.
    card: Option<&'static str>,
    op: &'static str,
    mutation: fn(Mutation) -> bool,
    proof: &'static str,
}

/// What no case can notice, and why.
const EQUIVALENT: [Equivalent; 5] = [
    Equivalent {
        card: None,
        op: "expand",
        mutation: |m| matches!(m, Mutation::Transposed(..)),
        proof: "every element is the same number",
    },
    Equivalent {
        card: Some("mean"),
        op: "relayout",
        mutation: |m| matches!(m, Mutation::Transposed(..)),
        proof: "its operand comes from `expand`: every element is the same number",
    },
    Equivalent {
        card: Some("sum"),
        op: "relayout",
        mutation: |m| matches!(m, Mutation::Transposed(..)),
        proof: "its operand comes from `expand`: every element is the same number",
    },
    Equivalent {
        card: None,
        op: "l2_norm_grad",
        mutation: |m| matches!(m, Mutation::Swapped(0, _)),
        proof: "only for one element have they one type: dy x / |x|, where x and dy commute, and x / |x| = |x| / x",
    },
    Equivalent {
        card: None,
        op: "sum_of_squares_grad",
        mutation: |m| matches!(m, Mutation::Swapped(..)),
        proof: "only for one element have they one type: 2 x dy, which commutes",
    },
];

/// Spoils the gradient of every case of every card in every way.
pub fn of_cards() -> Vec<Row> {
    let mut rows = BTreeMap::<(&str, &str, Mutation), Row>::new();
    for card in CARDS {
        for case in (card.cases)().iter().filter(|case| case.differentiable) {
            for mutant in of_case(case) {
                let Mutant { op, mutation, .. } = mutant;
                let row = rows.entry((card.name, op, mutation)).or_insert_with(|| Row::new(card, &mutant));
                row.spoilt += 1;
                row.exact += usize::from(mutant.exact);
                row.finite += usize::from(mutant.finite);
                let quiet = case.family == Family::Square && mutant.killed() && !mutant.ones;
                row.passes_ones += usize::from(quiet);
            }
        }
    }
    rows.into_values().collect()
}

impl Row {
    fn new(card: &Card, mutant: &Mutant) -> Self {
        let (card, op, mutation) = (card.name, mutant.op, mutant.mutation);
        Self { card, op, mutation, spoilt: 0, exact: 0, finite: 0, passes_ones: 0 }
    }
}

fn of_case(case: &Case) -> Vec<Mutant> {
    let params = Params::seeded(1);
    let tape = Tape::training(&params);
    let x = case.inputs(&tape, 2);
    let y = (case.body)(&tape, &x);
    if y.needs_grad() { mutants(&x, y, 3) } else { Vec::new() }
}
