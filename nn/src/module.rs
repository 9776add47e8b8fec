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

/// Modules one after another.
///
/// ```
/// # use ferrotape_autograd::Params;
/// # use ferrotape_nn::{Linear, Module, Relu, Sequential};
/// let params = Params::seeded(7);
/// let (first, last) = (Linear::new(&params, "0", 8, 4), Linear::new(&params, "2", 4, 3));
/// let model: Sequential = vec![Box::new(first), Box::new(Relu), Box::new(last)];
/// let names: Vec<_> = model.params().iter().map(|&p| params.info(p).name).collect();
/// assert_eq!(names, ["0.weight", "0.bias", "2.weight", "2.bias"]);
/// ```
pub type Sequential = Vec<Box<dyn Module>>;

impl Module for Sequential {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        self.iter().fold(x, |x, module| module.forward(x))
    }

    fn describe(&self) -> String {
        format!("Sequential of {} modules", self.len())
    }

    fn params(&self) -> Vec<ParamId> {
        self.iter().flat_map(|module| module.params()).collect()
    }
}
