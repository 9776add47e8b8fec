//! A training can be stopped after any step and gone on with: the same bits, the same records.
//!
//! Alone in its process, because its Ctrl-C is never taken back.
#![cfg(unix)]
mod support;

use ferrotape_autograd::{Device, Input, Params, Source};
use ferrotape_data::Cifar10;
use ferrotape_experiments::{
    interrupt,
    progress::{Mode, Progress},
    train::{History, Protocol, Splits, train},
};
use ferrotape_nn::{
    Adam,
    models::{Layer, Network, Variant},
};
use std::sync::Arc;

const NETWORK: Network =
    Network { name: "mlp", layers: &[Layer::Fc { units: 16, bias: true }, Layer::Act, Layer::Dropout(0.3)] };

/// 86 images: batches of nine, and a last one of five.
fn splits() -> Splits {
    let set = Cifar10::open(support::data()).unwrap();
    let (source, test): (Arc<dyn Source>, Arc<dyn Source>) = (set.train(), set.test());
    Splits { source, test, train: (0..86).collect(), validation: (86..100).collect(), input: Input::Rgb }
}

/// Goes on with `params` up to the end of the second epoch, or Ctrl-C.
fn go_on(params: &Params, model: &ferrotape_nn::Sequential, data: &Splits) -> History {
    let protocol = Protocol { epochs: 2, batch: 9, eval_every: 3 };
    let mut progress = Progress::new(20, 9, "mlp", Mode::Quiet);
    train(model, params, Adam::default(), data, &protocol, &Device::Cpu, &mut progress).unwrap()
}

#[test]
fn a_training_in_single_steps_is_the_same_training() {
    let data = splits();
    let fresh = || {
        let params = Params::seeded(4);
        let model = NETWORK.build(&params, &Variant::default());
        (params, model)
    };
    let (params, model) = fresh();
    let mut state = params.snapshot();
    let whole = go_on(&params, &model, &data);
    assert_eq!((whole.steps, whole.loss.len(), whole.interrupted), (20, 6, false));

    // From now on each call makes one step and is interrupted.
    interrupt::install().unwrap();
    signal_hook::low_level::raise(signal_hook::consts::SIGINT).unwrap();
    let (mut loss, mut val_acc) = (Vec::new(), Vec::new());
    for step in 1..=20 {
        let (params, model) = fresh();
        params.restore(state);
        let part = go_on(&params, &model, &data);
        assert_eq!((part.steps, part.interrupted, params.cursor()), (step, step < 20, step));
        loss.extend(part.loss);
        val_acc.extend(part.val_acc);
        state = params.snapshot();
    }
    assert_eq!((loss, val_acc), (whole.loss, whole.val_acc));
    let (again, _) = fresh();
    again.restore(state);
    assert_eq!(again.digest(), params.digest());
}
