//! burn 0.22 on burn-flex, its CPU backend in Rust, with the AVX-512 kernels of `gemm`.
use burn::{
    module::Module,
    nn::{
        Linear, LinearConfig,
        conv::{Conv2d, Conv2dConfig},
        loss::CrossEntropyLossConfig,
        pool::MaxPool2dConfig,
    },
    optim::{AdamConfig, GradientsParams},
    tensor::{Device, Int, Tensor, TensorData, activation::relu},
};
use common::{BATCH, Layer, NETWORKS, images, labels, report};

#[derive(Module, Debug)]
struct Network {
    convolutions: Vec<Conv2d>,
    linears: Vec<Linear>,
}

impl Network {
    fn new(layers: &[Layer], device: &Device) -> Self {
        let mut network = Self { convolutions: Vec::new(), linears: Vec::new() };
        for layer in layers {
            match *layer {
                Layer::Conv(from, to, k) => {
                    network.convolutions.push(Conv2dConfig::new([from, to], [k, k]).init(device))
                }
                Layer::Fc(from, to) => network.linears.push(LinearConfig::new(from, to).init(device)),
                Layer::Relu | Layer::Pool => {}
            }
        }
        network
    }

    fn forward(&self, layers: &[Layer], mut x: Tensor<4>) -> Tensor<2> {
        let mut convolutions = self.convolutions.iter();
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        let is_linear = |layer: &&Layer| matches!(layer, Layer::Fc(..));
        let first = layers.iter().position(|layer| is_linear(&layer)).expect("a prediction layer");
        for layer in &layers[..first] {
            x = match layer {
                Layer::Conv(..) => convolutions.next().expect("one a layer").forward(x),
                Layer::Relu => relu(x),
                _ => pool.forward(x),
            };
        }
        let mut x: Tensor<2> = x.flatten(1, 3);
        for (k, linear) in self.linears.iter().enumerate() {
            x = linear.forward(if k > 0 { relu(x) } else { x });
        }
        x
    }
}

fn main() {
    let device = Device::flex().autodiff();
    let x = Tensor::<4>::from_data(TensorData::new(images(), [BATCH, 3, 32, 32]), &device);
    let y: Vec<i64> = labels().map(i64::from).collect();
    let y = Tensor::<1, Int>::from_data(TensorData::new(y, [BATCH]), &device);
    for (name, layers) in NETWORKS {
        let mut model = Some(Network::new(layers, &device));
        let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
        let loss = CrossEntropyLossConfig::new().init(&device);
        report("burn 0.22.0 flex", name, || {
            let network = model.take().expect("returned below");
            let loss = loss.forward(network.forward(layers, x.clone()), y.clone());
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            model = Some(adam.step(1e-3, network, gradients));
            loss.into_scalar::<f32>()
        });
    }
}
