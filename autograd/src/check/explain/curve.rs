//! Finite differences against the gradient, by step size: a V where the gradient is right, flat where it is wrong.

/// Steps of the curve: 10^-1 to 10^-12.
const STEPS: i32 = 12;

/// Halvings of the interval in which a kink lies.
const BISECTIONS: usize = 30;

/// `|(f(h) - f(-h)) / 2h - g|` by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Step and error.
    pub errors: Vec<(f64, f64)>,
    /// Distance to the nearest kink, if there is one within the largest step.
    pub kink: Option<f64>,
}

impl Curve {
    /// Of `f`, whose slope at 0 is said to be `g`.
    pub(super) fn new(f: &mut dyn FnMut(f64) -> f64, g: f64) -> Self {
        let mut error = |h: f64| (h, ((f(h) - f(-h)) / (2.0 * h) - g).abs());
        let errors = (1..=STEPS).map(|k| error(10f64.powi(-k))).collect();
        Self { errors, kink: kink(f) }
    }
}

/// The distance to the nearest kink on either side: the largest h up to which f bends smoothly.
///
/// The slope on the right less that on the left is h f'' where f is smooth, so that twice its value at h/2 less its value at h is
/// O(h²); a kink between h/2 and h adds a jump.
fn kink(f: &mut dyn FnMut(f64) -> f64) -> Option<f64> {
    let center = f(0.0);
    let mut bent = |h: f64| {
        let mut turn = |h: f64| (f(h) - 2.0 * center + f(-h)) / h;
        let [wide, half, quarter] = [turn(h), turn(h / 2.0), turn(h / 4.0)];
        let [outer, inner] = [wide - 2.0 * half, half - 2.0 * quarter].map(f64::abs);
        let noise = 64.0 * f64::EPSILON * center.abs().max(1.0) / h;
        // A third difference would fall eightfold, so a smooth f has inner about an eighth of outer.
        (outer - 8.0 * inner).abs() > 0.5 * outer && outer > 16.0 * noise
    };
    let coarse = (0..24).map(|k| 0.1 * 0.5f64.powi(k)).filter(|&h| bent(h)).last()?;
    let (mut low, mut high) = (coarse / 4.0, coarse);
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if bent(middle) { high = middle } else { low = middle }
    }
    Some(high)
}
