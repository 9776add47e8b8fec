//! Samples and kernel, read or made, and known to fit each other.
use super::{Options, detectors, digits};
use crate::npy::{self, Array};
use anyhow::{Result, bail};
use std::path::Path;

/// What is convolved with what, and where each comes from.
pub(super) struct Input {
    /// (N, C, H, W)
    pub samples: Array,
    /// (O, C, kh, kw)
    pub kernel: Array,
    /// In words, for reports.
    pub description: String,
}

impl Input {
    pub fn open(options: &Options) -> Result<Self> {
        let (samples, from) = match &options.samples {
            Some(path) => (read(path, "samples (N, C, H, W)")?, path.display().to_string()),
            None => (
                digits::draw(options.digit, options.seed),
                format!("built-in drawings of the digit {}", options.digit),
            ),
        };
        let (kernel, with) = match &options.kernel {
            Some(path) => (read(path, "a kernel (O, C, kh, kw)")?, path.display().to_string()),
            None => (detectors::kernels(), "built-in detectors".to_owned()),
        };
        check(&samples.shape, &kernel.shape, &with)?;
        Ok(Self { samples, kernel, description: format!("{from}; {with}") })
    }
}

/// A file of four axes, none of them empty, all of whose numbers are finite.
fn read(path: &Path, what: &str) -> Result<Array> {
    let array = npy::read(path)?;
    let shape = &array.shape;
    let problem = if shape.len() != 4 {
        format!("shape {shape:?}, expected four axes: {what}")
    } else if shape.contains(&0) {
        format!("shape {shape:?} holds nothing, expected {what}")
    } else if let Some(at) = array.values.iter().position(|v| !v.is_finite()) {
        let value = array.values[at];
        format!("element {:?} is {value}, expected finite numbers", array.index(at))
    } else {
        return Ok(array);
    };
    bail!("{}: {problem}", path.display())
}

/// (N, C, H, W) against (O, C, kh, kw).
fn check(x: &[usize], w: &[usize], with: &str) -> Result<()> {
    if x[1] != w[1] {
        bail!("{with}: the kernel {w:?} expects {} channels, the samples {x:?} have {}", w[1], x[1]);
    }
    if w[2] > x[2] || w[3] > x[3] {
        bail!("{with}: the kernel of {}x{} is larger than the samples of {}x{}", w[2], w[3], x[2], x[3]);
    }
    Ok(())
}
