//! The networks of the homework, as data: tables A (2023, 2025) and B (2022).
mod tables;

pub use tables::{TABLE_A, TABLE_B};

use crate::{
    Conv2d, Dropout, Flatten, LayerOptions, LeakyRelu, Linear, MaxPool2d, Relu, Sequential, Sigmoid, Tanh,
};
use ferrotape_autograd::Params;
use std::{borrow::Cow, fmt, str::FromStr};

/// An activation function by name.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub enum Activation {
    /// max(0, x), the tables' own.
    #[default]
    Relu,
    /// x where x > 0, else 0.01 x.
    LeakyRelu,
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
}

impl Activation {
    const NAMES: [(&str, Self); 4] = [
        ("relu", Self::Relu),
        ("leaky_relu", Self::LeakyRelu),
        ("sigmoid", Self::Sigmoid),
        ("tanh", Self::Tanh),
    ];

    /// The layer.
    pub fn module(self) -> Box<dyn crate::Module> {
        match self {
            Activation::Relu => Box::new(Relu),
            Activation::LeakyRelu => Box::new(LeakyRelu { slope: 0.01 }),
            Activation::Sigmoid => Box::new(Sigmoid),
            Activation::Tanh => Box::new(Tanh),
        }
    }
}

impl FromStr for Activation {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == s);
        found
            .map(|(_, a)| *a)
            .ok_or_else(|| format!("unknown activation {s}, expected relu, leaky_relu, sigmoid or tanh"))
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, a)| a == self).map_or("", |(name, _)| name);
        f.pad(name)
    }
}

/// One line of a table.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Layer {
    /// Convolution with a square kernel of `kernel` and `channels` outputs, stride 1, no padding.
    Conv {
        /// Side of the kernel.
        kernel: usize,
        /// Output channels.
        channels: usize,
    },
    /// Fully connected; flattens its input where that is an image.
    Fc {
        /// Units.
        units: usize,
        /// Whether it has a bias.
        bias: bool,
    },
    /// The activation under test.
    Act,
    /// Max-pooling 2x2, stride 2.
    Pool,
    /// Dropout with this probability.
    Dropout(f64),
}

/// A network of a table: everything up to the prediction layer, which [`Network::build`] adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Its name, `cnn_3`.
    pub name: &'static str,
    /// Its layers.
    pub layers: Cow<'static, [Layer]>,
}

/// What varies between the editions.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Variant {
    /// Channels, height and width of the input.
    pub image: [usize; 3],
    /// Classes to predict.
    pub classes: usize,
    /// The activation.
    pub activation: Activation,
    /// Whether the prediction layer has a bias.
    pub prediction_bias: bool,
}

impl Default for Variant {
    /// The 2025 edition's: RGB images of 32x32, ten classes, ReLU, a bias in the prediction layer.
    fn default() -> Self {
        Self { image: [3, 32, 32], classes: 10, activation: Activation::Relu, prediction_bias: true }
    }
}

impl Network {
    /// A network of these layers.
    pub const fn new(name: &'static str, layers: &'static [Layer]) -> Self {
        Self { name, layers: Cow::Borrowed(layers) }
    }

    /// The network called `name` in `table`.
    pub fn find(table: &[Self], name: &str) -> Option<Self> {
        table.iter().find(|network| network.name == name).cloned()
    }

    /// Adds its parameters to `params`, named as `torch.nn.Sequential` names them (every module counts, those
    /// without parameters too), and returns the modules: the layers, then Flatten where needed, then the prediction
    /// layer.
    ///
    /// # Panics
    /// If a kernel or window does not fit what is left of the image, or a name is taken.
    #[track_caller]
    pub fn build(&self, params: &Params, variant: &Variant) -> Sequential {
        let mut b = Builder { params, image: Some(variant.image), width: 0, modules: Sequential::new() };
        for layer in self.layers.iter() {
            b.push(*layer, variant.activation);
        }
        b.push(Layer::Fc { units: variant.classes, bias: variant.prediction_bias }, variant.activation);
        b.modules
    }

    /// Numbers of the modules that are the activations, in what [`Network::build`] returns.
    pub fn activations(&self) -> Vec<usize> {
        let first_fc = self.layers.iter().position(|layer| matches!(layer, Layer::Fc { .. }));
        // The first fully connected layer comes with a Flatten before it.
        let module = |k: usize| k + usize::from(first_fc.is_some_and(|fc| fc <= k));
        (0..self.layers.len()).filter(|&k| self.layers[k] == Layer::Act).map(module).collect()
    }
}

/// Follows the shape through the layers.
struct Builder<'a> {
    params: &'a Params,
    /// Channels, height, width, until they are flattened.
    image: Option<[usize; 3]>,
    width: usize,
    modules: Sequential,
}

impl Builder<'_> {
    #[track_caller]
    fn push(&mut self, layer: Layer, activation: Activation) {
        match layer {
            Layer::Conv { kernel, channels } => {
                let [c, h, w] = self.image.expect("a convolution after a fully connected layer");
                assert!(
                    kernel <= h && kernel <= w,
                    "kernel {kernel}x{kernel} does not fit the {h}x{w} input"
                );
                let name = self.modules.len().to_string();
                self.modules.push(Box::new(Conv2d::new(self.params, &name, [c, channels], kernel)));
                self.image = Some([channels, h + 1 - kernel, w + 1 - kernel]);
            }
            Layer::Pool => {
                let [c, h, w] = self.image.expect("pooling after a fully connected layer");
                assert!(h >= 2 && w >= 2, "window 2x2 does not fit the {h}x{w} input");
                self.modules.push(Box::new(MaxPool2d { kernel: 2, stride: 2 }));
                self.image = Some([c, h / 2, w / 2]);
            }
            Layer::Fc { units, bias } => {
                if let Some([c, h, w]) = self.image.take() {
                    self.modules.push(Box::new(Flatten));
                    self.width = c * h * w;
                }
                let name = self.modules.len().to_string();
                let options = LayerOptions { bias, ..LayerOptions::default() };
                self.modules.push(Box::new(Linear::with(self.params, &name, self.width, units, options)));
                self.width = units;
            }
            Layer::Act => self.modules.push(activation.module()),
            Layer::Dropout(p) => self.modules.push(Box::new(Dropout { p })),
        }
    }
}
