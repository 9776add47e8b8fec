//! A training can be stopped after any step and gone on with: the same bits, the same records.
//!
//! Alone in its process, because its Ctrl-C is never taken back.
#![cfg(unix)]
mod support;

use ferrotape_autograd::{Device, Input, Params, Source};
use ferrotape_data::Cifar10;
use ferrotape_experiments::{
    evaluate::Images,
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
    Network::new("mlp", &[Layer::Fc { units: 16, bias: true }, Layer::Act, Layer::Dropout(0.3)]);

/// 86 images: batches of nine, and a last one of five.
fn splits() -> Splits {
    let set = Cifar10::open(support::data()).unwrap();
    let source: Arc<dyn Source> = set.train();
    let some = |range: std::ops::Range<u32>| Images { source: source.clone(), indices: range.collect() };
    Splits { train: some(0..86), validation: some(86..100), test: Images::all(set.test()), input: Input::Rgb }
}

/// Goes on with `params` up to the end of the second epoch, or Ctrl-C.
fn go_on(params: &Params, model: &ferrotape_nn::Sequential, data: &Splits) -> History {
    let protocol = Protocol { epochs: 2, batch: 9, eval_every: 3, norms: true, ..Protocol::new(1e-3) };
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
    let (mut loss, mut val_acc, mut norms) = (Vec::new(), Vec::new(), Vec::new());
    for step in 1..=20 {
        let (params, model) = fresh();
        params.restore(state);
        let part = go_on(&params, &model, &data);
        assert_eq!((part.steps, part.interrupted, params.cursor()), (step, step < 20, step));
        loss.extend(part.loss);
        val_acc.extend(part.val_acc);
        norms.extend(part.norms[0].clone());
        state = params.snapshot();
    }
    assert_eq!((loss, val_acc, &norms), (whole.loss, whole.val_acc, &whole.norms[0]));
    assert!(norms.iter().all(|&n| n > 0.0));
    let (again, _) = fresh();
    again.restore(state);
    assert_eq!(again.digest(), params.digest());
}
