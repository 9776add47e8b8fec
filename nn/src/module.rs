//! Modules: what has parameters and maps a variable to a variable.
use ferrotape_autograd::{ParamId, Var};

/// A part of a network.
///
/// Whether this is training or evaluation is the tape's to say ([`Tape::is_training`]), never the module's.
///
/// [`Tape::is_training`]: ferrotape_autograd::Tape::is_training
pub trait Module {
    /// Appends this module's operations to the tape of `x`.
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t>;

    /// What it is, for summaries: `Linear(3072, 32)`.
    fn describe(&self) -> String;

    /// Its parameters, in the order of its state dict.
    fn params(&self) -> Vec<ParamId> {
        Vec::new()
    }
}

/// Modules one after another. On the tape, what they append is named after number and kind: `4 (Linear)`.
pub type Sequential = Vec<Box<dyn Module>>;

impl Module for Sequential {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        self.iter().enumerate().fold(x, |x, (k, module)| {
            let kind = module.describe();
            let kind = kind.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            x.tape().within(&format!("{k} ({kind})"), || module.forward(x))
        })
    }

    fn describe(&self) -> String {
        format!("Sequential of {} modules", self.len())
    }

    fn params(&self) -> Vec<ParamId> {
        self.iter().flat_map(|module| module.params()).collect()
    }
}
