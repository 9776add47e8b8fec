//! The fully connected layer.
use super::bias_operand;
use crate::{LayerOptions, Module};
use ferrotape_autograd::{Layout, ParamId, Params, Var};

/// `y = x wᵀ + b`: x (N, fan_in), w (fan_out, fan_in), b (fan_out).
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # use ferrotape_nn::{Linear, Module};
/// let params = Params::seeded(7);
/// let layer = Linear::new(&params, "fc", 4, 3);
/// assert_eq!(params.info(layer.weight()).name, "fc.weight");
/// // Of zeros it makes its bias, row by row.
/// let tape = Tape::inference(&params);
/// let y = layer.forward(tape.input([2, 4], &[0.; 8]));
/// assert_eq!(y.values(), params.values(params.id("fc.bias").unwrap()).repeat(2));
/// ```
#[derive(Clone, Debug)]
pub struct Linear {
    weight: ParamId,
    bias: Option<ParamId>,
    fan_in: usize,
    fan_out: usize,
}

impl Linear {
    /// A layer with bias whose parameters are `name.weight` and `name.bias`, initialised as PyTorch does.
    ///
    /// # Panics
    /// If a name is taken.
    #[track_caller]
    pub fn new(params: &Params, name: &str, fan_in: usize, fan_out: usize) -> Self {
        Self::with(params, name, fan_in, fan_out, LayerOptions::default())
    }

    /// The same, with or without bias, and initialised as told.
    ///
    /// # Panics
    /// If a name is taken.
    #[track_caller]
    pub fn with(params: &Params, name: &str, fan_in: usize, fan_out: usize, options: LayerOptions) -> Self {
        let (w, b) = options.draw(params, fan_in, fan_out);
        let weight = params.add(&format!("{name}.weight"), [fan_out, fan_in], Layout::InOut, &w);
        let bias = options.bias.then(|| params.add(&format!("{name}.bias"), [fan_out], Layout::Rows, &b));
        Self { weight, bias, fan_in, fan_out }
    }

    /// The weight (fan_out, fan_in).
    pub fn weight(&self) -> ParamId {
        self.weight
    }
}

impl Module for Linear {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        let tape = x.tape();
        x.linear(tape.param(self.weight), bias_operand(tape, self.bias, self.fan_out))
    }

    fn describe(&self) -> String {
        let bias = if self.bias.is_some() { "" } else { ", no bias" };
        format!("Linear({}, {}{bias})", self.fan_in, self.fan_out)
    }

    fn params(&self) -> Vec<ParamId> {
        [Some(self.weight), self.bias].into_iter().flatten().collect()
    }
}
