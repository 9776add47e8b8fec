//! One recorded convolution, computed three times: by the definition in float64, by the fast kernel in float32, and in
//! the arithmetic that bounds what the second may be off.
use crate::npy::Array;
use anyhow::{Result, bail};
use ferrotape_autograd::{Bound, Params, Replay, Scalar, Shape, Tape, Var};

/// Terms of a sum beyond which the error bound of float32 says nothing (it needs `k u < 1/2`).
const MOST_TERMS: usize = 1 << 22;

/// `y[n,o,i,j] = Σ_{c,p,q} x[n,c,i+p,j+q] w[o,c,p,q]`, and how well float32 does.
#[derive(Clone, Debug)]
pub struct Convolution {
    /// y (N, O, H - kh + 1, W - kw + 1), in float64.
    pub out: Array,
    /// The fast kernel against it; where that cannot be judged, why.
    pub fast: Result<Fast, &'static str>,
}

/// How far the fast float32 kernel lies from float64.
#[derive(Clone, Debug, PartialEq)]
pub struct Fast {
    /// Largest difference.
    pub max_error: f64,
    /// Largest difference that rounding operands, products and sums to float32 may make, by derivation.
    pub max_bound: f64,
    /// Largest difference as a share of the bound of its own element: at most 1 where the kernel is right.
    pub worst_share: f64,
}

/// Cross-correlation, stride 1, no padding, no bias: samples (N, C, H, W), kernel (O, C, kh, kw), which fit each other.
///
/// # Errors
/// Where float64 overflows.
///
/// # Panics
/// If they do not fit.
pub fn conv2d(samples: &Array, kernel: &Array) -> Result<Convolution> {
    let params = Params::default();
    let tape = Tape::inference(&params);
    let [x, w] = [samples, kernel].map(|a| tape.input(Shape::new(&a.shape), &rounded(a)));
    let outputs = kernel.shape[0];
    let y = x.conv2d(w, tape.input([outputs], &vec![0.0; outputs]), 1, 0);
    let operands = [(x, samples), (w, kernel)];

    let shape = y.shape().to_vec();
    let mut exact = tape.replay::<f64>(&[y]);
    let values = run(&mut exact, operands, y, |v| v)?;
    if let Some(at) = values.iter().position(|v| !v.is_finite()) {
        let out = Array { shape, values };
        bail!("the output at {:?} overflows float64: samples or kernel are too large", out.index(at));
    }
    let terms = kernel.shape[1..].iter().product::<usize>();
    let fast = match y.values() {
        fast if fast.iter().any(|v| !v.is_finite()) => Err("numbers beyond its range"),
        _ if terms > MOST_TERMS => Err("too many terms a sum"),
        fast => {
            let bounds = run(&mut tape.replay::<Bound>(&[y]), operands, y, Bound::from_f64)?;
            Ok(Fast::compare(&fast, &values, &bounds))
        }
    };
    Ok(Convolution { out: Array { shape, values }, fast })
}

fn rounded(array: &Array) -> Vec<f32> {
    array.values.iter().map(|&v| v as f32).collect()
}

/// What the tape computes in another arithmetic, from the numbers as they were before they were rounded.
fn run<S: ferrotape_autograd::Arithmetic>(
    replay: &mut Replay<S>,
    operands: [(Var<'_>, &Array); 2],
    y: Var<'_>,
    number: impl Fn(f64) -> S,
) -> Result<Vec<S>> {
    for (x, array) in operands {
        let values: Vec<S> = array.values.iter().map(|&v| number(v)).collect();
        replay.set(x.id(), &values);
    }
    replay.run(&[])?;
    Ok(replay.values(y.id()))
}

impl Fast {
    fn compare(fast: &[f32], exact: &[f64], bounds: &[Bound]) -> Self {
        let mut worst = Self { max_error: 0.0, max_bound: 0.0, worst_share: 0.0 };
        for ((&fast, exact), bound) in fast.iter().zip(exact).zip(bounds) {
            let (error, bound) = ((f64::from(fast) - exact).abs(), bound.tolerance());
            worst.max_error = worst.max_error.max(error);
            worst.max_bound = worst.max_bound.max(bound);
            if error > 0.0 {
                worst.worst_share = worst.worst_share.max(error / bound);
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(shape: [usize; 4], value: impl Fn(usize) -> f64) -> Array {
        Array { shape: shape.to_vec(), values: (0..shape.iter().product()).map(value).collect() }
    }

    #[test]
    fn the_kernel_is_not_flipped() {
        let x = array([1, 1, 2, 3], |i| [1., 2., 3., 4., 5., 6.][i]);
        let w = array([1, 1, 2, 2], |i| [1., 0., 0., 10.][i]);
        let y = conv2d(&x, &w).unwrap();
        assert_eq!(y.out, Array { shape: vec![1, 1, 1, 2], values: vec![51.0, 62.0] });
        assert_eq!(y.fast.unwrap().max_error, 0.0, "small whole numbers are exact in float32");
    }

    /// The output is that of the numbers given, not of the numbers rounded to float32.
    #[test]
    fn it_is_float64_throughout() {
        let x = array([2, 3, 5, 4], |i| (i as f64 * 0.7).sin());
        let w = array([4, 3, 2, 3], |i| (i as f64 * 1.3).cos() / 3.0);
        let y = conv2d(&x, &w).unwrap();
        assert_eq!(y.out.shape, [2, 4, 4, 2]);
        let mut sum = 0.0;
        for c in 0..3 {
            for p in 0..2 {
                for q in 0..3 {
                    // n = 1, o = 2, i = 3, j = 1
                    sum += x.values[((3 + c) * 5 + 3 + p) * 4 + 1 + q] * w.values[((6 + c) * 2 + p) * 3 + q];
                }
            }
        }
        let found = y.out.values[((4 + 2) * 4 + 3) * 2 + 1];
        assert!((found - sum).abs() < 1e-15, "{found} {sum}");
        let fast = y.fast.unwrap();
        assert!(fast.max_error > 1e-9 && fast.worst_share > 0.001 && fast.worst_share <= 1.0, "{fast:?}");
        assert!(fast.max_error <= fast.max_bound);
    }

    #[test]
    fn what_float32_cannot_hold() {
        let large = conv2d(&array([1, 1, 1, 1], |_| 1e200), &array([1, 1, 1, 1], |_| 0.5)).unwrap();
        assert_eq!(large.out.values, [5e199]);
        assert_eq!(large.fast.unwrap_err(), "numbers beyond its range");
        let overflow = conv2d(&array([1, 1, 1, 1], |_| 1e200), &array([1, 1, 1, 1], |_| 1e200));
        assert!(overflow.unwrap_err().to_string().contains("[0, 0, 0, 0] overflows float64"));
    }
}
