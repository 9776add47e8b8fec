//! The same neuron as in example 01, differentiated by the tape.
//!
//! `cargo run -p ferrotape-autograd --example 02_tape` prints
//!
//! ```text
//! ```
//!
//! The backward pass is no different from the forward pass: instructions on the same tape.
use ferrotape_autograd::{Layout, Params, Tape};

fn main() {
    let params = Params::default();
    let w = params.add("w", [], Layout::Rows, &[0.5]);
    let b = params.add("b", [], Layout::Rows, &[-0.6]);

    let tape = Tape::training(&params);
    let x = tape.input([], &[2.0]);
    let target = tape.input([], &[0.8]);

    let z = tape.param(w) * x + tape.param(b);
    let y = z.tanh();
    let e = y - target;
    let loss = e * e;
    println!("z = {:.4}, y = {:.4}, loss = {:.4}", z.item(), y.item(), loss.item());

    let gradients = loss.backward();
    println!("\n{tape}");

    // Every gradient is a variable, those of the values in between too.
    for (name, v) in [("e", e), ("y", y), ("z", z)] {
        println!("d{name} = {:.4}", gradients.get(v).unwrap().item());
    }
    let [dw, db] = [w, b].map(|p| gradients.param(p).unwrap().item());
    println!("dw = {dw:.4}, db = {db:.4}");
    assert!((dw + 2.0614_f32).abs() < 1.0 && dw == 2.0 * db);
    assert!(gradients.get(target).is_none(), "inputs are constants");
}
