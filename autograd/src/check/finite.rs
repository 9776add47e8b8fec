//! The independent opinion: differences in f64, with a step chosen from a sweep and an error bar.
use super::{
    compare::{Comparison, Mode, What, worst},
    dot,
    exact::rows,
    subject::Subject,
    unit,
};

/// The coarsest step; each further one is half the one before.
const COARSEST: f64 = 0.1;

/// Halvings tried, down to 7e-10: among thousands of ReLUs and maxima some kink is always near.
const HALVINGS: usize = 27;

/// The error bar is multiplied by this before it is used: both of its parts are estimates.
const SAFETY: f64 = 4.0;

/// An error bar above this share of the size of f and its derivative proves nothing: the comparison then fails.
const USEFUL: f64 = 1e-5;

/// A derivative with how far it may be off.
#[derive(Copy, Clone, Debug)]
pub(super) struct Estimate {
    pub slope: f64,
    pub bar: f64,
}

impl Estimate {
    const NOTHING: Self = Self { slope: f64::NAN, bar: f64::INFINITY };

    fn better(self, than: Self) -> Self {
        if self.bar < than.bar { self } else { than }
    }

    /// How far the slope may be off, if that says anything about numbers of this size.
    fn tolerance(self, scale: f64) -> Option<f64> {
        (self.bar <= USEFUL * (scale + self.slope.abs())).then_some(SAFETY * self.bar)
    }
}

/// What a sweep says of the slope at 0: from both sides at once, from the left, from the right.
#[derive(Copy, Clone, Debug)]
pub(super) struct Slopes {
    pub central: Estimate,
    pub left: Estimate,
    pub right: Estimate,
}

/// `d/dt ⟨v, f(x + t u)⟩` at 0 against `⟨Jᵀ v, u⟩`.
pub(super) fn direction(subject: &mut dyn Subject, k: usize, v: &[f64], u: &[f64]) -> Comparison {
    let x = subject.point();
    let scale = subject.value(&x).iter().zip(v).map(|(y, v)| (y * v).abs()).sum();
    let reverse = dot(&subject.vjp(&x, v), u);
    let slopes = Slopes::sweep(&mut |t| dot(&subject.value(&moved(&x, u, t)), v), 1.0, scale);
    slopes.against(Mode::Finite, What::Direction(k), reverse, scale)
}

/// Every entry of the Jacobian, each by a sweep of its own. A step in an element of x beyond 1 is larger with it.
pub(super) fn jacobian(subject: &mut dyn Subject) -> Option<Comparison> {
    let x = subject.point();
    let rows = rows(subject, &x);
    let scale = subject.value(&x).iter().fold(0.0, |most: f64, y| most.max(y.abs()));
    let mut entries = Vec::with_capacity(rows.len() * x.len());
    for j in 0..x.len() {
        let e = unit(x.len(), j);
        let mut samples = Samples::take(&mut |t| subject.value(&moved(&x, &e, t)), x[j].abs().max(1.0));
        for (i, row) in rows.iter().enumerate() {
            let what = What::Jacobian { y: i, x: j, entries: 0, wrong: 0 };
            let slopes = Slopes::of(samples.differences(i), scale);
            entries.push(slopes.against(Mode::Finite, what, row[j], scale));
        }
    }
    worst(entries.into_iter())
}

/// x + t u.
pub(super) fn moved(x: &[f64], u: &[f64], t: f64) -> Vec<f64> {
    x.iter().zip(u).map(|(x, u)| x + t * u).collect()
}

impl Slopes {
    /// Of `f` at 0, with steps in multiples of `unit`; f is a sum of terms of total size `scale`.
    pub fn sweep(f: &mut dyn FnMut(f64) -> f64, unit: f64, scale: f64) -> Self {
        let mut samples = Samples::take(&mut |t| vec![f(t)], unit);
        Self::of(samples.differences(0), scale)
    }

    fn of(mut differences: impl Iterator<Item = Differences>, scale: f64) -> Self {
        let mut best = Self { central: Estimate::NOTHING, left: Estimate::NOTHING, right: Estimate::NOTHING };
        let Some(mut coarse) = differences.next() else { return best };
        for fine in differences {
            best.central = central(&coarse, &fine, scale).better(best.central);
            best.left = one_sided(coarse.left, fine.left, coarse.h, scale).better(best.left);
            best.right = one_sided(coarse.right, fine.right, coarse.h, scale).better(best.right);
            coarse = fine;
        }
        best
    }

    /// The comparison with what the gradient says: at a kink, with anything between the slopes on its sides.
    pub fn against(self, mode: Mode, what: What, reverse: f64, scale: f64) -> Comparison {
        let smooth =
            Comparison { mode, what, forward: self.central.slope, reverse, tolerance: f64::NAN, kink: None };
        if let Some(tolerance) = self.central.tolerance(scale) {
            return Comparison { tolerance, ..smooth };
        }
        match (self.left.tolerance(scale), self.right.tolerance(scale)) {
            (Some(a), Some(b)) => {
                Comparison { tolerance: a.max(b), kink: Some([self.left.slope, self.right.slope]), ..smooth }
            }
            _ => smooth,
        }
    }
}

