//! The independent opinion: central differences in f64 with a step chosen from a sweep and an error bar.
use super::{Comparison, Recorded};
use crate::Replay;

/// Steps tried, each a tenth of a decade apart from coarse to fine.
const STEPS: usize = 40;

/// The error bar is multiplied by this before it is used: both of its parts are estimates.
const SAFETY: f64 = 4.0;

/// An error bar above this share of `Σ |v_i y_i| + |derivative|` proves nothing: the comparison then fails.
const USEFUL: f64 = 1e-5;

/// A derivative with how far it may be off.
#[derive(Copy, Clone, Debug)]
struct Estimate {
    slope: f64,
    bar: f64,
}

/// `d/dt ⟨v, f(x + t u)⟩` at 0 by central differences against `⟨Jᵀ v, u⟩` from the recorded gradient.
pub(super) fn check(recorded: &Recorded<'_>, u: &[Vec<f64>]) -> Comparison {
    let mut replay: Replay<f64> = recorded.tape.replay(&recorded.keep());
    let start: Vec<Vec<f64>> = recorded.x.iter().map(|(x, _)| replay.values(x.id())).collect();
    replay.run(&[]).expect("a checked tape has no feeds");
    let reverse = recorded
        .x
        .iter()
        .zip(u)
        .flat_map(|((_, g), u)| replay.values(g.id()).into_iter().zip(u).map(|(g, u)| g * u))
        .sum();
    let weigh = |replay: &Replay<f64>, f: fn(f64) -> f64| -> f64 {
        replay.values(recorded.y.id()).into_iter().zip(&recorded.v).map(|(y, v)| f(y * v)).sum()
    };
    let scale = weigh(&replay, f64::abs);
    let mut at = |t: f64| {
        for (((x, _), u), start) in recorded.x.iter().zip(u).zip(&start) {
            super::displace(&mut replay, *x, |_, k| start[k] + t * u[k]);
        }
        replay.run(&[]).expect("a checked tape has no feeds");
        weigh(&replay, |product| product)
    };
    let best = sweep(&mut at, scale);
    let useful = best.bar <= USEFUL * (scale + best.slope.abs());
    Comparison { forward: best.slope, reverse, tolerance: if useful { SAFETY * best.bar } else { f64::NAN } }
}

/// The estimate with the smallest error bar over the steps tried.
fn sweep(f: &mut impl FnMut(f64) -> f64, scale: f64) -> Estimate {
    let mut best = Estimate { slope: f64::NAN, bar: f64::INFINITY };
    for k in 0..STEPS {
        let estimate = richardson(f, 0.1 * 10f64.powf(-0.15 * k as f64), scale);
        if estimate.bar < best.bar {
            best = estimate;
        }
    }
    best
}

/// Central differences with steps h and h/2, extrapolated: error O(h⁴).
///
/// The bar is what the extrapolation changed (truncation: more than its error where the function is smooth) plus
/// what rounding may add: f is a sum of terms of total size `scale`, each with some roundings.
fn richardson(f: &mut impl FnMut(f64) -> f64, h: f64, scale: f64) -> Estimate {
    let mut central = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    let (coarse, fine) = (central(h), central(h / 2.0));
    let slope = (4.0 * fine - coarse) / 3.0;
    let roundings = 16.0 * f64::EPSILON * scale / h;
    Estimate { slope, bar: (slope - fine).abs() + roundings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_covers_the_error() {
        let cases: [(fn(f64) -> f64, f64); 4] = [
            (|t| (0.3 + t).exp(), 0.3f64.exp()),
            (|t| 1.0 / (0.2 + t), -25.0),
            (|t| (50.0 * t).sin(), 50.0),
            (|t| 1e6 + t, 1.0),
        ];
        for (f, slope) in cases {
            let scale = f(0.0).abs();
            let e = sweep(&mut |t| f(t), scale);
            assert!((e.slope - slope).abs() <= SAFETY * e.bar, "{e:?} against {slope}");
        }
    }

    /// Across a kink the bar must grow, not hide it.
    #[test]
    fn a_kink_nearby_widens_the_step_search() {
        let e = sweep(&mut |t: f64| (t + 1e-3).max(0.0), 1e-3);
        assert!((e.slope - 1.0).abs() <= SAFETY * e.bar && e.bar < 1e-6, "{e:?}");
    }
}
