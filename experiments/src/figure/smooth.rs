//! Moving averages: thousands of noisy records become one readable line.

/// Curves shorter than this are drawn as they are.
const SMOOTH_FROM: usize = 100;

/// The odd number of records averaged for curves of `len` records: a fortieth, 1 for short curves.
pub(crate) fn window_for(len: usize) -> usize {
    if len < SMOOTH_FROM {
        return 1;
    }
    (len / 40).min(199) | 1
}

/// Centred mean over `window` values, over fewer at both ends; non-finite values do not count.
///
/// A window without a finite value gives NaN, which the line skips.
pub(crate) fn moving_average(values: &[f64], window: usize) -> Vec<f64> {
    let half = window / 2;
    let mean = |i: usize| {
        let around = &values[i.saturating_sub(half)..(i + half + 1).min(values.len())];
        let finite = around.iter().filter(|v| v.is_finite());
        let (sum, count) = finite.fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
        sum / count
    };
    (0..values.len()).map(mean).collect()
}

/// The mean of the finite values among the last `window`.
pub(super) fn trailing_mean(values: &[f64], window: usize) -> Option<f64> {
    let tail = &values[values.len().saturating_sub(window)..];
    let finite: Vec<f64> = tail.iter().copied().filter(|v| v.is_finite()).collect();
    (!finite.is_empty()).then(|| finite.iter().sum::<f64>() / finite.len() as f64)
}

/// The last finite value.
pub(super) fn last_finite(values: &[f64]) -> Option<f64> {
    values.iter().rev().copied().find(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_odd_and_one_for_short_curves() {
        assert_eq!(window_for(0), 1);
        assert_eq!(window_for(99), 1);
        assert_eq!(window_for(1350), 33);
        assert_eq!(window_for(1800), 45);
        assert_eq!(window_for(1_000_000), 199);
    }

    #[test]
    fn averages_shrink_at_the_ends_and_skip_holes() {
        assert_eq!(moving_average(&[1.0, 2.0, 6.0, f64::NAN], 3), [1.5, 3.0, 4.0, 6.0]);
        assert!(moving_average(&[f64::NAN], 1)[0].is_nan());
        assert!(moving_average(&[], 3).is_empty());
        assert_eq!(last_finite(&[1.0, f64::INFINITY]), Some(1.0));
        assert_eq!(trailing_mean(&[9.0, 1.0, 3.0], 2), Some(2.0));
        assert_eq!(trailing_mean(&[f64::NAN], 2), None);
    }
}
