//! A stopwatch for what is not criterion's business: tables, and the comparison with PyTorch.
use std::time::Instant;

/// What a repeated measurement found, in nanoseconds a call.
#[derive(Copy, Clone, Debug, serde::Serialize)]
pub struct Times {
    /// Half of the samples were faster.
    pub median_ns: f64,
    /// One in ten was faster: what a quiet machine does.
    pub p10_ns: f64,
    /// The fastest.
    pub min_ns: f64,
    /// How many.
    pub samples: usize,
}

impl Times {
    /// Operations in a nanosecond, that is billions a second, of the median: GFLOP/s for `work` FLOPs.
    pub fn rate(&self, work: u64) -> f64 {
        work as f64 / self.median_ns
    }

    /// The same of the fastest sample, for kernels on a disturbed machine.
    pub fn best_rate(&self, work: u64) -> f64 {
        work as f64 / self.min_ns
    }
}

/// Calls `f` for `seconds` after a warm-up, and for at least `least` samples. Calls shorter than 20 µs share a sample.
pub fn time(seconds: f64, least: usize, mut f: impl FnMut()) -> Times {
    let start = Instant::now();
    let mut warm = 0;
    while warm < 1 || (start.elapsed().as_secs_f64() < 0.2 * seconds && warm < 1_000_000) {
        f();
        warm += 1;
    }
    let once = start.elapsed().as_nanos() as f64 / f64::from(warm);
    let calls = (20_000.0 / once).ceil().max(1.0) as usize;
    let mut samples = Vec::new();
    let start = Instant::now();
    while samples.len() < least.max(1) || start.elapsed().as_secs_f64() < seconds {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        samples.push(start.elapsed().as_nanos() as f64 / calls as f64);
    }
    samples.sort_by(f64::total_cmp);
    let at = |share: f64| samples[(share * (samples.len() - 1) as f64).round() as usize];
    Times { median_ns: at(0.5), p10_ns: at(0.1), min_ns: at(0.0), samples: samples.len() }
}

/// Nanoseconds of the median of `count` calls.
pub fn median(count: usize, mut f: impl FnMut()) -> f64 {
    let sample = |_| {
        let start = Instant::now();
        f();
        start.elapsed().as_nanos() as f64
    };
    let mut samples: Vec<f64> = (0..count).map(sample).collect();
    samples.sort_by(f64::total_cmp);
    samples[count / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_in_order() {
        let mut calls = 0u64;
        let t = time(0.01, 5, || calls = std::hint::black_box(calls + 1));
        assert!(t.samples >= 5 && calls > 0);
        assert!(t.min_ns <= t.p10_ns && t.p10_ns <= t.median_ns, "{t:?}");
        assert_eq!(Times { median_ns: 10.0, ..t }.rate(100), 10.0);
    }
}
