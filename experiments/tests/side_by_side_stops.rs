//! Ctrl-C ends all trainings that stand side by side after the same step, where each would have ended alone.
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
    train::{History, Protocol, Splits, Trainee, train_side_by_side},
};
use ferrotape_nn::{
    Adam,
    models::{Layer, Network, Variant},
};
use std::sync::Arc;

const NETWORK: Network = Network::new("mlp", &[Layer::Fc { units: 4, bias: true }, Layer::Act]);

/// Trainings of these seeds.
fn histories(seeds: std::ops::Range<u64>, data: &Splits, device: &Device) -> Vec<(History, u64, u64)> {
    let protocol = Protocol { epochs: 2, batch: 9, eval_every: 3, ..Protocol::new(1e-3) };
    let build = |seed| {
        let params = Params::seeded(seed);
        let model = NETWORK.build(&params, &Variant::default());
        (params, model)
    };
    let all: Vec<_> = seeds.map(build).collect();
    let trainee =
        |(params, model)| Trainee { model, params, rate: &protocol.rate, begun: None, checkpoints: None };
    let trainees: Vec<_> = all.iter().map(|(params, model)| trainee((params, model))).collect();
    let mut progress = Progress::new(20, 9, "mlp", Mode::Quiet);
    let made =
        train_side_by_side(&trainees, Adam::default(), data, &protocol, device, &mut progress).unwrap();
    let left = |(history, (params, _)): (History, &(Params, _))| {
        (History { seconds: 0.0, ..history }, params.digest(), params.cursor())
    };
    made.into_iter().zip(&all).map(left).collect()
}

#[test]
fn all_end_after_the_same_step() {
    let set = Cifar10::open(support::data()).unwrap();
    let source: Arc<dyn Source> = set.train();
    let some = |range: std::ops::Range<u32>| Images { source: source.clone(), indices: range.collect() };
    let data = Splits {
        train: some(0..43),
        validation: some(86..100),
        test: Images::all(set.test()),
        input: Input::Rgb,
    };
    interrupt::install().unwrap();
    signal_hook::low_level::raise(signal_hook::consts::SIGINT).unwrap();
    let devices = [(Device::Cpu, 1)].into_iter();
    #[cfg(feature = "cuda")]
    let devices = devices.chain(ferrotape_autograd::check::gpu().map(|device| (device, 3)));
    for (device, steps) in devices {
        let together = histories(0..3, &data, &device);
        let alone: Vec<_> = (0..3).flat_map(|seed| histories(seed..seed + 1, &data, &device)).collect();
        assert_eq!(together, alone, "{device:?}");
        for (history, _, cursor) in &together {
            // What a GPU was given is finished: the steps up to the next record.
            assert_eq!((history.steps, *cursor, history.interrupted), (steps, steps, true));
            assert_eq!(history.loss.len() as u64, steps / 3);
        }
    }
}
