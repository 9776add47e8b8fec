//! What the benchmarks share. `benches/README.md` lists them.
#![deny(unsafe_code)]
pub mod bandwidth;
#[cfg(feature = "cuda")]
pub mod gpu;
pub mod ladder;
pub mod networks;
#[allow(unsafe_code)]
pub mod peak;
pub mod rows;
pub mod timing;

use criterion::Criterion;
use std::time::Duration;

/// Settings for a machine that other jobs disturb: short measurements, medians.
pub fn settings() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(12)
}

/// Numbers in -1..1 that are neither zero nor denormal: zeros and denormals would flatter or punish a kernel.
pub fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 2_654_435_761 % 1000) as f32 - 499.5) / 500.0).collect()
}
