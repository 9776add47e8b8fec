//! Part 5: learning rates, and a schedule of them.
mod options;
mod plateau;
mod write;

pub use options::Options;
pub use plateau::{Detector, epoch_means};

use crate::{
    interrupt,
    results::{AdamRun, Part3, Plateau, ResultFile},
    session::{Flags, Job, Run, Session},
    train::{History, Protocol},
};
use anyhow::{Result, bail};
use ferrotape_autograd::Update;
use ferrotape_nn::{Adam, MultiStep, Sgd, models::Network};

/// The homework's rates, the factor between two of them, and how they are named in keys.
pub const RATES: [f64; 3] = [0.1, 0.01, 0.001];
const FACTOR: f64 = 0.1;
/// Epochs that are added while no plateau shows.
const MORE: u64 = 10;

/// A call of part 5.
struct Part {
    options: Options,
    session: Session,
    network: Network,
}

/// A training whose rate falls, and where it falls.
struct Scheduled {
    /// `sch_1` or `sch_01`, as in the file's name.
    which: &'static str,
    run: Run,
    plateaus: Vec<Plateau>,
}

/// Runs part 5 as told, writing results and figures; whether the user stopped it.
///
/// # Errors
/// Where data, output directory, device or the result of part 3 are not as they must be: the text names which.
pub fn run(options: Options) -> Result<bool> {
    Ok(Part::open(options)?.run()?.is_none())
}

/// Seconds it will take on this machine where plateaus show in time.
///
/// # Errors
/// As [`run`].
pub fn estimate(options: Options) -> Result<f64> {
    let part = Part::open(options)?;
    let Options { epochs, schedule_epochs, adam_epochs, adam, .. } = &part.options;
    let constant = RATES.map(|rate| part.job("", Sgd::default(), rate, &[], *epochs));
    // Where the rate falls is not known; that it does tells these from the constant one.
    let falling =
        [&[1][..], &[1, 2]].map(|falls| part.job("", Sgd::default(), RATES[0], falls, *schedule_epochs));
    let descents: Vec<_> = constant.into_iter().chain(falling).collect();
    let lr = part.options.common.defaults().lr;
    let adam = adam.is_none().then(|| part.job("", Adam::default(), lr, &[], *adam_epochs));
    Ok(part.session.estimate(&descents)? + part.session.estimate(adam.as_slice())?)
}

impl Part {
    fn open(options: Options) -> Result<Self> {
        let session = Session::open(&options.common, "part5")?;
        let network = session.networks(std::slice::from_ref(&options.model))?.remove(0);
        Ok(Self { options, session, network })
    }

    /// Everything; `None` where the user stopped it.
    fn run(&self) -> Result<Option<()>> {
        self.session.write_samples()?;
        self.session.say(&format!("\n{}", self.session.summary(&self.network, &self.session.variant)));
        let Some(constant) = self.constant()? else { return Ok(None) };
        self.write_constant(&constant)?;
        let Some(first) = self.first_plateau()? else { return Ok(None) };
        let Some(sch_1) = self.one_fall(first)? else { return Ok(None) };
        self.write_scheduled(&sch_1)?;
        let Some(sch_01) = self.two_falls(&sch_1)? else { return Ok(None) };
        self.write_scheduled(&sch_01)?;
        let Some(adam) = self.adam()? else { return Ok(None) };
        self.write_details(&constant, [&sch_1, &sch_01], adam)?;
        Ok(Some(()))
    }

    /// The trainings at the constant rates.
    fn constant(&self) -> Result<Option<Vec<Run>>> {
        let job = |rate| self.job(&format!("lr={rate}"), Sgd::default(), rate, &[], self.options.epochs);
        let mut runs = Vec::new();
        for jobs in RATES.map(job).chunks(self.session.at_a_time()) {
            runs.extend(self.session.train_side_by_side(jobs)?);
            if interrupt::requested() {
                return Ok(None);
            }
        }
        Ok(Some(runs))
    }

    /// Where validation accuracy at the highest rate stops rising; epochs are added until it does.
    fn first_plateau(&self) -> Result<Option<Plateau>> {
        if let Some([first, _]) = self.options.switch {
            return Ok(Some(self.given(first)));
        }
        let mut epochs = self.options.epochs;
        loop {
            let Some(run) = self.descend(&format!("lr={}", RATES[0]), RATES[0], &[], epochs)? else {
                return Ok(None);
            };
            match self.plateau(&run.history, 0, epochs) {
                Some(plateau) => return Ok(Some(plateau)),
                None => epochs += MORE,
            }
        }
    }

    /// At 0.1 until `first`, then at 0.01 for long enough that the next plateau shows.
    fn one_fall(&self, first: Plateau) -> Result<Option<Scheduled>> {
        let mut epochs = self.options.schedule_epochs.max(first.epoch + 1);
        loop {
            let Some(run) = self.descend("0.1 to 0.01", RATES[0], &[first.epoch], epochs)? else {
                return Ok(None);
            };
            let second = match self.options.switch {
                Some([_, second]) => Some(self.given(second)),
                None => self.plateau(&run.history, first.epoch, epochs),
            };
            match second {
                Some(second) => {
                    return Ok(Some(Scheduled { which: "sch_1", run, plateaus: vec![first, second] }));
                }
                None => epochs += MORE,
            }
        }
    }

