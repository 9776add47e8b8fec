//! What comes out of the hidden layers: histograms, and how sparse it is.
use super::Spec;
use crate::{
    figure::Histogram,
    session::{Run, Session},
};
use anyhow::Result;
use ferrotape_autograd::Var;
use ferrotape_nn::{Sequential, Step};

/// Test images that are looked at.
const IMAGES: usize = 1000;
const BINS: usize = 60;
/// Less than this in absolute value is near zero.
const NEAR: f64 = 0.01;

/// A histogram of each activation layer's outputs on the first test images.
pub(super) fn histograms(session: &Session, spec: &Spec, run: &Run) -> Result<Vec<Histogram>> {
    let wanted = spec.network.activations();
    let test = &session.splits.test;
    let images = &test.indices[..test.len().min(IMAGES)];
    let step = Step::evaluation(|tape, n| {
        let (x, _) = tape.batch(&test.source, session.splits.input, n);
        hidden(&run.model, &wanted, x)
    });
    let mut step = step.on(session.device.clone());
    let outputs = step.run(&run.params, images)?;
    let layer = |(k, &module): (usize, &usize)| {
        let name = format!("{} (module {module})", spec.activation);
        Histogram::new(name, outputs.values(k), BINS, NEAR)
    };
    Ok(wanted.iter().enumerate().map(layer).collect())
}

/// The outputs of the modules numbered `wanted`.
fn hidden<'t>(model: &Sequential, wanted: &[usize], x: Var<'t>) -> Vec<Var<'t>> {
    let mut x = x;
    let mut found = Vec::new();
    for (k, module) in model.iter().enumerate() {
        x = module.forward(x);
        if wanted.contains(&k) {
            found.push(x);
        }
    }
    found
}
