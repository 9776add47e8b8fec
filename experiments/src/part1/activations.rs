//! The activation functions and their derivatives over [-5, 5]: the derivatives as the tape finds them, held against the
//! formulas.
use anyhow::Result;
use ferrotape_autograd::{Device, Params, Tape, Var};
use ferrotape_nn::models::Activation;

/// The activations of part 1.
pub const ACTIVATIONS: [Activation; 3] = [Activation::Tanh, Activation::Sigmoid, Activation::Relu];

/// Points on either side of 0.
const HALF: i32 = 500;
/// Where the plot ends.
const END: f64 = 5.0;

/// One activation function on a grid.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Which.
    pub activation: Activation,
    /// Its arguments, from -5 to 5.
    pub x: Vec<f64>,
    /// Its values, by the machine in float32.
    pub value: Vec<f64>,
    /// Its derivatives, by `backward` on the same tape.
    pub derivative: Vec<f64>,
    /// Largest difference between those values and derivatives and their formulas.
    pub float32: Apart,
    /// The same with the tape replayed in float64: what is left is rounding.
    pub float64: Apart,
}

/// Largest differences from the formulas.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Apart {
    /// Of the values.
    pub value: f64,
    /// Of the derivatives.
    pub derivative: f64,
}

/// Value and derivative, written out:
///
/// | | f(x) | f'(x) |
/// |---|---|---|
/// | tanh | (e^2x - 1) / (e^2x + 1) | 1 - f(x)² |
/// | sigmoid | 1 / (1 + e^-x) | f(x) (1 - f(x)) |
/// | ReLU | max(0, x) | 1 where x > 0, else 0 |
///
/// # Panics
/// For an activation that is not of part 1.
pub fn formula(activation: Activation, x: f64) -> (f64, f64) {
    match activation {
        Activation::Tanh => {
            let f = ((2.0 * x).exp() - 1.0) / ((2.0 * x).exp() + 1.0);
            (f, 1.0 - f * f)
        }
        Activation::Sigmoid => {
            let f = 1.0 / (1.0 + (-x).exp());
            (f, f * (1.0 - f))
        }
        Activation::Relu => (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 }),
        Activation::LeakyRelu => panic!("leaky_relu is no activation of part 1"),
    }
}

/// Computes the activation on the grid, and differentiates it.
///
/// # Errors
/// Where the replay fails.
pub fn curve(activation: Activation, device: &Device) -> Result<Curve> {
    let x: Vec<f64> = (-HALF..=HALF).map(|i| END * f64::from(i) / f64::from(HALF)).collect();
    let rounded: Vec<f32> = x.iter().map(|&x| x as f32).collect();
    let params = Params::default();
    let tape = Tape::training(&params).with_device(device.clone());
    let input = tape.variable([x.len()], &rounded);
    let y = activation.module().forward(input);
    // The gradient of the sum: each output depends on its own input only.
    let gradients = y.backward_with(tape.input([x.len()], &vec![1.0; x.len()]));
    let dy = gradients.get(input).expect("an activation passes its gradient on");

    let real = |v: Var<'_>| v.values().into_iter().map(f64::from).collect::<Vec<f64>>();
    let (value, derivative) = (real(y), real(dy));
    let argued: Vec<f64> = rounded.into_iter().map(f64::from).collect();
    let float32 = apart(activation, &argued, &value, &derivative);

    let mut exact = tape.replay::<f64>(&[y, dy]);
    exact.set(input.id(), &x);
    exact.run(&[])?;
    let float64 = apart(activation, &x, &exact.values(y.id()), &exact.values(dy.id()));
    Ok(Curve { activation, x, value, derivative, float32, float64 })
}

fn apart(activation: Activation, x: &[f64], values: &[f64], derivatives: &[f64]) -> Apart {
    let mut worst = Apart { value: 0.0, derivative: 0.0 };
    for ((&x, value), derivative) in x.iter().zip(values).zip(derivatives) {
        let (f, df) = formula(activation, x);
        worst.value = worst.value.max((value - f).abs());
        worst.derivative = worst.derivative.max((derivative - df).abs());
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tape_agrees_with_the_formulas() {
        for device in [Device::Cpu, Device::Reference] {
            for activation in ACTIVATIONS {
                let Curve { x, derivative, float32, float64, .. } = curve(activation, &device).unwrap();
                assert_eq!((x[0], x[500], x[1000]), (-5.0, 0.0, 5.0));
                // A few units in the last place of numbers up to 5.
                assert!(float32.value <= 1e-6 && float32.derivative <= 1e-6, "{activation}: {float32:?}");
                assert!(float64.value <= 1e-15 && float64.derivative <= 1e-15, "{activation}: {float64:?}");
                let middle = [1.0, 0.25, 0.0][ACTIVATIONS.iter().position(|a| *a == activation).unwrap()];
                assert_eq!(derivative[500], middle, "{activation}'(0)");
            }
        }
    }

    /// A formula that is not the derivative is noticed.
    #[test]
    fn a_wrong_formula_shows() {
        let tanh = curve(Activation::Tanh, &Device::Cpu).unwrap();
        let wrong = apart(Activation::Sigmoid, &tanh.x, &tanh.value, &tanh.derivative);
        assert!(wrong.value > 0.4 && wrong.derivative > 0.4, "{wrong:?}");
    }
}
