//! Ticks the plotting crate would set otherwise: powers of ten over exponents, whole numbers of records.

use super::frame::{Frame, line};
use super::limits::Limits;
use super::style;

/// The most labelled ticks of a logarithmic axis.
const MOST: i32 = 7;

/// Labels a y axis over decimal exponents with the values themselves.
pub(super) fn logarithmic(frame: &mut Frame<'_>) {
    let (x, y) = frame.ends();
    let (ticks, words): (Vec<f64>, Vec<String>) = powers(y).into_iter().unzip();
    frame.y_ticks(&ticks, &words);
    for at in between(y) {
        frame.line(line(&[x.0, x.1], &[at, at], style::hex("#f2f2f2"), 0.5).with_zorder(0.4));
    }
}

/// Exponents and words of the labelled ticks: powers of ten, or also 2 and 5 times them on a short axis.
fn powers((low, high): Limits) -> Vec<(f64, String)> {
    let decades = low.ceil() as i32..=high.floor() as i32;
    let count = decades.clone().count() as i32;
    if count >= 3 {
        let stride = (count + MOST - 1) / MOST;
        let kept = decades.filter(|k| k % stride == 0);
        return kept.map(|k| (f64::from(k), format!("$10^{{{k}}}$"))).collect();
    }
    let digits: &[f64] =
        if high - low < 0.5 { &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0] } else { &[1.0, 2.0, 5.0] };
    let all = (low.floor() as i32..=high.floor() as i32)
        .flat_map(|k| digits.iter().map(move |digit| (f64::from(k) + digit.log10(), number(*digit, k))));
    all.filter(|(at, _)| (low..=high).contains(at)).collect()
}

/// `digit * 10^exponent` in few characters.
fn number(digit: f64, exponent: i32) -> String {
    if (-3..=4).contains(&exponent) {
        let value = digit * 10f64.powi(exponent);
        let decimals = usize::try_from(-exponent).unwrap_or(0) + usize::from(digit.fract() > 0.0);
        return format!("{value:.decimals$}");
    }
    format!("${digit} \\cdot 10^{{{exponent}}}$")
}

/// Exponents of 2 to 9 times powers of ten, on an axis of few decades.
fn between((low, high): Limits) -> Vec<f64> {
    if high - low > 4.0 {
        return Vec::new();
    }
    let decades = low.floor() as i32..=high.floor() as i32;
    let all = decades.flat_map(|k| (2..10).map(move |digit| f64::from(k) + f64::from(digit).log10()));
    all.filter(|at| (low..=high).contains(at)).collect()
}

/// Whole ticks for up to ten records.
pub(super) fn whole(frame: &mut Frame<'_>, records: usize) {
    if (1..=10).contains(&records) {
        let whole: Vec<f64> = (1..=records).map(|i| i as f64).collect();
        let words: Vec<String> = whole.iter().map(f64::to_string).collect();
        frame.x_ticks(&whole, &words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(limits: Limits) -> Vec<String> {
        powers(limits).into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn every_range_of_exponents_has_ticks() {
        assert_eq!(words((-2.1, 0.9)), ["$10^{-2}$", "$10^{-1}$", "$10^{0}$"]);
        assert_eq!(words((-0.5, 0.8)), ["0.5", "1", "2", "5"]);
        assert_eq!(words((0.1, 0.5)), ["1.5", "2", "3"]);
        assert_eq!(words((-7.0, -6.5)), ["$1 \\cdot 10^{-7}$", "$2 \\cdot 10^{-7}$"]);
        assert!(words((-300.0, 300.0)).len() <= 8);
    }
}
