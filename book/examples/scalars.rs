//! One function, four scalars: what a definition gives on each machine.
use ferrotape_kernels::{Bound, Dual, Scalar};

/// `tanh(Σ w[i] x[i])`
fn neuron<S: Scalar>(w: &[S], x: &[S]) -> S {
    w.iter().zip(x).fold(S::ZERO, |sum, (&w, &x)| sum + w * x).tanh()
}

/// The same numbers in another scalar.
fn all<S>(x: &[f32], number: impl Fn(f64) -> S) -> Vec<S> {
    x.iter().map(|&x| number(f64::from(x))).collect()
}

fn main() {
    let (w, x) = ([0.5f32, -1.25, 0.3], [1.1f32, 0.7, -0.2]);
    println!("f32    {:.9}", neuron(&w, &x));
    println!("f64    {:.16}", neuron(&all(&w, |w| w), &all(&x, |x| x)));

    // Along the direction u = (1, 2, 0) in w.
    let u = [1.0, 2.0, 0.0];
    let along: Vec<Dual> = w.iter().zip(u).map(|(&w, u)| Dual::new(f64::from(w), u)).collect();
    let y = neuron(&along, &all(&x, Dual::from_f64));
    println!("Dual   {:.16} + {:.16} ε", y.re, y.eps);
    let by_hand = (1.0 - y.re * y.re) * u.iter().zip(x).map(|(u, x)| u * f64::from(x)).sum::<f64>();
    println!("       by hand {by_hand:.16}");

    let y = neuron(&all(&w, Bound::exact), &all(&x, Bound::exact));
    println!(
        "Bound  {:.16}, sum of magnitudes {:.3}, {} roundings: ± {:.2e}",
        y.re,
        y.mag,
        y.k,
        y.tolerance()
    );
    println!("       f32 is off by {:.2e}", (f64::from(neuron(&w, &x)) - y.re).abs());
}
