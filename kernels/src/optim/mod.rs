//! Update rules: how a step moves the parameters along their gradient. The semantics are those of PyTorch:
//! constants are computed in f64 and rounded once.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;

/// Stochastic gradient descent with momentum and L2 weight decay; both may be 0.
#[derive(Copy, Clone, Debug, PartialEq, Default)]
pub struct Sgd {
    /// Share of the last direction that is kept.
    pub momentum: f64,
    /// This times the parameter is added to its gradient.
    pub weight_decay: f64,
}

/// Adam: steps scaled by running averages of the gradient and of its square.
///
/// Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Adam {
    /// Decay of the average gradient.
    pub beta1: f64,
    /// Decay of the average squared gradient.
    pub beta2: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// This times the parameter is added to its gradient (the L2 form, not AdamW's).
    pub weight_decay: f64,
}

impl Adam {
    /// The bias corrections `1 - beta1^step` and `1 - beta2^step`, for `step` counted from 1.
    pub fn corrections(&self, step: u64) -> [f64; 2] {
        [self.beta1, self.beta2].map(|beta| 1.0 - beta.powf(step as f64))
    }
}

/// The values of the paper: 0.9, 0.999, 1e-8, no weight decay.
impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.0 }
    }
}
