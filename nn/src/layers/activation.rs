//! Activations as layers.
use crate::Module;
use ferrotape_autograd::Var;

macro_rules! activation {
    ($(#[$doc:meta])* $name:ident => $method:ident) => {
        $(#[$doc])*
        #[derive(Copy, Clone, Debug, Default)]
        pub struct $name;

        impl Module for $name {
            fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
                x.$method()
            }

            fn describe(&self) -> String {
                stringify!($name).into()
            }
        }
    };
}

activation! {
    /// max(0, x).
    Relu => relu
}
activation! {
    /// 1 / (1 + e^-x).
    Sigmoid => sigmoid
}
activation! {
    /// (e^2x - 1) / (e^2x + 1).
    Tanh => tanh
}

/// x where x > 0, else `slope` · x.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # use ferrotape_nn::{LeakyRelu, Module, Relu};
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let x = tape.input([2], &[-2., 3.]);
/// assert_eq!(LeakyRelu { slope: 0.25 }.forward(x).values(), [-0.5, 3.]);
/// assert_eq!(Relu.forward(x).values(), [0., 3.]);
/// ```
#[derive(Copy, Clone, Debug)]
pub struct LeakyRelu {
    /// Slope below 0; PyTorch's default is 0.01.
    pub slope: f64,
}

impl Module for LeakyRelu {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        x.leaky_relu(self.slope)
    }

    fn describe(&self) -> String {
        format!("LeakyRelu({})", self.slope)
    }
}
