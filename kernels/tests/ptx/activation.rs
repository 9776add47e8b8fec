//! Activation functions and their gradients.
use crate::{
    harness::{Operand, Output, run},
    same::same,
};
use ferrotape_kernels::activation::{Activation, Activation::*, cuda, reference};

#[test]
fn piecewise_linear_ones_and_gradients_have_the_bits_of_the_reference() {
    let leaky = [0.1, 0.0, -0.5, 1e60].map(|slope| LeakyRelu { slope });
    for f in [&[Relu], &leaky[..]].concat() {
        same(|n| cuda::forward(f, n), |x, _, y| reference::forward(f, x, y));
    }
    for f in [&[Relu, Sigmoid, Tanh], &leaky[..]].concat() {
        same(|n| cuda::backward(f, n), |y, dy, dx| reference::backward(f, y, dy, dx));
    }
}

/// What the kernel makes of `x`.
fn values(f: Activation, x: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    run(&cuda::forward(f, x.len()), &[Operand::F32(x)], &mut [Output::F32(&mut y)]);
    y
}

/// Every 16411th float, asserted to lie within `tolerance(exact)` of the exact value.
fn check(f: Activation, tolerance: impl Fn(f64) -> f64) {
    let around = [0.625f32, -0.625, 10.0, -10.0, 104.0, -104.0, -103.9, 88.8, -88.8, -87.3];
    let around = around.into_iter().flat_map(|x| [x.next_down(), x, x.next_up()]);
    let x: Vec<f32> = (0..=u32::MAX).step_by(16_411).map(f32::from_bits).chain(around).collect();
    let mut worst = (0.0, 0.0);
    for (&x, y) in x.iter().zip(values(f, &x)) {
        let exact = f.at(f64::from(x));
        if exact.is_nan() {
            assert!(y.is_nan(), "{f:?}({x:e}) = {y:e}, expected a NaN");
            continue;
        }
        let share = (f64::from(y) - exact).abs() / tolerance(exact);
        assert!(share <= 1.0, "{f:?}({x:e}) = {y:e}, expected {exact:e}: {share} of the tolerance");
        worst = if share > worst.0 { (share, x) } else { worst };
    }
    println!("{f:?}: at most {:.2} of the tolerance, at {:e}", worst.0, worst.1);
}

/// 2^-24, the most that rounding takes from a number.
const U: f64 = f32::EPSILON as f64 / 2.0;
/// The distance of subnormal numbers.
const TINY: f64 = 1.401_298_464_324_817e-45;

/// The bound derived in the kernel's file; subnormal results are within 4 units.
#[test]
fn sigmoid() {
    check(Sigmoid, |y| 8.1 * U * y + 4.0 * TINY);
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let y = values(Sigmoid, &[0.0, -0.0, inf, -inf, 1e-45, 100.0, -1e4, nan]);
    assert_eq!(y[..7], [0.5, 0.5, 1.0, 0.0, 0.5, 1.0, 0.0]);
    assert!(y[7].is_nan());
}

#[test]
fn tanh() {
    let ulp = |y: f64| {
        let y = (y.abs() as f32).min(f32::MAX.next_down());
        f64::from(y.next_up()) - f64::from(y)
    };
    check(Tanh, |y| 3.6 * ulp(y));
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let y = values(Tanh, &[0.0, -0.0, inf, -inf, 1e-45, -1e-45, 20.0, nan]);
    assert_eq!(y[..7], [0.0, 0.0, 1.0, -1.0, 1e-45, -1e-45, 1.0]);
    assert!(y[7].is_nan());
}
