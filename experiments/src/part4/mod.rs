//! Part 4: ReLU against the logistic sigmoid, by the losses and by the gradients of the layers.
mod inputs;
mod options;
mod write;

pub use options::Options;

use crate::{
    interrupt,
    session::{Flags, Job, Run, Session},
    train::Protocol,
};
use anyhow::Result;
use ferrotape_nn::{
    Sgd,
    models::{Activation, Network},
};

/// The activations that are compared, in the order of every pair here.
const ACTIVATIONS: [Activation; 2] = [Activation::Relu, Activation::Sigmoid];

/// A call of part 4.
struct Part {
    options: Options,
    session: Session,
    networks: Vec<Network>,
}

/// Both trainings of a network: with ReLU, with the sigmoid.
type Pair = [Run; 2];

/// Runs part 4 as told, writing results and figures; whether the user stopped it.
///
/// # Errors
/// Where data, output directory or device are not as they must be: the text names which. At the end also where a
/// training of the main comparison diverged; what came before it is written.
pub fn run(options: Options) -> Result<bool> {
    let part = Part::open(options)?;
    part.session.write_samples()?;
    let mut results = Vec::new();
    for network in &part.networks {
        let Some(pair) = part.train_pair(&part.session, network, "")? else { break };
        results.push(part.write_network(network, &pair)?);
        if interrupt::requested() {
            break;
        }
    }
    part.write_together(&results)?;
    if !interrupt::requested() && !part.options.inputs.is_empty() {
        part.train_inputs()?;
    }
    part.session.stop_on(results.iter().map(|(r, _)| (&*r.name, &r.meta)))?;
    Ok(interrupt::requested())
}

/// Seconds it will take on this machine.
///
/// # Errors
/// As [`run`].
pub fn estimate(options: Options) -> Result<f64> {
    let part = Part::open(options)?;
    let sessions = part.sessions()?;
    let bonus =
        if sessions.len() > 1 { part.session.networks(&part.options.inputs_models)? } else { Vec::new() };
    let mut seconds = part.session.estimate(&part.jobs(&part.session, &part.networks))?;
    // The first of the sessions is the main comparison's, whose trainings may be kept.
    for session in &sessions {
        seconds += session.estimate(&part.jobs(session, &bonus))?;
    }
    Ok(seconds)
}

impl Part {
    fn open(options: Options) -> Result<Self> {
        let session = Session::open(&options.common, "part4")?;
        let networks = session.networks(&options.models)?;
        Ok(Self { options, session, networks })
    }

    /// Both trainings of each network.
    fn jobs<'a>(&self, session: &Session, networks: &'a [Network]) -> Vec<Job<'a, Sgd>> {
        let pair = |network| ACTIVATIONS.map(|activation| self.job(session, network, activation, ""));
        networks.iter().flat_map(pair).collect()
    }

    /// A network with either activation; `None` where the user stopped before the second one began. `note` stands
    /// behind the name in what is printed.
    fn train_pair(&self, session: &Session, network: &Network, note: &str) -> Result<Option<Pair>> {
        let [relu, sigmoid] = ACTIVATIONS.map(|activation| self.job(session, network, activation, note));
        let relu = session.train(&relu)?;
        if interrupt::requested() {
            return Ok(None);
        }
        Ok(Some([relu, session.train(&sigmoid)?]))
    }

    fn job<'a>(
        &self,
        session: &Session,
        network: &'a Network,
        activation: Activation,
        note: &str,
    ) -> Job<'a, Sgd> {
        let Options { common, epochs, lr, .. } = &self.options;
        let (batch, eval_every) = (common.batch, common.eval_every);
        let homework = Protocol::new(*lr);
        Job {
            label: format!("{} {activation}{note}", network.name),
            network,
            variant: session.with_activation(activation),
            seed: common.seed,
            rule: Sgd::default(),
            protocol: Protocol {
                epochs: *epochs,
                batch,
                eval_every,
                validate: false,
                norms: true,
                ..homework
            },
            init: None,
        }
    }

    /// All that decides the results of a network.
    fn flags(&self, session: &Session, name: &str) -> Flags {
        session.flags([
            ("part", "4".into()),
            ("model", name.into()),
            ("epochs", self.options.epochs.to_string()),
            ("lr", self.options.lr.to_string()),
        ])
    }
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: Options) -> Result<i32> {
    interrupt::main(|| run(options))
}
