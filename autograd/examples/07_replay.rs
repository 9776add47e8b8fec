//! A tape becomes a program: planned once, run many times, in any arithmetic.
//!
//! ```text
//! as recorded: 19 instructions, 41640 B of buffers
//!   relayout conv2d tanh max_pool2d flatten linear mean
//!   cross_entropy fill cross_entropy_grad linear_dgrad linear_wgrad channel_sum unflatten
//!   max_pool2d_grad tanh_grad conv2d_wgrad channel_sum sgd
//! not fused: 29244 B of buffers
//! fused: 10 instructions, 20488 B of buffers
//!   relayout conv2d_tanh_max_pool2d flatten linear cross_entropy_bias_grad linear_dgrad_wgrad unflatten
//!   max_pool2d_tanh_bias_grad conv2d_wgrad sgd
//! losses, eager and replayed: [1.10341, 1.09680, 1.09081]
//! f32 is off by ~1e-8
//! along the gradient: 0.080135881558 by dual numbers, |g|² = 0.080135881558
//! ```
use ferrotape_autograd::{Code, Dual, Layout, ParamId, Params, Rewrites, Sgd, Tape, Var};

/// A training step: images and labels are made up, everything else is as in earnest.
fn record<'t>(tape: &'t Tape<'t>, [w1, b1, w2, b2]: [ParamId; 4]) -> Var<'t> {
    let wave: Vec<f32> = (0..1280).map(|k| (0.7 * k as f32).sin()).collect();
    let (x, labels) = (tape.input([10, 2, 8, 8], &wave), tape.input_u32(&[0, 1, 2, 0, 1, 2, 0, 1, 2, 0]));
    let maps = x.conv2d(tape.param(w1), tape.param(b1), 1, 0).tanh().max_pool2d(2, 2);
    let logits = maps.flatten().linear(tape.param(w2), tape.param(b2));
    logits.mean(); // nobody reads it
    let loss = logits.cross_entropy(labels);
    loss.backward().step(Sgd::default());
    loss
}

fn show(title: &str, code: &Code) {
    let names: Vec<_> = code.instructions().iter().map(|i| i.name()).collect();
    println!("{title}: {} instructions, {} B of buffers", names.len(), code.buffer_bytes());
    names.chunks(7).for_each(|line| println!("  {}", line.join(" ")));
}

fn main() -> Result<(), ferrotape_autograd::Error> {
    let params = Params::default();
    let fill = |n: usize| (0..n).map(|k| (k as f32).cos() / 4.0).collect::<Vec<_>>();
    let p = [
        params.add("conv.weight", [4, 2, 3, 3], Layout::Hwio, &fill(72)),
        params.add("conv.bias", [4], Layout::Rows, &[0.0; 4]),
        params.add("fc.weight", [3, 36], Layout::InOut, &fill(108)),
        params.add("fc.bias", [3], Layout::Rows, &[0.0; 3]),
    ];
    params.set_lr(0.1);
    let start = params.snapshot();

    // The planner drops what nobody reads, lets values whose lives do not meet share a buffer, and fuses.
    let tape = Tape::recording(&params);
    let loss = record(&tape, p);
    show("as recorded", &tape.code());
    println!("not fused: {} B of buffers", tape.compile_with(&[loss], Rewrites::NONE).code().buffer_bytes());
    let mut program = tape.compile(&[loss]);
    show("fused", program.code());

    // Three steps, recorded each time and run at once; then three runs of the program: the same bits. From its second
    // run on it allocates nothing; `tests/tests/allocation.rs` counts.
    let eager: Vec<f32> = (0..3).map(|_| record(&Tape::training(&params), p).item()).collect();
    let trained = params.digest();
    params.restore(start.clone());
    let runs = (0..3).map(|_| program.run(&params, &[]).map(|kept| kept[0]));
    let replayed = runs.collect::<Result<Vec<f32>, _>>()?;
    assert_eq!((&eager, trained), (&replayed, params.digest()), "losses, and all weights after");
    println!("losses, eager and replayed: {replayed:.5?}");

    // The same program in f64, from the same start: what f32 lost.
    params.restore(start);
    let mut wide = program.replay::<f64>(&params);
    wide.run(&[])?;
    println!("f32 is off by ~{:.0e}", (f64::from(replayed[0]) - wide.values(loss.id())[0]).abs());

    // In dual numbers, the gradient g as the direction: the derivative of the loss along g is |g|².
    let (mut dual, g) = (program.replay::<Dual>(&params), &wide.params.grads);
    dual.params.values.iter_mut().zip(g).for_each(|(w, &g)| w.eps = g);
    dual.run(&[])?;
    let (forward, reverse) = (dual.values(loss.id())[0].eps, g.iter().map(|g| g * g).sum::<f64>());
    println!("along the gradient: {forward:.12} by dual numbers, |g|² = {reverse:.12}");
    Ok(())
}
