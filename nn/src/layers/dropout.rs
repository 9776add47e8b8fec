//! Dropout.
use crate::Module;
use ferrotape_autograd::Var;

/// Inverted dropout: while training, each value is zeroed with probability `p` and the others are scaled by
/// 1 / (1 - p); an evaluation passes values through.
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
