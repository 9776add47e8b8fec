//! Numbers and lists in sentences.

/// `41.3 %`, on one line.
pub fn percent(value: f64) -> String {
    format!("{value:.1}\u{a0}%")
}

/// `41.32`: percent in a table.
pub fn hundredths(value: f64) -> String {
    format!("{value:.2}")
}

/// `+1.3` or `−1.3`, and `0.0`.
pub fn signed(value: f64) -> String {
    with_sign(format!("{value:+.1}"))
}

/// `+0.64` or `−0.64`, and `0.00`.
pub fn coefficient(value: f64) -> String {
    with_sign(format!("{value:+.2}"))
}

fn with_sign(number: String) -> String {
    if number.contains(|c| ('1'..='9').contains(&c)) {
        number.replace('-', "−")
    } else {
        number[1..].into()
    }
}

/// A difference of accuracies: `3.2 points`.
pub fn points(value: f64) -> String {
    let number = format!("{value:.1}");
    if number == "1.0" { "1\u{a0}point".into() } else { format!("{number}\u{a0}points") }
}

/// Thousands set apart: `98,666`.
pub fn thousands(value: impl Into<u64>) -> String {
    ferrotape_nn::thousands(value.into())
}

/// `48 s`, `4 min 45 s`, `1 h 30 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..10 => format!("{seconds:.1}\u{a0}s"),
        10..120 => format!("{whole}\u{a0}s"),
        120..3600 => format!("{}\u{a0}min {}\u{a0}s", whole / 60, whole % 60),
        _ => format!("{}\u{a0}h {}\u{a0}min", whole / 3600, whole % 3600 / 60),
    }
}

/// A positive number of any size to three digits: `0.0123`, `3.2e-5`.
pub fn magnitude(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if !(1e-3..1e5).contains(&v) => format!("{value:.1e}").replace('-', "−"),
        v => {
            let decimals = (2 - v.log10().floor() as i32).clamp(0, 6) as usize;
            format!("{value:.decimals$}").replace('-', "−")
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let items: Vec<S> = items.into_iter().collect();
    match &items[..] {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// `1 run`, `2 runs`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1\u{a0}{one}") } else { format!("{number}\u{a0}{one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(98_666u32), "98,666");
        assert_eq!(thousands(666u32), "666");
        assert_eq!(duration(285.4), "4\u{a0}min 45\u{a0}s");
        assert_eq!(duration(5400.0), "1\u{a0}h 30\u{a0}min");
        assert_eq!(magnitude(3.2468), "3.25");
        assert_eq!(magnitude(0.000_32), "3.2e−4");
        assert_eq!(magnitude(12_345.0), "12345");
        assert_eq!((signed(-1.25), signed(-0.01)), ("−1.2".into(), "0.0".into()));
        assert_eq!(coefficient(0.641), "+0.64");
        assert_eq!(points(0.96), "1\u{a0}point");
    }

    #[test]
    fn lists_end_in_and() {
        assert_eq!(list(["a"]), "a");
        assert_eq!(list(["a", "b", "c"]), "a, b and c");
        assert_eq!(count(1, "run"), "1\u{a0}run");
        assert_eq!(count(3, "run"), "3\u{a0}runs");
    }
}
