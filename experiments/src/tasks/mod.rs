//! The fourth source: task 1 trains fully connected networks on whole data sets at once, task 2 regularised CNNs.
mod activations;
pub mod task1;
pub mod task2;
mod write;

use crate::{
    interrupt,
    session::{Job, Session},
    train::Protocol,
};
use anyhow::Result;
use ferrotape_nn::{
    Sgd,
    models::{Activation, Layer, Network, Variant},
};

/// One network of a task: all that decides its training but the images.
#[derive(Clone, Debug)]
struct Spec {
    task: u32,
    number: u32,
    network: Network,
    activation: Activation,
    rule: Sgd,
    protocol: Protocol,
    /// What `x` counts: `iteration` or `epoch`.
    unit: &'static str,
    /// The network and its training in a few words.
    description: String,
}

/// Trains the networks of a task one after another and writes what each gives; whether the user stopped it.
fn run(session: &Session, specs: &[Spec]) -> Result<bool> {
    session.write_samples()?;
    let mut results = Vec::new();
    for spec in specs {
        if interrupt::requested() {
            return Ok(true);
        }
        session.say(&format!("\n{}", spec.description));
        session.say(&session.summary(&spec.network, &spec.variant(session)));
        let run = session.train(&spec.job(session))?;
        results.push(write::write(session, spec, &run)?);
    }
    let metas = results.iter().map(|task| &task.meta);
    session.stop_on(specs.iter().map(|spec| spec.network.name).zip(metas))?;
    Ok(interrupt::requested())
}

/// Seconds that a task will take on this machine.
fn estimate(session: &Session, specs: &[Spec]) -> Result<f64> {
    session.estimate(&specs.iter().map(|spec| spec.job(session)).collect::<Vec<_>>())
}

impl Spec {
    /// `task 1 (2)`.
    fn title(&self) -> String {
        format!("task {} ({})", self.task, self.number)
    }

    fn variant(&self, session: &Session) -> Variant {
        session.with_activation(self.activation)
    }

    fn job(&self, session: &Session) -> Job<'_, Sgd> {
        Job {
            label: self.network.name.into(),
            network: &self.network,
            variant: self.variant(session),
            seed: session.common.seed,
            rule: self.rule,
            protocol: self.protocol.clone(),
            init: None,
        }
    }
}

/// Fully connected layers of these widths, an activation behind each.
fn hidden(widths: &[usize]) -> impl Iterator<Item = Layer> + '_ {
    widths.iter().flat_map(|&units| [Layer::Fc { units, bias: true }, Layer::Act])
}

/// Numbers with dashes between them: `128-64`.
fn dashed(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join("-")
}

/// The number of a task's network.
fn number(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(n @ 1..=3) => Ok(n),
        _ => Err("expected 1, 2 or 3".into()),
    }
}
