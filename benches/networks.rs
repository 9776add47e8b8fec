//! The networks of the homework as work to measure: their steps, their passes, their convolutions, their FLOPs.
use ferrotape_autograd::{Feed, Layout, Params, Tape, Var};
use ferrotape_kernels::conv2d::Conv2d;
use ferrotape_nn::{
    Adam, Module, Sequential, Step,
    models::{Layer, Network, TABLE_A, TABLE_B, Variant},
};
use std::{collections::HashSet, fmt, ops::Range, str::FromStr};

/// Images of a training batch.
pub const BATCH: usize = 50;
/// Images of a validation pass.
pub const VALIDATION: usize = 5000;

/// Images of a batch in a validation pass, as the experiments take them.
pub const VALIDATION_BATCH: usize = 250;

/// What the networks look at.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Table A on RGB images of 32x32.
    Rgb,
    /// Table A on gray images of 32x32.
    Gray,
    /// Table B on gray images of 28x28.
    Fashion,
}

impl Input {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rgb, Self::Gray, Self::Fashion];

    /// Its name in rows and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rgb => "rgb",
            Self::Gray => "gray",
            Self::Fashion => "fashion",
        }
    }

    /// The networks for it.
    pub const fn table(self) -> &'static [Network] {
        match self {
            Self::Rgb | Self::Gray => TABLE_A,
            Self::Fashion => TABLE_B,
        }
    }

    /// Channels, height, width.
    pub const fn image(self) -> [usize; 3] {
        match self {
            Self::Rgb => [3, 32, 32],
            Self::Gray => [1, 32, 32],
            Self::Fashion => [1, 28, 28],
        }
    }

    /// The network `name` for this input, with parameters of its own.
    ///
    /// # Errors
    /// If the table has no such network.
    pub fn network(self, name: &str) -> Result<(Params, Sequential, Work), String> {
        let network = Network::find(self.table(), name).ok_or_else(|| format!("no network {name}"))?;
        let params = Params::seeded(0);
        let model = network.build(&params, &Variant { image: self.image(), ..Variant::default() });
        Ok((params, model, Work::of(&network, self.image())))
    }

    /// The convolutions of its table for a batch, each size once, in the order of the table.
    pub fn convolutions(self) -> Vec<Conv2d> {
        let mut seen = HashSet::new();
        let all = self.table().iter().flat_map(|n| layers(n, self.image()).0);
        all.filter(|s| seen.insert(*s)).collect()
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Input {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|i| i.name() == s);
        found.ok_or_else(|| format!("unknown input {s}, expected rgb, gray or fashion"))
    }
}

/// `16to8_k5_30`: channels, kernel, input size.
pub fn conv_name(s: &Conv2d) -> String {
    format!("{}to{}_k{}_{}", s.ci, s.co, s.kh, s.h)
}

/// The convolution that [`conv_name`] calls so, for `n` images.
pub fn conv_of(name: &str, n: usize) -> Option<Conv2d> {
    let numbers: Vec<usize> =
        name.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    let [ci, co, k, size] = numbers[..] else { return None };
    Some(Conv2d { n, ci, h: size, w: size, co, kh: k, kw: k, stride: 1, padding: 0 })
}

/// FLOPs of one image in convolutions and linear layers; what else there is does not count.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Forward.
    pub forward: u64,
    /// Forward and both gradients; the first layer has no input gradient.
    pub step: u64,
    /// Order in which the network likes its images: channels innermost where it begins with a convolution.
    pub layout: Layout,
}

impl Work {
    fn of(network: &Network, image: [usize; 3]) -> Self {
        let (convolutions, linears) = layers(network, image);
        let conv = convolutions.iter().map(|s| s.flops() / BATCH as u64);
        let linear = linears.iter().map(|[fan_in, units]| 2 * (fan_in * units) as u64);
        let flops: Vec<u64> = conv.chain(linear).collect();
        let forward = flops.iter().sum();
        let layout = if convolutions.is_empty() { Layout::Rows } else { Layout::Nhwc };
        Self { forward, step: 3 * forward - flops[0], layout }
    }
}

