//! Layers that change shape and have no parameters.
use crate::Module;
use ferrotape_autograd::Var;

/// Max-pooling over square windows.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # use ferrotape_nn::{MaxPool2d, Module};
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let x = tape.input([1, 1, 2, 4], &[1., 5., 2., 2., 3., 4., 0., 2.]);
/// assert_eq!(MaxPool2d { kernel: 2, stride: 2 }.forward(x).values(), [5., 2.]);
/// ```
#[derive(Clone, Debug)]
pub struct MaxPool2d {
    /// Side of the window.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
}

impl Module for MaxPool2d {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        x.max_pool2d(self.kernel, self.stride)
    }

    fn describe(&self) -> String {
        let k = self.kernel;
        format!("MaxPool2d({k}x{k}, stride {})", self.stride)
    }
}

/// (N, C, H, W) to (N, C·H·W), in (c, h, w) order.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # use ferrotape_nn::{Flatten, Module};
/// # let params = Params::default();
/// let tape = Tape::recording(&params);
/// assert_eq!(Flatten.forward(tape.feed([50, 16, 3, 3])).shape().to_vec(), [50, 144]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Flatten;

impl Module for Flatten {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        x.flatten()
    }

    fn describe(&self) -> String {
        "Flatten".into()
    }
}
