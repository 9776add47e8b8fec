//! Part 3: the five architectures, trained with Adam.
mod options;
mod write;

pub use options::Options;

use crate::{
    figure::{self, Curves, Point, Spread},
    interrupt,
    results::{Part3, Part3Details},
    session::{Flags, Job, Run, Session},
    train::Protocol,
};
use anyhow::{Context, Result, bail};
use ferrotape_autograd::Params;
use ferrotape_nn::{Adam, models::Network, state_dict};
use std::fs;

/// A call of part 3.
struct Part {
    options: Options,
    session: Session,
    networks: Vec<Network>,
    /// What the file of `--init` holds; read once, as it may be one of the files to be written.
    init: Option<Vec<u8>>,
}

/// The trainings of one network.
struct Trained {
    name: &'static str,
    /// The complete runs; one that was interrupted only where it is alone. A diverged run is the last.
    runs: Vec<Run>,
    /// Whether the user stopped them.
    interrupted: bool,
    seconds: f64,
}

/// Runs part 3 as told, writing results and figures; whether the user stopped it.
///
/// # Errors
/// Where data, output directory, initial weights or device are not as they must be: the text names which. At the end
/// also where a training diverged: the text names network and step, and what came before it is written.
pub fn run(options: Options) -> Result<bool> {
    let part = Part::open(options)?;
    part.session.write_samples()?;
    let mut results = Vec::new();
    let mut interrupted = false;
    for network in &part.networks {
        let trained = part.train_network(network)?;
        interrupted = trained.as_ref().is_none_or(|trained| trained.interrupted);
        if let Some(trained) = trained {
            results.push(part.write_network(&trained)?);
        }
        if interrupted {
            break;
        }
    }
    if !results.is_empty() {
        part.write_together(&results)?;
    }
    part.session.stop_on(results.iter().map(|(r, _)| (&*r.name, &r.meta)))?;
    Ok(interrupted)
}

/// Seconds it will take on this machine.
///
/// # Errors
/// As [`run`].
pub fn estimate(options: Options) -> Result<f64> {
    let part = Part::open(options)?;
    let runs = part.options.runs();
    let jobs = part.networks.iter().flat_map(|network| (0..runs).map(|k| part.job(network, k)));
    part.session.estimate(&jobs.collect::<Vec<_>>())
}

/// The bytes of the file of `--init`, known to fit every network that is to be trained.
fn initial_weights(options: &Options, session: &Session, networks: &[Network]) -> Result<Option<Vec<u8>>> {
    let Some(path) = &options.init else { return Ok(None) };
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    for network in networks {
        let params = Params::default();
        network.build(&params, &session.variant);
        state_dict::from_bytes(&params, &bytes, path).with_context(|| network.name)?;
        if params.data().values.iter().any(|v| !v.is_finite()) {
            bail!("{}: holds weights that are not finite numbers", path.display());
        }
    }
    Ok(Some(bytes))
}

impl Part {
    fn open(options: Options) -> Result<Self> {
        let session = Session::open(&options.common, "part3")?;
        let networks = session.networks(&options.models)?;
        let init = initial_weights(&options, &session, &networks)?;
        Ok(Self { options, session, networks, init })
    }

    /// All that decides the result of a network.
    fn flags(&self, name: &str) -> Flags {
        let init = self.options.init.as_ref().map_or("fresh".into(), |p| p.display().to_string());
        let options = &self.options;
        self.session.flags([
            ("part", "3".into()),
            ("model", name.into()),
            ("epochs", options.epochs.to_string()),
            ("runs", options.runs().to_string()),
            ("lr", options.lr().to_string()),
            ("init", init),
        ])
    }

