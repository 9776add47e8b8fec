//! The example of the README.
//!
//! ```text
//! 0.6106
//! 0.1601
//! 0.0041
//! 0.0004
//! 0.0000
//! ```
use ferrotape_autograd::{Params, check::gradcheck};
use ferrotape_nn::{Adam, Linear, Module, Sequential, Step, Tanh};

fn main() -> Result<(), ferrotape_autograd::Error> {
    let params = Params::seeded(7);
    params.set_lr(0.1);
    let layer = |name, inputs, units| Box::new(Linear::new(&params, name, inputs, units));
    let model: Sequential = vec![layer("0", 2, 4), Box::new(Tanh), layer("2", 4, 1)];

    let mut step = Step::new(|tape, n| {
        let loss = model.forward(tape.feed([n, 2])).mse(tape.feed([n, 1]));
        loss.backward().step(Adam::default());
        vec![loss]
    });
    let (x, xor) = ([0., 0., 0., 1., 1., 0., 1., 1.], [0., 1., 1., 0.]);
    for k in 0..100 {
        let loss = step.run_with(&params, 4, &[x[..].into(), xor[..].into()])?[0];
        if k % 20 == 0 {
            println!("{loss:.4}");
        }
    }
    // The derivatives, exact by dual numbers and again by finite differences, against what `backward` recorded.
    gradcheck(&params, &[&[4, 2]], |_, x| model.forward(x[0])).assert_ok();
    Ok(())
}
