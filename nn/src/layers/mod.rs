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

use ferrotape_autograd::{ParamId, Shape, Tape, Var, ops::Fill};

/// The bias as an operand: the parameter, or zeros that need no gradient.
fn bias_operand<'t>(tape: &'t Tape<'t>, bias: Option<ParamId>, len: usize) -> Var<'t> {
    match bias {
        Some(b) => tape.param(b),
        None => tape.apply(Fill::new(0.0, Shape::from([len])), &[]),
    }
}
