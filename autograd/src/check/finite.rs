//! The independent opinion: central differences in f64 with a step chosen from a sweep and an error bar.
use super::{Comparison, Recorded};
use crate::Replay;

/// The coarsest step; each further one is half the one before.
const COARSEST: f64 = 0.1;

/// Halvings tried, down to 7e-10: among thousands of ReLUs and maxima some kink is always near.
const HALVINGS: usize = 27;

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
    let reverse = recorded.reverse(&replay, u);
    let weigh = |replay: &Replay<f64>, f: fn(f64) -> f64| -> f64 {
        replay.values(recorded.y.id()).into_iter().zip(&recorded.v).map(|(y, v)| f(y * v)).sum()
    };
    let scale = weigh(&replay, f64::abs);
    let mut replay: Replay<f64> = recorded.tape.replay(&[recorded.y]);
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
    let center = f(0.0);
    let mut coarse = Differences::new(f, center, COARSEST);
    for _ in 0..HALVINGS {
        let fine = Differences::new(f, center, coarse.h / 2.0);
        let estimate = extrapolate(&coarse, &fine, scale);
        if estimate.bar < best.bar {
            best = estimate;
        }
        coarse = fine;
    }
    best
}

/// What two steps, `h` each way, say of the slope.
struct Differences {
    h: f64,
    /// Slope from side to side.
    central: f64,
    /// Slope on the right less slope on the left: h f'' where f is smooth, the jump where it has a kink.
    turn: f64,
}

impl Differences {
    fn new(f: &mut impl FnMut(f64) -> f64, center: f64, h: f64) -> Self {
        let (right, left) = (f(h), f(-h));
        Self { h, central: (right - left) / (2.0 * h), turn: (right - 2.0 * center + left) / h }
    }
}

/// Richardson's extrapolation from h and h/2: error O(h⁴).
///
/// The bar is what the extrapolation changed (truncation: more than its error where f is smooth), plus the part of
/// the turn that does not halve with h (a kink, which central differences average over without a trace), plus what
/// rounding may add: f is a sum of terms of total size `scale`, each with some roundings.
fn extrapolate(coarse: &Differences, fine: &Differences, scale: f64) -> Estimate {
    let slope = (4.0 * fine.central - coarse.central) / 3.0;
    let jump = 2.0 * fine.turn - coarse.turn;
    let roundings = 16.0 * f64::EPSILON * scale / coarse.h;
    Estimate { slope, bar: (slope - fine.central).abs() + jump.abs() + roundings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_covers_the_error() {
        type Case = (fn(f64) -> f64, f64);
        let cases: [Case; 4] = [
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

    /// A kink at any distance either leaves the estimate right or widens its bar: far from it, near, and on it.
    #[test]
    fn a_kink_is_not_averaged_over() {
        for distance in [1e-1, 1e-3, 1e-5, 1e-7, 1e-8, 1e-9, 1e-12] {
            let e = sweep(&mut |t: f64| (1.0 + t).sin() + (t + distance).max(0.0), 1.0);
            assert!((e.slope - 1f64.cos() - 1.0).abs() <= SAFETY * e.bar, "{distance}: {e:?}");
            assert!(distance < 1e-8 || e.bar < 1e-5, "{distance}: {e:?}");
        }
    }
}
