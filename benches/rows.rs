//! The rows of the comparison with PyTorch: work that has a name.
//!
//! | row | what one call does |
//! |---|---|
//! | `step/cnn_3/rgb` | forward, loss, backward, Adam on a batch of 50 in memory as f32; reads the loss |
//! | `validate/cnn_3/rgb` | logits and right answers of 5,000 such images |
//! | `conv/16to8_k5_30/forward` | one pass (`forward`, `dgrad`, `wgrad`) of one convolution, batch 50 |
//! | `gemm/50x3072x32/nn` | a product m x k x n; `t` marks a transposed operand |
//!
//! `benches/torch_worker.py` knows the same rows.
use crate::{
    ladder::{Convolution, Pass, Rung, needed},
    networks::{
        BATCH, Images, Input, VALIDATION, VALIDATION_BATCH, conv_name, conv_of, evaluation, training,
    },
    values,
};
use ferrotape_autograd::Device;
use ferrotape_kernels::{Cpu, conv2d, matmul};
use std::hint::black_box;

/// A row made ready: operands allocated, program recorded.
pub struct Row {
    /// Does it once.
    pub run: Box<dyn FnMut()>,
    /// FLOPs in convolutions and products of one call.
    pub flops: u64,
}

/// The products that are measured: those of the first layer of an MLP, and squares.
pub const PRODUCTS: [&str; 9] = [
    "50x3072x32/nn",
    "3072x50x32/tn",
    "50x32x3072/nt",
    "512x512x512/nn",
    "512x512x512/tn",
    "512x512x512/nt",
    "768x768x768/nn",
    "1024x1024x1024/nn",
    "1024x1024x1024/tt",
];

/// The product called so in [`PRODUCTS`].
pub fn product_of(name: &str) -> Option<matmul::Matmul> {
    let (sizes, flags) = name.split_once('/')?;
    let sizes: Vec<usize> = sizes.split('x').filter_map(|word| word.parse().ok()).collect();
    let ([m, k, n], [a, b]) = (sizes[..].try_into().ok()?, flags.as_bytes().try_into().ok()?);
    Some(matmul::Matmul { m, k, n, ta: a == b't', tb: b == b't' })
}

/// The names of all rows for an input; products belong to `rgb`.
pub fn names(input: Input) -> Vec<String> {
    let mut names = Vec::new();
    for kind in ["step", "validate"] {
        names.extend(input.table().iter().map(|n| format!("{kind}/{}/{input}", n.name)));
    }
    for s in input.convolutions() {
        names.extend(needed(&s).map(|pass| format!("conv/{}/{pass}", conv_name(&s))));
    }
    if input == Input::Rgb {
        names.extend(PRODUCTS.map(|p| format!("gemm/{p}")));
    }
    names
}

/// The row called `name`, on `threads` threads.
///
/// # Errors
/// If no row is called so.
pub fn prepare(name: &str, threads: usize) -> Result<Row, String> {
    let unknown = || format!("unknown row {name}");
    let (kind, rest) = name.split_once('/').ok_or_else(unknown)?;
    match kind {
        "step" | "validate" => {
            let (network, input) = rest.split_once('/').ok_or_else(unknown)?;
            let input: Input = input.parse()?;
            if kind == "step" { step(network, input, threads) } else { validation(network, input, threads) }
        }
        "conv" => {
            let (layer, pass) = rest.split_once('/').ok_or_else(unknown)?;
            let pass = Pass::ALL.into_iter().find(|p| p.name() == pass).ok_or_else(unknown)?;
            Ok(convolution(conv_of(layer, BATCH).ok_or_else(unknown)?, pass, context(threads)?))
        }
        "gemm" => Ok(product(product_of(rest).ok_or_else(unknown)?, context(threads)?)),
        _ => Err(unknown()),
    }
}

fn context(threads: usize) -> Result<Cpu, String> {
    Cpu::new(threads).map_err(|error| error.to_string())
}

fn device(threads: usize) -> Result<Device, String> {
    Device::threads(threads).map_err(|error| error.to_string())
}

fn step(network: &str, input: Input, threads: usize) -> Result<Row, String> {
    let (params, model, work) = input.network(network)?;
    let images = Images::new(input, BATCH);
    let mut step = training(model, work.layout, input.image()).on(device(threads)?);
    let run = move || {
        let loss = step.run_with(&params, BATCH, &images.feeds(0..BATCH)).expect("declared feeds")[0];
        assert!(black_box(loss).is_finite());
    };
    Ok(Row { run: Box::new(run), flops: work.step * BATCH as u64 })
}

fn validation(network: &str, input: Input, threads: usize) -> Result<Row, String> {
    let (params, model, work) = input.network(network)?;
    let images = Images::new(input, VALIDATION);
    let mut pass = evaluation(model, work.layout, input.image()).on(device(threads)?);
    let run = move || {
        let batches = (0..VALIDATION).step_by(VALIDATION_BATCH);
        let mut count = |first| {
            let feeds = images.feeds(first..first + VALIDATION_BATCH);
            pass.run_with(&params, VALIDATION_BATCH, &feeds).expect("declared feeds")[0]
        };
        black_box(batches.map(&mut count).sum::<f32>());
    };
    Ok(Row { run: Box::new(run), flops: work.forward * VALIDATION as u64 })
}

fn convolution(s: conv2d::Conv2d, pass: Pass, cpu: Cpu) -> Row {
    let mut operands = Convolution::new(s);
    let run = move || {
        black_box(operands.run(Rung::Direct(cpu.isa()), pass, &cpu));
    };
    Row { run: Box::new(run), flops: s.flops() }
}

fn product(s: matmul::Matmul, cpu: Cpu) -> Row {
    let (a, b, mut y) = (values(s.m * s.k), values(s.k * s.n), vec![0.0; s.m * s.n]);
    let run = move || matmul::cpu::matmul(&s, &a, &b, black_box(&mut y), &cpu);
    Row { run: Box::new(run), flops: s.flops() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_runs() {
        for name in Input::ALL.into_iter().flat_map(names) {
            let slow = name.starts_with("validate") || name.contains("24x");
            let mut row = prepare(&name, 2).expect(&name);
            assert!(row.flops > 0);
            if !slow || name == "validate/mlp_1/rgb" {
                (row.run)();
            }
        }
        assert!(prepare("gemm/50x30", 1).is_err());
        assert!(prepare("step/cnn_9/rgb", 1).is_err());
    }
}
