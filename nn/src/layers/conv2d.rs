//! The convolutional layer.
use super::bias_operand;
use crate::{LayerOptions, Module};
use ferrotape_autograd::{Layout, ParamId, Params, Var};

/// 2-D convolution (cross-correlation): x (N, C_in, H, W) -> (N, C_out, oh, ow).
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # use ferrotape_nn::{Conv2d, Module};
/// let params = Params::seeded(7);
/// let layer = Conv2d::new(&params, "0", [3, 16], 3).padding(1);
/// let tape = Tape::recording(&params);
/// let x = tape.feed([50, 3, 32, 32]);
/// assert_eq!(layer.forward(x).shape().to_vec(), [50, 16, 32, 32]);
/// assert_eq!(layer.stride(2).forward(x).shape().to_vec(), [50, 16, 16, 16]);
/// ```
#[derive(Clone, Debug)]
pub struct Conv2d {
    weight: ParamId,
    bias: Option<ParamId>,
    channels: [usize; 2],
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Conv2d {
    /// A layer with bias, stride 1 and no padding, whose parameters are `name.weight` and `name.bias`, initialised
    /// as PyTorch does. `channels` is (in, out), `kernel` the side of the square kernel.
    ///
    /// # Panics
    /// If a name is taken.
    #[track_caller]
    pub fn new(params: &Params, name: &str, channels: [usize; 2], kernel: usize) -> Self {
        Self::with(params, name, channels, kernel, LayerOptions::default())
    }

    /// The same, with or without bias, and initialised as told.
    ///
    /// # Panics
    /// If a name is taken.
    #[track_caller]
    pub fn with(
        params: &Params,
        name: &str,
        channels: [usize; 2],
        kernel: usize,
        options: LayerOptions,
    ) -> Self {
        let [ci, co] = channels;
        let (w, b) = options.draw(params, ci * kernel * kernel, co);
        let weight = params.add(&format!("{name}.weight"), [co, ci, kernel, kernel], Layout::Hwio, &w);
        let bias = options.bias.then(|| params.add(&format!("{name}.bias"), [co], Layout::Rows, &b));
        Self { weight, bias, channels, kernel, stride: 1, padding: 0 }
    }

    /// The same layer with another stride.
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// The same layer with zeros around its input.
    pub fn padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// The weight (C_out, C_in, k, k).
    pub fn weight(&self) -> ParamId {
        self.weight
    }
}

impl Module for Conv2d {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        let tape = x.tape();
        let bias = bias_operand(tape, self.bias, self.channels[1]);
        x.conv2d(tape.param(self.weight), bias, self.stride, self.padding)
    }

    fn describe(&self) -> String {
        let ([ci, co], k) = (self.channels, self.kernel);
        let mut text = format!("Conv2d({ci}, {co}, {k}x{k}");
        if self.stride != 1 {
            text += &format!(", stride {}", self.stride);
        }
        if self.padding != 0 {
            text += &format!(", padding {}", self.padding);
        }
        if self.bias.is_none() {
            text += ", no bias";
        }
        text + ")"
    }

    fn params(&self) -> Vec<ParamId> {
        [Some(self.weight), self.bias].into_iter().flatten().collect()
    }
}
