//! Part 3: the five architectures, trained with Adam.
mod options;
mod write;

pub use options::Options;

use crate::{
    figure::{self, Curves},
    interrupt,
    output::OutDir,
    progress::{Mode, Progress},
    results::Part3,
    train::{History, Protocol, Splits, train},
};
use anyhow::{Context, Result, bail};
use ferrotape_autograd::{Device, Params};
use ferrotape_data::{DataSet, Holdout, split};
use ferrotape_nn::{
    Adam, Sequential,
    models::{Network, Variant},
    state_dict, summary,
};
use std::{fs, time::Instant};

/// Share of the training files kept for validation.
const VALIDATION: Holdout = Holdout::Percent(10);

/// What all trainings of one call share.
pub struct Session {
    options: Options,
    data: DataSet,
    splits: Splits,
    variant: Variant,
    device: Device,
    out: OutDir,
    /// What the file of `--init` holds; read once, as it may be one of the files to be written.
    init: Option<Vec<u8>>,
}

/// The trainings of one network.
struct Trained {
    name: &'static str,
    /// The complete runs; one that was interrupted only where it is alone. A diverged run is the last.
    runs: Vec<History>,
    /// Whether the user stopped them.
    interrupted: bool,
    /// Store of the run with the best test accuracy, and its first layer's weights before training.
    best: Params,
    before: Vec<f32>,
    seconds: f64,
}

/// Runs part 3 as told, writing results and figures; whether the user stopped it.
///
/// # Errors
/// Where data, output directory, initial weights or device are not as they must be; the text names which. At the end
/// also where a training diverged: the text names network and step, and what came before it is written.
pub fn run(options: Options) -> Result<bool> {
    let session = Session::open(options)?;
    let mut results = Vec::new();
    let mut interrupted = false;
    for network in session.options.networks() {
        let trained = session.train_network(&network)?;
        interrupted = trained.as_ref().is_none_or(|trained| trained.interrupted);
        if let Some(trained) = trained {
            results.push(session.write_network(&trained)?);
        }
        if interrupted {
            break;
        }
    }
    if !results.is_empty() {
        session.write_together(&results)?;
    }
    let divergence = |r: &Part3| Some(format!("{} diverged at step {}", r.name, r.meta.diverged_at?));
    let diverged: Vec<String> = results.iter().filter_map(divergence).collect();
    if !diverged.is_empty() {
        bail!("{}; try a lower --lr", diverged.join(", "));
    }
    Ok(interrupted)
}

/// The bytes of the file of `--init`, known to fit every network that is to be trained.
fn initial_weights(options: &Options, variant: &Variant) -> Result<Option<Vec<u8>>> {
    let Some(path) = &options.init else { return Ok(None) };
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    for network in options.networks() {
        let params = Params::default();
        network.build(&params, variant);
        state_dict::from_bytes(&params, &bytes, path).with_context(|| network.name)?;
        if params.data().values.iter().any(|v| !v.is_finite()) {
            bail!("{}: holds weights that are not finite numbers", path.display());
        }
    }
    Ok(Some(bytes))
}

impl Session {
    fn open(options: Options) -> Result<Self> {
        let data = options.data.open()?;
        let device = options.device.device()?;
        let seed = options.seed;
        let (mut train, validation) = split::balanced(&*data.train, VALIDATION, seed)?;
        if let Some(n) = options.train_limit {
            train = split::limit(&train, &*data.train, n, seed)?;
        }
        let input = options.input();
        let [channels, h, w] = data.train.shape();
        let channels = input.channels(channels).context("--input")?;
        let variant = Variant {
            image: [channels, h, w],
            classes: data.train.classes(),
            prediction_bias: options.prediction_bias(),
            ..Variant::default()
        };
        let init = initial_weights(&options, &variant)?;
        let out = OutDir::create(&options.out)?;
        let splits = Splits { source: data.train.clone(), test: data.test.clone(), train, validation, input };
        let session = Self { options, data, splits, variant, device, out, init };
        session.say(&format!("data: {}", session.data.description));
        session.say(&format!(
            "      {} training, {} validation, {} test images, input {input}; results in {}",
            session.splits.train.len(),
            session.splits.validation.len(),
            session.splits.test.len(),
            session.out.path().display()
        ));
        Ok(session)
    }

    /// One line on stdout, unless it shall be quiet.
    fn say(&self, text: &str) {
        if !self.options.quiet {
            println!("{text}");
        }
    }

