//! Axis limits that stay finite whatever the curves hold.

/// An axis' lower and upper end.
pub(super) type Limits = (f64, f64);

/// Share of the raw values that may fall outside the axis, at each end.
const OUTLIERS: f64 = 0.002;

/// Limits holding all of `kept` and nearly all of `raw`, with a margin; `empty` when there is nothing.
pub(super) fn around(kept: &[f64], raw: &[f64], empty: Limits) -> Limits {
    let mut raw: Vec<f64> = raw.iter().copied().filter(|v| v.is_finite()).collect();
    raw.sort_by(f64::total_cmp);
    let skip = (raw.len() as f64 * OUTLIERS) as usize;
    let inliers = raw.get(skip..raw.len() - skip).unwrap_or_default();
    let finite = kept.iter().filter(|v| v.is_finite()).chain(inliers);
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    if low > high {
        return empty;
    }
    // A single value, or equal ones, still needs an axis of some length.
    let margin = ((high - low) * 0.05).max(high.abs().max(1.0) * 0.01);
    (low - margin, high + margin)
}

/// [`around`] for percentages: no margin far beyond 0 and 100, and no hair-thin range.
pub(super) fn percent(kept: &[f64], raw: &[f64]) -> Limits {
    let (low, high) = around(kept, raw, (0.0, 100.0));
    let missing = (MIN_PERCENT_RANGE - (high - low)).max(0.0) / 2.0;
    ((low - missing).max(-2.0), (high + missing).min(102.0))
}

const MIN_PERCENT_RANGE: f64 = 10.0;

/// Limits for records numbered `1..=count`.
pub(super) fn steps(count: usize) -> Limits {
    let margin = (count as f64 * 0.02).max(0.5);
    (1.0 - margin, count.max(1) as f64 + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_finite_and_ordered() {
        for values in [&[][..], &[1.0], &[f64::NAN, 3.0, f64::INFINITY], &[0.0; 9]] {
            for (low, high) in [around(values, &[], (0.0, 1.0)), percent(&[], values)] {
                assert!(low.is_finite() && high.is_finite() && low < high);
            }
        }
        assert_eq!(around(&[], &[], (0.0, 1.0)), (0.0, 1.0));
        assert!(steps(0).0 < steps(0).1);
    }

    #[test]
    fn percentages_do_not_run_past_their_ends() {
        assert_eq!(percent(&[0.0, 100.0], &[]), (-2.0, 102.0));
    }
}