    /// Afresh, with both falls.
    fn two_falls(&self, one: &Scheduled) -> Result<Option<Scheduled>> {
        let falls: Vec<u64> = one.plateaus.iter().map(|p| p.epoch).collect();
        let epochs = self.options.schedule_epochs.max(falls[1] + 1);
        let run = self.descend("0.1 to 0.01 to 0.001", RATES[0], &falls, epochs)?;
        Ok(run.map(|run| Scheduled { which: "sch_01", run, plateaus: one.plateaus.clone() }))
    }

    /// The plateau of `history` behind its first `skip` epochs; forced where there is none in the most epochs there may
    /// be, absent where there may be more.
    fn plateau(&self, history: &History, skip: u64, epochs: u64) -> Option<Plateau> {
        let found = Detector::default().find(&history.val_acc, self.records_per_epoch(), skip as usize);
        match found {
            Some(epoch) => Some(self.at(epoch as u64, "found")),
            None if epochs + MORE > self.options.max_epochs || history.diverged_at.is_some() => {
                Some(self.at((epochs - 1).max(skip + 1), "none"))
            }
            None => None,
        }
    }

    fn given(&self, epoch: u64) -> Plateau {
        self.at(epoch, "given")
    }

    fn at(&self, epoch: u64, how: &str) -> Plateau {
        let record = (epoch as f64 * self.records_per_epoch()).round() as usize;
        Plateau { epoch, record, how: how.into() }
    }

    fn records_per_epoch(&self) -> f64 {
        let Options { common, .. } = &self.options;
        self.session.splits.train.len().div_ceil(common.batch) as f64 / common.eval_every as f64
    }

    /// The reference: Adam as in part 3.
    fn adam(&self) -> Result<Option<AdamRun>> {
        if let Some(path) = &self.options.adam {
            let found = Part3::read(path)?;
            if found.name != self.network.name {
                let (name, file) = (self.network.name, path.display());
                bail!("{file}: a result of {}, expected one of {name}", found.name);
            }
            let steps = found.val_acc_curve.len() as u64 * self.options.common.eval_every;
            let (test_acc, val_acc_curve) = (found.test_acc, found.val_acc_curve);
            let seconds = found.meta.seconds;
            return Ok(Some(AdamRun {
                source: path.display().to_string(),
                val_acc_curve,
                test_acc,
                steps,
                seconds,
            }));
        }
        let lr = self.options.common.defaults().lr;
        let run = self.train(&self.job("Adam", Adam::default(), lr, &[], self.options.adam_epochs))?;
        Ok(run.map(|run| {
            let History { val_acc, test_acc, steps, seconds, .. } = run.history;
            AdamRun { source: "trained here".into(), val_acc_curve: val_acc, test_acc, steps, seconds }
        }))
    }

    /// Plain gradient descent, its rate a tenth from each of the epochs `falls` on.
    fn descend(&self, label: &str, rate: f64, falls: &[u64], epochs: u64) -> Result<Option<Run>> {
        self.train(&self.job(label, Sgd::default(), rate, falls, epochs))
    }

    /// A training from fresh weights; `None` where the user stopped it.
    fn train<U: Update + Clone>(&self, job: &Job<'_, U>) -> Result<Option<Run>> {
        let run = self.session.train(job)?;
        Ok((!run.history.interrupted && !interrupt::requested()).then_some(run))
    }

    /// A training whose rate is a tenth from each of the epochs `falls` on.
    fn job<U>(&self, label: &str, rule: U, lr: f64, falls: &[u64], epochs: u64) -> Job<'_, U> {
        let Options { common, .. } = &self.options;
        // One that never falls is described as other parts do, which may have kept the same training.
        let gamma = if falls.is_empty() { 1.0 } else { FACTOR };
        let rate = MultiStep { lr, milestones: falls.to_vec(), gamma };
        let (batch, eval_every) = (common.batch, common.eval_every);
        Job {
            label: format!("{} {label}", self.network.name),
            network: &self.network,
            variant: self.session.variant,
            seed: common.seed,
            rule,
            protocol: Protocol { epochs, batch, eval_every, rate, ..Protocol::new(lr) },
            init: None,
        }
    }

    /// All that decides the results, but for what is found on the way.
    fn flags(&self, schedule: &str) -> Flags {
        let Options { epochs, schedule_epochs, max_epochs, switch, adam_epochs, adam, .. } = &self.options;
        self.session.flags([
            ("part", "5".into()),
            ("model", self.network.name.into()),
            ("epochs", epochs.to_string()),
            ("schedule_epochs", schedule_epochs.to_string()),
            ("max_epochs", max_epochs.to_string()),
            ("switch", switch.map_or("found".into(), |[a, b]| format!("{a},{b}"))),
            ("adam_epochs", adam_epochs.to_string()),
            ("adam", adam.as_ref().map_or("trained here".into(), |p| p.display().to_string())),
            ("schedule", schedule.into()),
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
