//! The XOR network of the homework's part 1, with its published outcome.
use ferrotape_autograd::{Error, Feed, Params};
use ferrotape_data::blobs::{self, Blobs};
use ferrotape_nn::{Init, LayerOptions, Linear, Module, Relu, Sequential, Sgd, Sigmoid, Step, Tanh};

const EPOCHS: usize = 10_000;

#[derive(Copy, Clone)]
enum Activation {
    Relu,
    Sigmoid,
    Tanh,
}

impl Activation {
    fn module(self) -> Box<dyn Module> {
        match self {
            Self::Relu => Box::new(Relu),
            Self::Sigmoid => Box::new(Sigmoid),
            Self::Tanh => Box::new(Tanh),
        }
    }
}

/// Fully connected layers of these widths, weights N(0, 1), biases 0, each followed by the activation.
fn network(params: &Params, widths: &[usize], activation: Activation) -> Sequential {
    let options = LayerOptions { init: Init::Normal, ..LayerOptions::default() };
    let mut modules = Sequential::new();
    for pair in widths.windows(2) {
        let name = modules.len().to_string();
        modules.push(Box::new(Linear::with(params, &name, pair[0], pair[1], options)));
        modules.push(activation.module());
    }
    modules
}

/// Mean squared error at the start and at the end, and percent of the validation points right.
struct Outcome {
    first: f32,
    last: f32,
    right: f32,
}

/// Full-batch descent along the gradient of half the *sum* of squared errors; with the mean nothing is learnt.
fn train(widths: &[usize], activation: Activation, seed: u64) -> Result<Outcome, Error> {
    let (train, validation) = blobs::xor(1000, 100, seed);
    let params = Params::seeded(seed);
    let model = network(&params, widths, activation);
    let mut step = Step::new(|tape, n| {
        let error = model.forward(tape.feed([n, 2])) - tape.feed([n, 1]);
        let sum = error.sum_of_squares();
        (0.5 * sum).backward().step(Sgd::default());
        vec![sum * (1.0 / n as f64)]
    });
    let feeds: [Feed<'_>; 2] = [train.points.as_flattened().into(), train.labels[..].into()];
    let first = step.run_with(&params, 1000, &feeds)?[0];
    for _ in 2..EPOCHS {
        step.run_with(&params, 1000, &feeds)?;
    }
    let last = step.run_with(&params, 1000, &feeds)?[0];
    Ok(Outcome { first, last, right: percent_right(&model, &params, &validation)? })
}

fn percent_right(model: &Sequential, params: &Params, points: &Blobs) -> Result<f32, Error> {
    let mut forward = Step::evaluation(|tape, n| vec![model.forward(tape.feed([n, 2]))]);
    let out = forward.run_with(params, points.labels.len(), &[points.points.as_flattened().into()])?;
    let agree = |(out, label): &(&f32, &f32)| (**out > 0.5) == (**label == 1.0);
    let right = out.values(0).iter().zip(&points.labels).filter(agree).count();
    Ok(100.0 * right as f32 / points.labels.len() as f32)
}

/// Percent right by seed, printed.
fn percent(name: &str, widths: &[usize], activation: Activation, seeds: &[u64]) -> Result<Vec<f32>, Error> {
    let run = |&seed| {
        let Outcome { first, last, right } = train(widths, activation, seed)?;
        println!("{name:12} seed {seed:2}  mean squared error {first:.4} -> {last:.4}  {right:3} % right");
        assert!(last < first || right == 50.0, "a network that is not dead learns");
        Ok(right)
    };
    seeds.iter().map(run).collect()
}

#[test]
fn sigmoid_learns_xor() -> Result<(), Error> {
    let right = percent("sigmoid", &[2, 4, 1], Activation::Sigmoid, &[1, 2, 3, 4])?;
    assert!(right.iter().all(|&r| r >= 93.0), "{right:?}, expected 93 to 99");
    Ok(())
}

#[test]
fn tanh_learns_xor() -> Result<(), Error> {
    let right = percent("tanh", &[2, 4, 1], Activation::Tanh, &[1, 2, 3, 4])?;
    assert!(right.iter().all(|&r| r >= 96.0), "{right:?}, expected 96 to 99");
    Ok(())
}

/// Where the output unit is 0 for every point, no gradient flows: the network stays at "all 0", half of it right.
#[test]
fn relu_learns_xor_or_dies() -> Result<(), Error> {
    let right = percent("relu", &[2, 4, 1], Activation::Relu, &[1, 2, 3, 4, 5, 6])?;
    assert!(right.contains(&50.0) && right.iter().any(|&r| r > 90.0), "{right:?}, expected 50 to 97");
    Ok(())
}

/// A line has two sides: it parts at most one of the four clouds from the three others.
#[test]
fn one_layer_cannot() -> Result<(), Error> {
    let right = percent("single layer", &[2, 1], Activation::Sigmoid, &[1, 2, 9])?;
    assert!(right.iter().all(|r| (25.0..=76.0).contains(r)), "{right:?}, expected near 50, at most 75");
    Ok(())
}
