//! Times by CUDA events.
//!
//! Two events around one small kernel would measure how long the host takes to launch it. So what is timed is a graph of
//! many repetitions, and the time of one is that of the graph divided: what it costs inside a graph of a training step, its
//! operands in the L2 cache if they fit.
use super::Error;
use crate::timing::Times;
use ferrotape_kernels::cuda::{CudaError, Gpu};

/// Milliseconds that a graph lasts at least, if that needs no more than [`MOST`] repetitions.
const LEAST_MS: f32 = 0.5;
/// Repetitions in a graph at most.
const MOST: f32 = 100.0;

/// How long the device takes for what `work` puts on the stream, from `samples` graphs.
///
/// # Errors
/// If the driver refuses or a kernel fails.
pub fn time(gpu: &Gpu, samples: usize, work: impl Fn(&Gpu) -> Result<(), CudaError>) -> Result<Times, Error> {
    work(gpu)?;
    let ((), once) = gpu.time(|| work(gpu))?;
    let repeats = (LEAST_MS / once.max(1e-4)).clamp(1.0, MOST) as usize;
    let graph = gpu.capture(|gpu| (0..repeats).try_for_each(|_| work(gpu)))?;
    graph.launch()?;
    let sample = |_| Ok(f64::from(gpu.time(|| graph.launch())?.1) * 1e6 / repeats as f64);
    let mut ns: Vec<f64> = (0..samples.max(1)).map(sample).collect::<Result<_, CudaError>>()?;
    ns.sort_by(f64::total_cmp);
    let at = |share: f64| ns[(share * (ns.len() - 1) as f64).round() as usize];
    Ok(Times { median_ns: at(0.5), p10_ns: at(0.1), min_ns: at(0.0), samples: ns.len() })
}