/// The convolutions, at batch size [`BATCH`], and (fan-in, units) of the linear layers, the prediction's included.
fn layers(network: &Network, [mut c, mut h, mut w]: [usize; 3]) -> (Vec<Conv2d>, Vec<[usize; 2]>) {
    let (mut convolutions, mut linears) = (Vec::new(), Vec::new());
    for layer in network.layers.iter().chain(&[Layer::Fc { units: 10, bias: true }]) {
        match *layer {
            Layer::Conv { kernel: k, channels } => {
                let (n, co) = (BATCH, channels);
                convolutions.push(Conv2d { n, ci: c, h, w, co, kh: k, kw: k, stride: 1, padding: 0 });
                (c, h, w) = (channels, h + 1 - k, w + 1 - k);
            }
            Layer::Pool => (h, w) = (h / 2, w / 2),
            Layer::Fc { units, .. } => {
                linears.push([c * h * w, units]);
                (c, h, w) = (units, 1, 1);
            }
            Layer::Act | Layer::Dropout(_) => {}
        }
    }
    (convolutions, linears)
}

/// Images and labels in memory.
#[derive(Debug)]
pub struct Images {
    x: Vec<f32>,
    labels: Vec<u32>,
    size: usize,
}

impl Images {
    /// `count` images of this kind.
    pub fn new(input: Input, count: usize) -> Self {
        let size = input.image().iter().product();
        Self { x: crate::values(count * size), labels: (0..count as u32).map(|i| i % 10).collect(), size }
    }

    /// Some of them, as a program takes them.
    pub fn feeds(&self, r: Range<usize>) -> [Feed<'_>; 2] {
        [Feed::Real(&self.x[r.start * self.size..r.end * self.size]), Feed::U32(&self.labels[r])]
    }

    /// The values of all.
    pub fn values(&self) -> &[f32] {
        &self.x
    }

    /// The labels of all.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }
}

/// Forward, loss, backward and Adam, appended to the tape of the operands.
pub fn record_step<'t>(model: &Sequential, x: Var<'t>, labels: Var<'t>) -> Var<'t> {
    let loss = model.forward(x).cross_entropy(labels);
    loss.backward().step(Adam::default());
    loss
}

/// The training step of a network, its inputs [`Images::feeds`], its output the loss.
pub fn training(
    model: Sequential,
    layout: Layout,
    [c, h, w]: [usize; 3],
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>> {
    Step::new(move |tape, n| vec![record_step(&model, tape.feed_in([n, c, h, w], layout), tape.feed_u32(n))])
}

/// The forward pass of a network: logits, and how many are right.
pub fn evaluation(
    model: Sequential,
    layout: Layout,
    [c, h, w]: [usize; 3],
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>> {
    Step::evaluation(move |tape, n| {
        vec![model.forward(tape.feed_in([n, c, h, w], layout)).count_correct(tape.feed_u32(n))]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts of the notes: MFLOP an image and a step of 50.
    #[test]
    fn work() {
        let work = |name| Work::of(&Network::find(TABLE_A, name).expect("known"), [3, 32, 32]);
        let mega = |flops: u64| (flops * BATCH as u64) as f64 / 1e6;
        assert!((mega(work("mlp_1").forward) - 9.9).abs() < 0.1);
        assert!((mega(work("cnn_3").forward) - 286.1).abs() < 0.1);
        assert!((mega(work("cnn_3").step) - 819.4).abs() < 0.1);
        assert!((mega(work("cnn_5").step) - 834.1).abs() < 0.1);
    }

    #[test]
    fn names_of_convolutions_read_back() {
        for input in Input::ALL {
            let all = input.convolutions();
            assert!(all.len() > 8 && all.iter().all(|s| conv_of(&conv_name(s), BATCH) == Some(*s)));
        }
        assert_eq!(conv_of("nonsense", 1), None);
    }
}
