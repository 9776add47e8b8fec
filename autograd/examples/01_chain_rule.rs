//! The chain rule by hand: one neuron, and how its loss changes with its weight.
//!
//! ```text
//! forward   u = 1.0000   z = 0.4000   y = 0.3799   e = -0.4201   l = 0.1764
//! backward  dl = 1.0000  de = -0.8401  dy = -0.8401  dz = -0.7188  du = -0.7188
//! gradient  dw = -1.43764784  db = -0.71882392
//! measured  dw = -1.43764784  db = -0.71882392
//! ```
//!
//! Example 02 has the tape do the same.

const X: f64 = 2.0;
const TARGET: f64 = 0.8;

/// The neuron `y = tanh(w x + b)` and the square of its error.
fn loss(w: f64, b: f64) -> f64 {
    let y = (w * X + b).tanh();
    (y - TARGET) * (y - TARGET)
}

fn main() {
    let (w, b) = (0.5, -0.6);

    // Forward: one operation a line, every result kept.
    let u = w * X;
    let z = u + b;
    let y = z.tanh();
    let e = y - TARGET;
    let l = e * e;
    println!("forward   u = {u:.4}   z = {z:.4}   y = {y:.4}   e = {e:.4}   l = {l:.4}");

    // Backward: the same lines from the last to the first. A result's gradient times the derivative of its line is
    // the gradient of what the line read; where a value was read twice, both add up.
    let dl = 1.0;
    let de = dl * e + dl * e;
    let dy = de;
    let dz = dy * (1.0 - y * y);
    let (du, db) = (dz, dz);
    let dw = du * X;
    println!("backward  dl = {dl:.4}  de = {de:.4}  dy = {dy:.4}  dz = {dz:.4}  du = {du:.4}");
    println!("gradient  dw = {dw:.8}  db = {db:.8}");

    // The independent opinion: move each parameter a little both ways and look at the loss.
    let h = 1e-5;
    let fw = (loss(w + h, b) - loss(w - h, b)) / (2.0 * h);
    let fb = (loss(w, b + h) - loss(w, b - h)) / (2.0 * h);
    println!("measured  dw = {fw:.8}  db = {fb:.8}");
    assert!((dw - fw).abs() < 1e-9 && (db - fb).abs() < 1e-9);
}