/// Values of a function of t, of which there may be several, at 0 and at ±h for each step.
struct Samples {
    center: Vec<f64>,
    /// Step, values on the right, values on the left.
    steps: Vec<(f64, Vec<f64>, Vec<f64>)>,
}

impl Samples {
    fn take(f: &mut dyn FnMut(f64) -> Vec<f64>, unit: f64) -> Self {
        let center = f(0.0);
        let step = |k: usize| unit * COARSEST * 0.5f64.powi(k as i32);
        Self { center, steps: (0..=HALVINGS).map(|k| (step(k), f(step(k)), f(-step(k)))).collect() }
    }

    /// What each step says of value `i`.
    fn differences(&mut self, i: usize) -> impl Iterator<Item = Differences> {
        let center = self.center[i];
        self.steps.iter().map(move |(h, right, left)| Differences {
            h: *h,
            right: (right[i] - center) / h,
            left: (center - left[i]) / h,
            central: (right[i] - left[i]) / (2.0 * h),
            turn: (right[i] - 2.0 * center + left[i]) / h,
        })
    }
}

/// What a step `h` each way says of the slope.
struct Differences {
    h: f64,
    right: f64,
    left: f64,
    /// Slope from side to side.
    central: f64,
    /// Slope on the right less slope on the left: h f'' where f is smooth, the jump where it has a kink.
    turn: f64,
}

/// Richardson's extrapolation from h and h/2: error O(h⁴).
///
/// The bar is what the extrapolation changed (truncation: more than its error where f is smooth), plus the part of
/// the turn that does not halve with h (a kink, which central differences average over without a trace), plus what
/// rounding may add: f is a sum of terms of total size `scale`, each with some roundings.
fn central(coarse: &Differences, fine: &Differences, scale: f64) -> Estimate {
    let slope = (4.0 * fine.central - coarse.central) / 3.0;
    let jump = 2.0 * fine.turn - coarse.turn;
    Estimate { slope, bar: (slope - fine.central).abs() + jump.abs() + roundings(scale, slope, coarse.h) }
}

/// The same for differences to one side, whose error is O(h), extrapolated O(h²).
fn one_sided(coarse: f64, fine: f64, h: f64, scale: f64) -> Estimate {
    let slope = 2.0 * fine - coarse;
    Estimate { slope, bar: (slope - fine).abs() + 2.0 * roundings(scale, slope, h) }
}

/// What rounding adds to a slope: f is of size `scale` at 0, and larger by `slope h` at the step.
fn roundings(scale: f64, slope: f64, h: f64) -> f64 {
    16.0 * f64::EPSILON * (scale / h + slope.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sweep(mut f: impl FnMut(f64) -> f64, scale: f64) -> Slopes {
        Slopes::sweep(&mut f, 1.0, scale)
    }

    #[test]
    fn the_bar_covers_the_error() {
        type Case = (fn(f64) -> f64, f64);
        let cases: [Case; 5] = [
            (|t| (0.3 + t).exp(), 0.3f64.exp()),
            (|t| 1.0 / (0.2 + t), -25.0),
            (|t| (50.0 * t).sin(), 50.0),
            (|t| 1e6 + t, 1.0),
            // Nothing at 0: all rounding comes from the step.
            (|t| t / 3.0, 1.0 / 3.0),
        ];
        for (f, slope) in cases {
            let slopes = sweep(f, f(0.0).abs());
            for e in [slopes.central, slopes.left, slopes.right] {
                assert!((e.slope - slope).abs() <= SAFETY * e.bar, "{e:?} against {slope}");
            }
        }
    }

    /// A kink at any distance either leaves the estimate right or widens its bar: far from it, near, and on it.
    #[test]
    fn a_kink_is_not_averaged_over() {
        for distance in [1e-1, 1e-3, 1e-5, 1e-7, 1e-8, 1e-9, 1e-12] {
            let e = sweep(|t: f64| (1.0 + t).sin() + (t + distance).max(0.0), 1.0).central;
            assert!((e.slope - 1f64.cos() - 1.0).abs() <= SAFETY * e.bar, "{distance}: {e:?}");
            assert!(distance < 1e-8 || e.bar < 1e-5, "{distance}: {e:?}");
        }
    }

    /// On a kink, anything between the slopes passes and nothing else.
    #[test]
    fn at_a_kink_the_slopes_bound_the_gradient() {
        let slopes = sweep(|t: f64| 0.25 * t.exp() + t.max(0.0), 1.0);
        let ok = |g: f64| slopes.against(Mode::Finite, What::Direction(0), g, 1.0).ok();
        assert!([0.25, 0.7, 1.25].into_iter().all(ok));
        assert!(![0.249, 1.251, f64::NAN].into_iter().any(ok));
    }
}
