//! A step run as it is written, replayed, and replayed on any number of threads: the same bits.
use ferrotape_autograd::{Adam, Device, Error, Feed, Input, Params, Sgd, Tape, Update};
use ferrotape_nn::{
    Module, Sequential,
    models::{Layer, Network, TABLE_A, Variant},
};
use ferrotape_tests::{Task, eager, losses, noise};

/// What a training leaves behind.
#[derive(Debug, PartialEq)]
struct Trace {
    losses: Vec<u32>,
    digest: u64,
}

fn task(device: Device) -> Task {
    Task { source: noise(12, [3, 32, 32]), input: Input::Rgb, device }
}

/// Batches of four, and a smaller last one.
const BATCHES: [&[u32]; 4] = [&[0, 1, 2, 3], &[7, 6, 5, 4], &[8, 9, 10, 11], &[3, 1]];

/// The same training, run at once or replayed.
fn train(network: &Network, rule: impl Update + Clone, device: Device, replay: bool) -> Trace {
    let task = task(device);
    let params = Params::seeded(3);
    let model = network.build(&params, &Variant::default());
    let losses = match replay {
        true => losses(&task, &params, &model, rule, &BATCHES),
        false => BATCHES.iter().map(|batch| eager(&task, &params, &model, rule.clone(), batch)).collect(),
    };
    Trace { losses: losses.iter().map(|l| l.to_bits()).collect(), digest: params.digest() }
}

fn mlp_with_dropout() -> Network {
    Network::new("mlp", &[Layer::Fc { units: 32, bias: true }, Layer::Act, Layer::Dropout(0.5)])
}

#[test]
fn with_adam() {
    for network in TABLE_A.iter().chain([&mlp_with_dropout()]) {
        let [eager, replayed] = [false, true].map(|r| train(network, Adam::default(), Device::Cpu, r));
        assert_eq!(eager, replayed, "{}", network.name);
    }
}

#[test]
fn with_momentum_and_weight_decay() {
    let rule = Sgd { momentum: 0.9, weight_decay: 1e-3 };
    let [eager, replayed] = [false, true].map(|r| train(&TABLE_A[1], rule, Device::Cpu, r));
    assert_eq!(eager, replayed);
    assert_ne!(eager, train(&TABLE_A[1], Sgd::default(), Device::Cpu, false), "the options matter");
}

#[test]
fn on_any_number_of_threads() -> Result<(), Error> {
    for network in TABLE_A {
        let on = |threads| Ok::<_, Error>(train(network, Adam::default(), Device::threads(threads)?, true));
        let one = on(1)?;
        for threads in [2, 3, 7] {
            assert_eq!(one, on(threads)?, "{} on {threads} threads", network.name);
        }
    }
    Ok(())
}

/// Dropout masks are keyed by the store's seed.
#[test]
fn another_seed_drops_others() {
    let task = task(Device::Cpu);
    let out = |seed| {
        let params = Params::seeded(seed);
        let tape = Tape::training(&params);
        let (x, _) = tape.gather(tape.source(&task.source), tape.input_u32(&[0]), task.input);
        x.dropout(0.5).values()
    };
    assert_eq!(out(1), out(1));
    assert_ne!(out(1), out(2));
}

#[test]
fn frozen_parameters_stay() {
    let task = task(Device::Cpu);
    let params = Params::seeded(3);
    let model = TABLE_A[2].build(&params, &Variant::default());
    let ids: Vec<_> = params.ids().collect();
    let frozen = [ids[0], ids[3]];
    frozen.iter().for_each(|&p| params.freeze(p, true));
    let before: Vec<_> = ids.iter().map(|&p| params.values(p)).collect();
    losses(&task, &params, &model, Adam::default(), &BATCHES);
    for (&p, before) in ids.iter().zip(before) {
        assert_eq!(params.values(p) == before, frozen.contains(&p), "{}", params.info(p).name);
    }
}

/// The recorded f32 step, run again in f64, update included.
#[test]
fn in_f64() -> Result<(), Error> {
    let task = task(Device::Cpu);
    let params = Params::seeded(3);
    let model: Sequential = TABLE_A[4].build(&params, &Variant::default());
    let tape = Tape::recording(&params);
    let (x, labels) = tape.batch(&task.source, task.input, 4);
    let loss = model.forward(x).cross_entropy(labels);
    loss.backward().step(Adam::default());
    let mut program = tape.compile(&[loss]);
    let mut exact = tape.replay::<f64>(&[loss]);
    for batch in &BATCHES[..3] {
        exact.run(&[Feed::U32(batch)])?;
        let (ran, exact) =
            (f64::from(program.run(&params, &[Feed::U32(batch)])?[0]), exact.values(loss.id())[0]);
        assert!((ran - exact).abs() < 1e-5, "{ran} against {exact}");
    }
    assert_eq!(exact.params.step, 3);
    Ok(())
}
