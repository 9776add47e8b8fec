//! A training from beginning to end: data, network, step, schedule, validation.
//!
//! ```text
//! epoch  rate   training  validation  right
//! 0      0.050  0.195     0.111       193 of 200
//! 4      0.050  0.017     0.026       194 of 200
//! 9      0.050  0.013     0.025       194 of 200
//! 14     0.010  0.012     0.023       194 of 200
//! 19     0.002  0.012     0.023       194 of 200
//! ```
//!
//! The task: four clouds of points around the corners of a square, labelled by quadrant as XOR is. No line divides them.
use ferrotape_autograd::{Error, Params};
use ferrotape_data::{Loader, blobs};
use ferrotape_nn::{Adam, Linear, Module, MultiStep, Schedule, Sequential, Sigmoid, Step, Tanh};

fn main() -> Result<(), Error> {
    // What is learnt from, and what is only looked at.
    let (train, validation) = blobs::xor(1000, 200, 7);
    let mut loader = Loader::new((0..1000).collect(), 50, 7);

    // One seed decides initial weights and the order of batches: the same numbers at every run.
    let params = Params::seeded(7);
    let layer = |name, inputs, units| Box::new(Linear::new(&params, name, inputs, units));
    let model: Sequential = vec![layer("0", 2, 8), Box::new(Tanh), layer("2", 8, 1), Box::new(Sigmoid)];

    // Both are recorded on first use and replayed from then on.
    let mut learn = Step::new(|tape, n| {
        let loss = model.forward(tape.feed([n, 2])).mse(tape.feed([n, 1]));
        loss.backward().step(Adam::default());
        vec![loss]
    });
    let mut look = Step::evaluation(|tape, n| {
        let y = model.forward(tape.feed([n, 2]));
        vec![y.mse(tape.feed([n, 1])), y]
    });

    let rate = MultiStep { lr: 0.05, milestones: vec![10, 15], gamma: 0.2 };
    println!("epoch  rate   training  validation  right");
    for epoch in 0..20 {
        params.set_lr(rate.lr(epoch));
        let (mut sum, batches) = (0.0, loader.batches() as f32);
        for batch in loader.epoch(epoch) {
            let points: Vec<f32> = batch.iter().flat_map(|&i| train.points[i as usize]).collect();
            let labels: Vec<f32> = batch.iter().map(|&i| train.labels[i as usize]).collect();
            sum += learn.run_with(&params, batch.len(), &[points[..].into(), labels[..].into()])?[0];
        }
        if epoch == 0 || epoch % 5 == 4 {
            let feeds = [validation.points.as_flattened().into(), validation.labels[..].into()];
            let seen = look.run_with(&params, validation.labels.len(), &feeds)?;
            let right = |(y, label): (&f32, &f32)| (*y > 0.5) == (*label > 0.5);
            let right = seen.values(1).iter().zip(&validation.labels).filter(|&pair| right(pair)).count();
            let (rate, training) = (params.lr(), sum / batches);
            println!("{epoch:<5}  {rate:.3}  {training:<8.3}  {:<10.3}  {right} of 200", seen[0]);
        }
    }
    Ok(())
}
