//! The gradient of every network, by dual numbers and by finite differences: with respect to the images and to all
//! parameters at once.
use ferrotape_autograd::{Params, check::gradcheck};
use ferrotape_nn::{
    Module,
    models::{Activation, Network, TABLE_A, TABLE_B, Variant},
};

/// Checks the loss of two images of the least side that leaves a pixel for the prediction layer.
fn check(network: &Network, channels: usize, side: usize, activation: Activation) {
    let params = Params::seeded(5);
    let image = [channels, side, side];
    let model = network.build(&params, &Variant { image, activation, ..Variant::default() });
    let report = gradcheck(&params, &[&[2, channels, side, side]], |tape, x| {
        model.forward(x[0]).cross_entropy(tape.input_u32(&[3, 7]))
    });
    println!("{} {channels}x{side}x{side}\n{report}", network.name);
    report.assert_ok();
}

#[test]
fn fully_connected() {
    for (table, channels, side) in [(TABLE_A, 3, 32), (TABLE_B, 1, 28)] {
        for network in &table[..2] {
            check(network, channels, side, Activation::Relu);
        }
    }
}

#[test]
fn cnn_3() {
    check(&TABLE_A[2], 3, 22, Activation::Relu);
    check(&TABLE_B[2], 1, 20, Activation::Relu);
}

#[test]
fn cnn_4() {
    check(&TABLE_A[3], 3, 20, Activation::Relu);
    check(&TABLE_B[3], 1, 20, Activation::Relu);
}

#[test]
fn cnn_5() {
    check(&TABLE_A[4], 3, 20, Activation::Relu);
    check(&TABLE_B[4], 1, 20, Activation::Relu);
}

#[test]
fn other_activations() {
    for activation in [Activation::LeakyRelu, Activation::Sigmoid, Activation::Tanh] {
        check(&TABLE_A[1], 1, 8, activation);
    }
}
