//! A training ends at the step whose gradient is not finite, though its loss is.
mod support;

use ferrotape_autograd::{Device, Input, Params, Var};
use ferrotape_data::Cifar10;
use ferrotape_experiments::{
    evaluate::Images,
    progress::{Mode, Progress},
    train::{Protocol, Splits, train},
};
use ferrotape_nn::{
    Module, Sgd,
    models::{Layer, Network, Variant},
};

/// Multiplies by one in a way that the gradient's numbers do not survive.
struct Tiny;

impl Module for Tiny {
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        // Forwards it gets small and large again; backwards large first: 1e42 is more than `f32` holds.
        x.scale(1e-21).scale(1e-21).scale(1e21).scale(1e21)
    }

    fn describe(&self) -> String {
        "Tiny".into()
    }
}

#[test]
fn the_step_of_the_gradient() {
    let set = Cifar10::open(support::data()).unwrap();
    let images = || Images { source: set.train(), indices: (0..40).collect() };
    let data = Splits { train: images(), validation: images(), test: images(), input: Input::Rgb };
    let params = Params::seeded(1);
    let network = Network::new("mlp", &[Layer::Fc { units: 4, bias: true }]);
    let mut model = network.build(&params, &Variant::default());
    let before = params.digest();
    // The last layer, the prediction, is the only one whose gradient does not come through `Tiny`.
    model.insert(model.len() - 1, Box::new(Tiny));
    let protocol = Protocol { epochs: 1, batch: 5, eval_every: 4, ..Protocol::new(1e-3) };
    let mut progress = Progress::new(8, 5, "mlp", Mode::Quiet);
    let history =
        train(&model, &params, Sgd::default(), &data, &protocol, &Device::Cpu, &mut progress).unwrap();
    assert_eq!((history.diverged_at, history.loss.len()), (Some(1), 0), "not at the record after four steps");
    assert_eq!(params.digest(), before, "the store is put back");
    let by = history.diverged_by.expect("the instruction");
    let words = ["scale (backward, ", file!(), ", module 2 (Tiny))"];
    assert!(words.iter().all(|word| by.contains(word)), "{by}");
}
