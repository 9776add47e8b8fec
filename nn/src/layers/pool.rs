//! Layers that change shape and have no parameters.
use crate::Module;
use ferrotape_autograd::Var;

/// Max-pooling over square windows.
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
