//! What the framework does where a derivative is a convention.
use ferrotape_autograd::{Params, Tape, Var};

/// The gradient of the sum of `f(x)` at `x`.
fn gradient(shape: &[usize], x: &[f32], f: impl for<'t> Fn(Var<'t>) -> Var<'t>) -> Vec<f32> {
    let params = Params::default();
    let tape = Tape::training(&params);
    let v = tape.variable(ferrotape_autograd::Shape::new(shape), x);
    f(v).sum().backward().get(v).expect("a gradient").values()
}

fn main() {
    let nan = f32::NAN;
    println!("relu at -0, 0, NaN              {:?}", gradient(&[3], &[-0.0, 0.0, nan], |x| x.relu()));
    println!("leaky relu (0.1) at -0, 0       {:?}", gradient(&[2], &[-0.0, 0.0], |x| x.leaky_relu(0.1)));
    println!(
        "max-pooling of 3 3 / 3 1        {:?}",
        gradient(&[1, 1, 2, 2], &[3., 3., 3., 1.], |x| x.max_pool2d(2, 2))
    );
    println!(
        "max-pooling of 9 NaN / 3 NaN    {:?}",
        gradient(&[1, 1, 2, 2], &[9., nan, 3., nan], |x| x.max_pool2d(2, 2))
    );
    println!("norm at 0, 0                    {:?}", gradient(&[2], &[0.0, 0.0], |x| x.l2_norm()));
    println!("sigmoid at -200, 200            {:?}", gradient(&[2], &[-200., 200.], |x| x.sigmoid()));
    println!("x² where x is used twice, at 3  {:?}", gradient(&[1], &[3.0], |x| x * x));
}
