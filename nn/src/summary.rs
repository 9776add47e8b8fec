//! The table of a network: layers, output shapes, parameters.
use crate::{Module, Sequential};
use ferrotape_autograd::{Params, Shape, Tape};
use std::fmt::Write;

/// One line a module: number, description, output shape for one input of `shape` (without the batch), parameters.
///
/// ```
/// # use ferrotape_autograd::Params;
/// # use ferrotape_nn::{models::{Network, TABLE_A, Variant}, summary};
/// let params = Params::default();
/// let model = Network::find(TABLE_A, "cnn_3").unwrap().build(&params, &Variant::default());
/// let text = summary(&model, &params, &[3, 32, 32]);
/// assert_eq!(text.lines().last().unwrap().split_whitespace().last(), Some("11,394"));
/// ```
pub fn summary(model: &Sequential, params: &Params, shape: &[usize]) -> String {
    let tape = Tape::recording_inference(params);
    let mut x = tape.feed(Shape::new(&[&[1], shape].concat()));
    let mut text = format!("{:>3}  {:<28} {:<18} {:>10}\n", "", "module", "output", "parameters");
    for (k, module) in model.iter().enumerate() {
        x = module.forward(x);
        let output = Shape::new(&x.shape().to_vec()[1..]).to_string();
        let count = count(params, &**module);
        let _ = writeln!(text, "{k:>3}  {:<28} {output:<18} {:>10}", module.describe(), thousands(count));
    }
    let _ = writeln!(text, "{:>3}  {:<28} {:<18} {:>10}", "", "total", "", thousands(count(params, model)));
    text
}

fn count(params: &Params, module: &dyn Module) -> u64 {
    module.params().iter().map(|&p| params.info(p).shape.len() as u64).sum()
}

/// A number with its digits in groups of three: `98,666`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (k, d) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(d);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands() {
        let of = super::thousands;
        assert_eq!([of(7), of(999), of(1000), of(1_234_567)], ["7", "999", "1,000", "1,234,567"]);
    }
}
