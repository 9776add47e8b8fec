//! What the peers share: the networks as data, a batch, a stopwatch, one JSON object a line.
use std::time::Instant;

/// Images of a batch.
pub const BATCH: usize = 50;

/// A layer of a network.
#[derive(Copy, Clone, Debug)]
pub enum Layer {
    /// Channels in, channels out, kernel.
    Conv(usize, usize, usize),
    Relu,
    /// 2x2, stride 2.
    Pool,
    /// Inputs, units; flattens what it gets.
    Fc(usize, usize),
}
use Layer::*;

/// The networks measured, for RGB images of 32x32.
pub const NETWORKS: [(&str, &[Layer]); 3] = [
    ("mlp_1", &[Fc(3072, 32), Relu, Fc(32, 10)]),
    (
        "cnn_3",
        &[Conv(3, 16, 3), Relu, Conv(16, 8, 5), Relu, Pool, Conv(8, 16, 7), Pool, Fc(144, 10)],
    ),
    (
        "cnn_5",
        &[
            Conv(3, 8, 3),
            Relu,
            Conv(8, 16, 3),
            Relu,
            Conv(16, 8, 3),
            Relu,
            Conv(8, 16, 3),
            Relu,
            Pool,
            Conv(16, 16, 3),
            Relu,
            Conv(16, 8, 3),
            Relu,
            Pool,
            Fc(128, 10),
        ],
    ),
];

/// Pixels of a batch.
pub fn images() -> Vec<f32> {
    (0..BATCH * 3072).map(|i| ((i * 2_654_435_761 % 1000) as f32 - 499.5) / 500.0).collect()
}

/// Labels of a batch.
pub fn labels() -> impl Iterator<Item = u32> {
    (0..BATCH as u32).map(|i| i % 10)
}

/// Times `step`, which returns the loss, and prints the row.
pub fn report(peer: &str, network: &str, mut step: impl FnMut() -> f32) {
    let first = step();
    (0..4).for_each(|_| assert!(step().is_finite()));
    let (mut times, start, mut last) = (Vec::new(), Instant::now(), first);
    while times.len() < 5 || start.elapsed().as_secs_f64() < 2.0 {
        let start = Instant::now();
        last = step();
        times.push(start.elapsed().as_nanos() as f64);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(share * (times.len() - 1) as f64) as usize];
    let threads = std::env::var("RAYON_NUM_THREADS").unwrap_or_default();
    let row = serde_json::json!({
        "peer": peer, "row": format!("step/{network}/rgb"), "threads": threads,
        "median_ns": at(0.5), "p10_ns": at(0.1), "min_ns": at(0.0), "samples": times.len(),
        "loss_first": first, "loss_last": last,
    });
    println!("{row}");
}
