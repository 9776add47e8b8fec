//! Dropout.
use crate::Module;
use ferrotape_autograd::Var;

/// Inverted dropout: while training, each value is zeroed with probability `p` and the others are scaled by
/// 1 / (1 - p); an evaluation passes values through.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # use ferrotape_nn::{Dropout, Module};
/// # let params = Params::seeded(7);
/// let of = |tape: &Tape| Dropout { p: 0.5 }.forward(tape.input([100], &[1.; 100])).values();
/// assert!(of(&Tape::training(&params)).iter().all(|&y| y == 0. || y == 2.));
/// assert_eq!(of(&Tape::inference(&params)), [1.; 100]);
/// ```
#[derive(Clone, Debug)]
pub struct Dropout {
    /// Probability of zeroing, in 0..1.
    pub p: f64,
}

impl Module for Dropout {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        x.dropout(self.p)
    }

    fn describe(&self) -> String {
        format!("Dropout({})", self.p)
    }
}
