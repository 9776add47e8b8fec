//! Part 2: a convolution's forward pass, as numbers and pictures.
pub mod convolve;
pub mod detectors;
pub mod digits;
mod input;
pub mod likeness;
mod options;
mod picture;

pub use options::Options;

use crate::{
    interrupt, npy,
    output::OutDir,
    picture::Range,
    results::{
        Origin, ResultFile, now,
        part2::{Correlation, Float32, Part2},
    },
};
use anyhow::{Context, Result};
use convolve::{Convolution, conv2d};
use ferrotape_autograd::Device;
use input::Input;
use likeness::Likeness;
use std::time::Instant;

/// Convolves as told, writing `out.npy`, both pictures and `part2.json`; whether the user stopped it before.
///
/// # Errors
/// Where files are not as they must be or do not fit each other, or cannot be written; the text names which.
pub fn run(options: &Options) -> Result<bool> {
    let started = Instant::now();
    let input = Input::open(options)?;
    let out = OutDir::create(&options.out)?;
    let done = conv2d(&input.samples, &input.kernel)?;
    if interrupt::requested() {
        eprintln!("interrupted: nothing was written");
        return Ok(true);
    }
    let result = describe(options, &input, &done, started)?;
    write(&out, &input, options, &done, &result)?;
    if !options.quiet {
        say(&input, &done, &result, &out);
    }
    Ok(false)
}

fn describe(options: &Options, input: &Input, done: &Convolution, started: Instant) -> Result<Part2> {
    let values = &done.out.values;
    let percent = |clipped: &dyn Fn(f64) -> bool| {
        100.0 * values.iter().filter(|&&v| clipped(v)).count() as f64 / values.len() as f64
    };
    let correlation = |shown: &dyn Fn(f64) -> f64| {
        let Likeness { same_kernel, same_sample } = likeness::compare(&done.out, shown);
        Correlation { same_kernel, same_sample }
    };
    let [min, max] = range(values);
    Ok(Part2 {
        samples_shape: input.samples.shape.clone(),
        kernel_shape: input.kernel.shape.clone(),
        out_shape: done.out.shape.clone(),
        min,
        max,
        black_percent: percent(&|v| v <= 0.0),
        white_percent: percent(&|v| v >= 1.0),
        float32: done.fast.as_ref().ok().map(|f| Float32 {
            max_error: f.max_error,
            max_bound: f.max_bound,
            worst_share: f.worst_share,
        }),
        correlation: correlation(&|v| v),
        correlation_clipped: correlation(&|v| v.clamp(0.0, 1.0)),
        pictured: picture::shown(&done.out.shape),
        meta: Origin {
            data_set: input.description.clone(),
            seed: options.seed,
            flags: options.flags(),
            seconds: started.elapsed().as_secs_f64(),
            device: format!("float64 definitions; float32 on {}", Device::Cpu.machine()?.name()),
            date: now(),
            version: env!("CARGO_PKG_VERSION").into(),
            interrupted: false,
        },
    })
}

/// Smallest and largest value.
fn range(values: &[f64]) -> [f64; 2] {
    let (min, max) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
    [min, max]
}

fn write(out: &OutDir, input: &Input, options: &Options, done: &Convolution, result: &Part2) -> Result<()> {
    // What was made here can be looked at, and given to other programs.
    for (made, name, array) in [
        (options.samples.is_none(), "samples.npy", &input.samples),
        (options.kernel.is_none(), "kernel.npy", &input.kernel),
    ] {
        if made {
            npy::write(&out.file(name), &array.shape, &array.values)?;
        }
    }
    npy::write(&out.file("out.npy"), &done.out.shape, &done.out.values)?;
    for (name, scale, range) in [
        ("part2_clipped.png", "clipped to [0, 1]", Range::Clip(0.0, 1.0)),
        ("part2_normalised.png", "normalised to their own range", Range::Own),
    ] {
        let what = format!("outputs of a convolution, {scale}; rows: samples, columns: kernels");
        let description = format!("{what}. {}", input.description);
        out.write_bytes(name, &picture::png(&done.out, &description, range)?)?;
    }
    result.write(out)?;
    Ok(())
}

fn say(input: &Input, done: &Convolution, result: &Part2, out: &OutDir) {
    println!("input:   {}", input.description);
    println!("         {:?} and {:?}", result.samples_shape, result.kernel_shape);
    println!("out.npy: {:?} float64, min {:.2}, max {:.2}", result.out_shape, result.min, result.max);
    match &done.fast {
        Ok(fast) => println!(
            "float32: the fast kernel is off by {:.1e} at most, {:.1} % of what rounding may do (derived bound {:.1e})",
            fast.max_error,
            100.0 * fast.worst_share,
            fast.max_bound
        ),
        Err(why) => println!("float32: not compared: {why}"),
    }
    let coefficient = |c: Option<f64>| c.map_or("no pair".into(), |c| format!("{c:+.3}"));
    for (what, c) in [("", &result.correlation), (", clipped", &result.correlation_clipped)] {
        println!(
            "mean correlation of two outputs{what}: {} of one kernel (a column), {} of one sample (a row)",
            coefficient(c.same_kernel),
            coefficient(c.same_sample)
        );
    }
    let [rows, columns] = result.pictured;
    if [rows, columns] != result.out_shape[..2] {
        println!("the pictures show the first {rows} samples and {columns} kernels");
    }
    println!("pictures: part2_clipped.png, part2_normalised.png in {}", out.path().display());
}

/// Whether the output directory holds what [`run`] would make: a result of the same flags and version, whole.
pub fn is_finished(options: &Options) -> bool {
    let found = Part2::read(&options.out.join("part2.json"));
    found.is_ok_and(|found| found.meta.is_of(&options.flags()))
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: &Options) -> Result<i32> {
    interrupt::install().context("cannot listen for Ctrl-C")?;
    Ok(if run(options)? { interrupt::EXIT_STATUS } else { 0 })
}
