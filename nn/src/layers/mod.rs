//! Layers.
mod activation;
mod conv2d;
mod dropout;
mod linear;
mod pool;

pub use activation::{LeakyRelu, Relu, Sigmoid, Tanh};
pub use conv2d::Conv2d;
pub use dropout::Dropout;
pub use linear::Linear;
pub use pool::{Flatten, MaxPool2d};

use crate::Init;
use ferrotape_autograd::{ParamId, Params, Shape, Tape, Var, ops::Fill};

/// What a layer with parameters may be told.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LayerOptions {
    /// Whether a bias is added.
    pub bias: bool,
    /// How its parameters start.
    pub init: Init,
}

impl Default for LayerOptions {
    /// PyTorch's: a bias, and [`Init::PyTorch`].
    fn default() -> Self {
        Self { bias: true, init: Init::default() }
    }
}

impl LayerOptions {
    /// Weights and biases of `units` with `fan_in` inputs each.
    fn draw(self, params: &Params, fan_in: usize, units: usize) -> (Vec<f32>, Vec<f32>) {
        self.init.draw(params, fan_in, units * fan_in, if self.bias { units } else { 0 })
    }
}

/// The bias as an operand: the parameter, or zeros that need no gradient.
fn bias_operand<'t>(tape: &'t Tape<'t>, bias: Option<ParamId>, len: usize) -> Var<'t> {
    match bias {
        Some(b) => tape.param(b),
        None => tape.apply(Fill::new(0.0, Shape::from([len])), &[]),
    }
}
