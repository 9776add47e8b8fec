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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Linear, Tanh};
    use ferrotape_autograd::{Params, Tape};

    /// Lines in this crate are those of layers: which of them it is, the module says.
    #[test]
    fn instructions_and_refusals_name_the_module() {
        let params = Params::seeded(1);
        let inner: Sequential = vec![Box::new(Linear::new(&params, "a", 4, 3)), Box::new(Tanh)];
        let model: Sequential = vec![Box::new(Tanh), Box::new(inner)];
        let tape = Tape::recording(&params);
        let loss = model.forward(tape.feed([2, 4])).sum();
        loss.backward();
        let code = tape.code();
        let of = |op: &str| {
            let found = code.instructions().iter().find(|i| i.name() == op);
            found.unwrap_or_else(|| panic!("no {op}")).module.as_deref()
        };
        assert_eq!(of("tanh"), Some("0 (Tanh)"));
        assert_eq!(of("linear"), Some("1 (Sequential) / 0 (Linear)"));
        assert_eq!((of("linear_wgrad"), of("sum")), (of("linear"), None));

        let refused = std::panic::catch_unwind(|| {
            let params = Params::seeded(1);
            let model: Sequential = vec![Box::new(Tanh), Box::new(Linear::new(&params, "b", 4, 3))];
            model.forward(Tape::recording(&params).feed([2, 5]));
        });
        let text = *refused.unwrap_err().downcast::<String>().unwrap();
        assert!(text.ends_with("\n  in module 1 (Linear)"), "{text}");
    }
}