    /// All runs of a network, unless the user stops before the first.
    fn train_network(&self, network: &Network) -> Result<Option<Trained>> {
        self.session.say(&format!("\n{}", self.session.summary(network, &self.session.variant)));
        let (mut runs, mut interrupted) = (Vec::<Run>::new(), false);
        let (all, at_a_time) = (self.options.runs(), self.session.at_a_time());
        'all: for first in (0..all).step_by(at_a_time) {
            if interrupt::requested() {
                interrupted = true;
                break;
            }
            let jobs: Vec<_> = (first..all).take(at_a_time).map(|k| self.job(network, k)).collect();
            for run in self.session.train_side_by_side(&jobs)? {
                interrupted = run.history.interrupted;
                if interrupted && !runs.is_empty() {
                    break 'all;
                }
                let stop = interrupted || run.history.diverged_at.is_some();
                runs.push(run);
                if stop {
                    break 'all;
                }
            }
        }
        // Those of the trainings: one that was kept from before took its time then.
        let (name, seconds) = (network.name, runs.iter().map(|run| run.history.seconds).sum());
        Ok((!runs.is_empty()).then_some(Trained { name, runs, interrupted, seconds }))
    }

    /// Run number `k` of a network.
    fn job<'a>(&'a self, network: &'a Network, k: usize) -> Job<'a, Adam> {
        let Options { common, epochs, .. } = &self.options;
        let name = network.name;
        let (batch, eval_every) = (common.batch, common.eval_every);
        Job {
            label: if self.options.runs() == 1 { name.to_owned() } else { format!("{name} run {}", k + 1) },
            network,
            variant: self.session.variant,
            seed: common.seed.wrapping_add(k as u64),
            rule: Adam::default(),
            protocol: Protocol { epochs: *epochs, batch, eval_every, ..Protocol::new(self.options.lr()) },
            init: self.options.init.as_deref().zip(self.init.as_deref()),
        }
    }

    /// The figure of all networks, and what there is now.
    fn write_together<'a>(&self, results: &'a [(Part3, Part3Details)]) -> Result<()> {
        let session = &self.session;
        let curves: Vec<Curves<'_>> = results.iter().map(curves).collect();
        if results.len() > 1 {
            figure::part3(&curves, &session.title("part 3"), &session.out.file("part3_all"))?;
            let point = |(colour, (r, _)): (usize, &'a (Part3, Part3Details))| Point {
                name: &r.name,
                at: [r.meta.parameters as f64, r.test_acc],
                colour,
            };
            let points: Vec<Point<'_>> = results.iter().enumerate().map(point).collect();
            let title = session.title("parameters and test accuracy");
            figure::scatter(&title, "parameters", "test accuracy (%)", &points)?
                .write(&session.out.file("part3_parameters"))?;
        }
        session.say(&format!(
            "\n{:<8} {:>10} {:>8} {:>9}  digest",
            "network", "parameters", "test %", "seconds"
        ));
        for (r, _) in results {
            let m = &r.meta;
            let (test, seconds) = (r.test_acc, m.seconds);
            session
                .say(&format!("{:<8} {:>10} {test:>8.2} {seconds:>9.1}  {}", r.name, m.parameters, m.digest));
        }
        let dir = session.out.path().display();
        let all = if results.len() > 1 { "part3_all.png, " } else { "" };
        session.say(&format!("\nfigures: {all}part3_<network>.png and weights_<network>_*.png in {dir}"));
        Ok(())
    }
}

impl Trained {
    /// The run with the best test accuracy, the first of equals.
    fn best(&self) -> &Run {
        let better = |best: &Run, run: &Run| run.history.test_acc > best.history.test_acc;
        self.runs.iter().reduce(|best, run| if better(best, run) { run } else { best }).expect("a run")
    }
}

/// A network's curves for the figure.
fn curves((result, details): &(Part3, Part3Details)) -> Curves<'_> {
    let spread =
        Spread { loss: &details.loss_std, train_acc: &details.train_acc_std, val_acc: &details.val_acc_std };
    Curves {
        name: &result.name,
        loss: &result.loss_curve,
        train_acc: &result.train_acc_curve,
        val_acc: &result.val_acc_curve,
        test_acc: result.test_acc,
        spread: (!details.loss_std.is_empty()).then_some(spread),
    }
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: Options) -> Result<i32> {
    interrupt::main(|| run(options))
}