    /// All runs of a network, unless the user stops before the first.
    fn train_network(&self, network: &Network) -> Result<Option<Trained>> {
        let started = Instant::now();
        let (mut runs, mut interrupted) = (Vec::<History>::new(), false);
        let mut best: Option<(Params, Vec<f32>)> = None;
        for run in 0..self.options.runs() {
            if interrupt::requested() {
                interrupted = true;
                break;
            }
            let params = Params::seeded(self.options.seed.wrapping_add(run as u64));
            let model = network.build(&params, &self.variant);
            if let (Some(bytes), Some(path)) = (&self.init, &self.options.init) {
                state_dict::from_bytes(&params, bytes, path)?;
            }
            if run == 0 {
                self.say(&format!("\n{}\n{}", network.name, summary(&model, &params, &self.variant.image)));
            }
            let before = first_weights(&params);
            let history = self.train_once(network.name, run, &model, &params)?;
            interrupted = history.interrupted;
            if interrupted && run > 0 {
                break;
            }
            if runs.iter().all(|earlier| earlier.test_acc < history.test_acc) {
                best = Some((params, before));
            }
            let stop = interrupted || history.diverged_at.is_some();
            runs.push(history);
            if stop {
                break;
            }
        }
        let (name, seconds) = (network.name, started.elapsed().as_secs_f64());
        Ok(best.map(|(best, before)| Trained { name, runs, interrupted, best, before, seconds }))
    }

    fn train_once(&self, name: &str, run: usize, model: &Sequential, params: &Params) -> Result<History> {
        let options = &self.options;
        params.set_lr(options.lr());
        let protocol =
            Protocol { epochs: options.epochs, batch: options.batch, eval_every: options.eval_every };
        let steps = self.splits.train.len().div_ceil(options.batch) as u64;
        let label = if options.runs() == 1 { name.to_owned() } else { format!("{name} run {}", run + 1) };
        let mode = if options.quiet { Mode::Quiet } else { Mode::Auto };
        let mut progress =
            Progress::new(steps * options.epochs, options.batch as u64, &label, mode).with_epoch(steps);
        let history =
            train(model, params, Adam::default(), &self.splits, &protocol, &self.device, &mut progress)
                .with_context(|| name.to_owned())?;
        let diverged = history.diverged_at.map(|step| format!("diverged at step {step}, kept from before: "));
        let (test, digest) = (history.test_acc, params.digest());
        progress.finish(&format!("{}test {test:.2} %, digest {digest:016x}", diverged.unwrap_or_default()));
        Ok(history)
    }

    /// The figure of all networks, and what there is now.
    fn write_together(&self, results: &[Part3]) -> Result<()> {
        let curves: Vec<Curves<'_>> = results.iter().map(curves).collect();
        if results.len() > 1 {
            figure::part3(&curves, &self.title("part 3"), &self.out.file("part3_all"))?;
        }
        self.say(&format!(
            "\n{:<8} {:>10} {:>8} {:>9}  digest",
            "network", "parameters", "test %", "seconds"
        ));
        for r in results {
            let m = &r.meta;
            let (test, seconds) = (r.test_acc, m.seconds);
            self.say(&format!("{:<8} {:>10} {test:>8.2} {seconds:>9.1}  {}", r.name, m.parameters, m.digest));
        }
        let dir = self.out.path().display();
        let all = if results.len() > 1 { "part3_all.png, " } else { "" };
        self.say(&format!("\nfigures: {all}part3_<network>.png and weights_<network>_*.png in {dir}"));
        Ok(())
    }

    /// A title that says which data it was.
    fn title(&self, what: &str) -> String {
        format!("{what} · {} · edition {}", self.data.name, self.options.edition)
    }
}

/// Values of the first layer's weights, in PyTorch's layout.
fn first_weights(params: &Params) -> Vec<f32> {
    params.ids().next().map(|p| params.values(p)).unwrap_or_default()
}

fn curves(result: &Part3) -> Curves<'_> {
    Curves {
        name: &result.name,
        loss: &result.loss_curve,
        train_acc: &result.train_acc_curve,
        val_acc: &result.val_acc_curve,
        test_acc: result.test_acc,
    }
}

/// Installs the Ctrl-C handler and runs; the exit status.
///
/// # Errors
/// As [`run`].
pub fn main(options: Options) -> Result<i32> {
    interrupt::install().context("cannot listen for Ctrl-C")?;
    Ok(if run(options)? { interrupt::EXIT_STATUS } else { 0 })
}
