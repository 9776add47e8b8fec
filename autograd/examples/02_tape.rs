//! The same neuron as in example 01, differentiated by the tape.
//!
//! ```text
//! z = 0.4000, y = 0.3799, loss = 0.1764
//!
//! training tape: 11 instructions, 12 FLOP, 52 B of buffers
//!   value                     type    work  traffic  kernel     line
//! given
//!   %0                        []
//!   %1                        []
//! parameters
//!   w                         []
//!   b                         []
//! forward
//!   %3 = mul(w, %0)           []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:48
//!   %5 = add(%3, b)           []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:48
//!   %6 = tanh(%5)             []    1 FLOP      8 B  reference  autograd/examples/02_tape.rs:49
//!   %7 = sub(%6, %1)          []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:50
//!   %8 = mul(%7, %7)          []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:51
//! backward
//!   %9 = fill()               []                4 B  reference  autograd/examples/02_tape.rs:54
//!   %10 = mul(%9, %7)         []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:51
//!   %11 = mul(%9, %7)         []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:51
//!   %12 = add(%10, %11)       []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:51
//!   %13 = tanh_grad(%6, %12)  []    3 FLOP     12 B  reference  autograd/examples/02_tape.rs:49
//!   %14 = mul(%13, %0)        []    1 FLOP     12 B  reference  autograd/examples/02_tape.rs:48
//!
//! de = -0.8401
//! dy = -0.8401
//! dz = -0.7188
//! dw = -1.4376
//! db = -0.7188
//! ```
//!
//! The backward pass is no different from the forward pass: instructions on the same tape.
use ferrotape_autograd::{Device, Layout, Params, Tape};

fn main() {
    let params = Params::default();
    let w = params.add("w", [], Layout::Rows, &[0.5]);
    let b = params.add("b", [], Layout::Rows, &[-0.6]);

    // The reference machine runs the definitions, so this prints the same everywhere.
    let tape = Tape::training(&params).with_device(Device::Reference);
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
    println!("dw = {dw:.4}\ndb = {db:.4}");
    assert!((dw + 1.437_648).abs() < 1e-6 && dw == 2.0 * db, "what example 01 found");
    assert!(gradients.get(target).is_none(), "inputs are constants");
}
