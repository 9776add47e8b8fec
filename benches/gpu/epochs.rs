//! Whole epochs: 900 steps of 50 images and 90 validations of 5,000.
use super::{
    Error, Sizes,
    images::{Noise, training, validation},
};
use crate::{networks::Input, timing::time};
use ferrotape_autograd::{Device, Feed, Params, Part, Sequence};
use serde::Serialize;
use std::{hint::black_box, time::Instant};

/// Steps from one validation to the next.
pub const EVERY: usize = 10;
/// Steps whose loss is recorded.
const RECORDED: [usize; 6] = [0, 1, 2, 9, 99, 899];
/// Steps that the CPU makes beside them.
const ON_CPU: usize = 100;

/// Milliseconds that an epoch on an H200 is to take, by network, as issue 5 says.
pub const TARGETS: [(&str, f64); 4] = [("mlp_1", 20.0), ("cnn_3", 150.0), ("cnn_4", 190.0), ("cnn_5", 170.0)];

/// The target of a network, if it has one.
pub fn target(network: &str) -> Option<f64> {
    TARGETS.iter().find(|(name, _)| *name == network).map(|(_, ms)| *ms)
}

/// An epoch of a network on a card.
#[derive(Clone, Debug, Serialize)]
pub struct Epoch {
    /// The network.
    pub network: String,
    /// Microseconds of a step, launch by launch, its loss read back.
    pub step_eager_us: f64,
    /// Microseconds of a step as one of ten in a graph, their losses read back.
    pub step_graph_us: f64,
    /// Milliseconds of a validation, launch by launch, its numbers read back.
    pub validation_eager_ms: f64,
    /// Milliseconds of an epoch, launch by launch.
    pub epoch_eager_ms: f64,
    /// Milliseconds of an epoch as 90 graphs of ten steps and a validation: the median epoch.
    pub epoch_graph_ms: f64,
    /// The fastest epoch.
    pub epoch_graph_min_ms: f64,
    /// Milliseconds to record, load and capture, before the first epoch.
    pub first_graph_ms: f64,
    /// What it is to take.
    pub target_ms: Option<f64>,
    /// Steps of the first epoch and their losses.
    pub losses: Vec<(usize, f32)>,
    /// The same on the CPU, of the first of these steps.
    pub losses_cpu: Vec<(usize, f32)>,
    /// Right answers in percent at the end of the first epoch.
    pub accuracy: f64,
}

/// What an epoch looks at, step by step: 45,000 images in an order that is no pattern; the validation's come after them.
struct Order {
    batch: usize,
    steps: Vec<u32>,
    validation: Vec<u32>,
}

impl Order {
    fn new(sizes: &Sizes) -> Self {
        let Sizes { batch, validation, steps, .. } = *sizes;
        let all = (steps * batch) as u32;
        let steps = (0..all).map(|i| (u64::from(i) * 28_411 % u64::from(all)) as u32).collect();
        Self { batch, steps, validation: (all..all + validation as u32).collect() }
    }

    fn feeds(&self) -> Vec<Feed<'_>> {
        self.steps.chunks(self.batch).map(Feed::U32).collect()
    }
}

/// Trains `network` for some epochs as graphs, and for one launch by launch.
///
/// # Errors
/// If the device has no room or fails.
pub fn measure(device: &Device, network: &str, sizes: &Sizes) -> Result<Epoch, Error> {
    let Sizes { batch, validation: images, steps, epochs, .. } = *sizes;
    let (source, order) = (Noise::images(sizes.steps * sizes.batch + sizes.validation), Order::new(sizes));
    let (feeds, check) = (order.feeds(), [Feed::U32(&order.validation)]);
    let (params, model, _) = Input::Rgb.network(network)?;
    let mut train = training(&model, &source).on(device.clone());
    let mut validate = validation(&model, &source).on(device.clone());
    let (mut sequence, mut losses, mut accuracy) = (Sequence::default(), Vec::new(), 0.0);
    let (mut times, mut first_graph_ms) = (Vec::new(), 0.0);
    for epoch in 0..epochs {
        let started = Instant::now();
        for (k, burst) in feeds.chunks(EVERY).enumerate() {
            let steps = Part { program: train.program(&params, batch)?, runs: EVERY, feeds: burst };
            let check = Part { program: validate.program(&params, images)?, runs: 1, feeds: &check };
            let outputs = sequence.run(&params, &mut [steps, check])?;
            if epoch == 0 {
                losses.extend(outputs[0].iter().map(|run| run[0]));
                accuracy = 100.0 * f64::from(outputs[1][0][1]) / images as f64;
                if k == 0 {
                    first_graph_ms = ms(started);
                }
            }
        }
        times.push(ms(started) - if epoch == 0 { first_graph_ms } else { 0.0 });
    }
    times.sort_by(f64::total_cmp);
    let ten = Part { program: train.program(&params, batch)?, runs: EVERY, feeds: &feeds[..EVERY] };
    let mut ten = [ten];
    let mut ten = || _ = black_box(sequence.run(&params, &mut ten).expect("ran before"));
    let step_graph_us = time(0.3, 10, &mut ten).median_ns / 1e3 / EVERY as f64;
    let mut step = |k: usize| train.run_with(&params, batch, &feeds[k..=k]).map(|_| ());
    let step_eager_us = time(0.3, 10, || step(0).expect("ran before")).median_ns / 1e3;
    let mut score = || validate.run_with(&params, images, &check).map(|_| ());
    let validation_eager_ms = time(0.3, 10, || score().expect("ran before")).median_ns / 1e6;
    let started = Instant::now();
    for k in 0..steps {
        step(k)?;
        if (k + 1) % EVERY == 0 {
            score()?;
        }
    }
    Ok(Epoch {
        network: network.into(),
        step_eager_us,
        step_graph_us,
        validation_eager_ms,
        epoch_eager_ms: ms(started),
        epoch_graph_ms: times[times.len() / 2],
        epoch_graph_min_ms: times[0],
        first_graph_ms,
        target_ms: target(network),
        losses: RECORDED.into_iter().filter_map(|k| Some((k, *losses.get(k)?))).collect(),
        losses_cpu: self::losses(&Device::Cpu, network, ON_CPU, sizes)?,
        accuracy,
    })
}

/// The losses of the first `count` steps, of those that are recorded.
///
/// # Errors
/// If the device fails.
pub fn losses(
    device: &Device,
    network: &str,
    count: usize,
    sizes: &Sizes,
) -> Result<Vec<(usize, f32)>, Error> {
    let (source, order) = (Noise::images(sizes.steps * sizes.batch + sizes.validation), Order::new(sizes));
    let (params, model, _): (Params, _, _) = Input::Rgb.network(network)?;
    let mut train = training(&model, &source).on(device.clone());
    let mut losses = Vec::new();
    for (k, feed) in order.feeds().chunks(1).take(count).enumerate() {
        let loss = train.run_with(&params, sizes.batch, feed)?[0];
        if RECORDED.contains(&k) {
            losses.push((k, loss));
        }
    }
    Ok(losses)
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
