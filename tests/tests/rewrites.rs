//! What the planner makes of a step, a piece at a time: fewer instructions, the same bits.
use ferrotape_autograd::{Adam, Device, Input, Params, Rewrites};
use ferrotape_nn::{
    Module, Step,
    models::{Activation, Layer, Network, TABLE_A, TABLE_B, Variant},
};
use ferrotape_tests::noise;

const PLANS: [Rewrites; 4] = [
    Rewrites::NONE,
    Rewrites { fuse: true, chain: false },
    Rewrites { fuse: false, chain: true },
    Rewrites::ALL,
];

/// Batches of twenty, so that chains have several chunks, and one smaller.
fn batches() -> [Vec<u32>; 3] {
    [(0..20).collect(), (20..40).collect(), (3..10).collect()]
}

/// Parameters after some steps and logits of the last batch, and how many instructions and chains the step has.
fn train(
    network: &Network,
    variant: &Variant,
    rewrites: Rewrites,
    threads: usize,
) -> (u64, Vec<u32>, usize, usize) {
    let [channels, ..] = variant.image;
    let (source, input) = (noise(40, [3, 32, 32]), if channels == 1 { Input::Gray } else { Input::Rgb });
    let device = Device::threads(threads).unwrap();
    let params = Params::seeded(3);
    let model = network.build(&params, variant);
    let mut step = Step::new(|tape, n| {
        let (x, labels) = tape.batch(&source, input, n);
        let loss = model.forward(x).cross_entropy(labels);
        loss.backward().step(Adam::default());
        vec![loss]
    })
    .on(device.clone())
    .planned(rewrites);
    batches().iter().for_each(|batch| _ = step.run(&params, batch).unwrap());
    let mut evaluate = Step::evaluation(|tape, n| vec![model.forward(tape.batch(&source, input, n).0)])
        .on(device)
        .planned(rewrites);
    let logits =
        evaluate.run(&params, &batches()[0]).unwrap().values(0).iter().map(|v| v.to_bits()).collect();
    let code = step.program(&params, 20).code();
    (params.digest(), logits, code.instructions().len(), code.chains().len())
}

fn check(network: &Network, variant: &Variant) {
    let [plain, fused, chained, all] = PLANS.map(|plan| train(network, variant, plan, 2));
    let name = network.name;
    for other in [&fused, &chained, &all] {
        assert_eq!((plain.0, &plain.1), (other.0, &other.1), "{name}: other bits");
    }
    if variant.activation == Activation::Relu {
        assert!(fused.2 < plain.2, "{name}: nothing is fused: {} instructions", plain.2);
    }
    let convolutions = network.layers.iter().filter(|layer| matches!(layer, Layer::Conv { .. })).count();
    if convolutions > 0 {
        assert_eq!([plain.3, fused.3], [0, 0]);
        assert!(all.3 > 0 && chained.3 > 0, "{name}: no chain");
        assert_eq!(all, train(network, variant, Rewrites::ALL, 7), "{name}: other bits on seven threads");
    }
}

#[test]
fn of_every_network() {
    TABLE_A.iter().chain(TABLE_B).for_each(|network| check(network, &Variant::default()));
}

/// The mask of an image is its own, whatever chunk it comes in.
#[test]
fn of_dropout_between_convolutions() {
    let conv = |kernel, channels| Layer::Conv { kernel, channels };
    let layers = [conv(3, 8), Layer::Act, Layer::Dropout(0.3), conv(5, 6), Layer::Dropout(0.2), Layer::Act];
    let network = Network { name: "dropout", layers: Box::leak(Box::new(layers)) };
    check(&network, &Variant::default());
}

#[test]
fn of_gray_images_and_another_activation() {
    let gray = Variant { image: [1, 32, 32], activation: Activation::Tanh, ..Variant::default() };
    TABLE_A.iter().for_each(|network| check(network, &gray));
}
