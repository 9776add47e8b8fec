//! What all trainings of one call share: data, splits, networks, machine, output folder.
mod answers;
mod checkpoints;
mod estimate;
mod flags;
mod fnv;
pub mod kept;
mod run;
pub mod sealed;

pub use checkpoints::{Checkpoints, Every};
pub use flags::{Common, OnNan};
pub(crate) use flags::{at_least_one, network, rate};
use kept::Kept;
pub use run::{Job, Run};

use crate::{
    evaluate::Images,
    output::OutDir,
    picture,
    results::{Meta, ResultFile, now},
    train::Splits,
};
use anyhow::{Context, Result, bail};
use ferrotape_autograd::{Device, Input, Params};
use ferrotape_data::{DataSet, Holdout, split, synthetic::Form};
use ferrotape_nn::models::{Activation, Network, Variant};
use std::collections::BTreeMap;

/// Share of the training files kept for validation.
const VALIDATION: Holdout = Holdout::Percent(10);
/// Images of each class on the sample sheet.
const SAMPLES: usize = 8;

/// Names and resolved values of the flags that decide a result.
pub type Flags = BTreeMap<String, String>;

/// Data, splits, networks' surroundings, machine and output folder of one call.
#[derive(Debug)]
pub struct Session {
    /// The flags.
    pub common: Common,
    /// The data set.
    pub data: DataSet,
    /// Its parts.
    pub splits: Splits,
    /// What the networks are built for, with ReLU.
    pub variant: Variant,
    /// The machine.
    pub device: Device,
    /// Where results go.
    pub out: OutDir,
    /// Finished trainings, where they shall be kept.
    kept: Option<Kept>,
}

impl Session {
    /// Opens data and machine, divides the data as parts 3 to 5 do, makes the output folder (`out/PART` unless told
    /// otherwise).
    ///
    /// # Errors
    /// Where one of them is not as it must be; the text names which.
    pub fn open(common: &Common, part: &str) -> Result<Self> {
        let form = common.defaults().form;
        Self::with_validation(common, part, form, |data| {
            let source = data.train.clone();
            let (train, validation) = split::balanced(&*source, VALIDATION, common.seed)?;
            Ok((train, Images { source, indices: validation }))
        })
    }

    /// The same, but all training images are learnt from, the test images are looked at on the way, and `form` instead of
    /// the edition says which images `auto` looks for.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_whole(common: &Common, part: &str, form: Form) -> Result<Self> {
        Self::with_validation(common, part, form, |data| {
            Ok((Images::all(data.train.clone()).indices, Images::all(data.test.clone())))
        })
    }

    fn with_validation(
        common: &Common,
        part: &str,
        form: Form,
        divide: impl Fn(&DataSet) -> Result<(Vec<u32>, Images)>,
    ) -> Result<Self> {
        let common = common.clone();
        let data = common.data.open(form, common.mode())?;
        let device = common.device.device()?;
        let (mut train, validation) = divide(&data)?;
        if let Some(n) = common.train_limit {
            train = split::limit(&train, &*data.train, n, common.seed)?;
        }
        let source = data.train.clone();
        let splits = Splits {
            train: Images { source, indices: train },
            validation,
            test: Images::all(data.test.clone()),
            input: common.input(data.train.shape()[0]),
        };
        let variant = variant(&data, &common, splits.input)?;
        let out = OutDir::create(common.out(part))?;
        let keep = common.keep.clone().or_else(|| common.survives().then(|| out.path().join("checkpoints")));
        let kept = keep.map(|dir| Kept::open(&dir, &data, &device)).transpose()?;
        let session = Self { common, data, splits, variant, device, out, kept };
        session.say(&format!("data: {}", session.data.description));
        session.say(&format!(
            "      {} training, {} validation, {} test images, input {}; results in {}",
            session.splits.train.len(),
            session.splits.validation.len(),
            session.splits.test.len(),
            session.splits.input,
            session.out.path().display()
        ));
        Ok(session)
    }

    /// Writes `samples.png`: the first images of each class.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write_samples(&self) -> Result<()> {
        let sheet = picture::sheet(&*self.data.train, &self.data.class_names, SAMPLES)?;
        let description = format!("{SAMPLES} training images of each class, {}", self.data.name);
        Ok(sheet.write(&description, &self.out.file("samples.png"))?)
    }

    /// Fails where a training diverged, unless the user asked to ignore that.
    ///
    /// # Errors
    /// Then: the text names the trainings, and where the first's numbers ceased to be finite.
    pub fn stop_on<'a>(&self, results: impl Iterator<Item = (&'a str, &'a Meta)>) -> Result<()> {
        let of =
            |(name, meta): (&'a str, &'a Meta)| Some((name, meta.diverged_at?, meta.diverged_by.as_deref()));
        let diverged: Vec<_> = results.filter_map(of).collect();
        let (OnNan::Stop, [(_, _, by), ..]) = (self.common.on_nan, &diverged[..]) else { return Ok(()) };
        let each = diverged.iter().map(|(name, step, _)| format!("{name} diverged at step {step}"));
        let by = by.map(|by| format!("; {by}")).unwrap_or_default();
        bail!("{}; try a lower --lr, or --on-nan ignore{by}", each.collect::<Vec<_>>().join(", "))
    }

    /// The same with another form of input.
    ///
    /// # Errors
    /// Where the images have no such form.
    pub fn with_input(&self, input: Input) -> Result<Self> {
        let common = Common { input: Some(input), ..self.common.clone() };
        Ok(Self {
            variant: variant(&self.data, &common, input)?,
            splits: Splits { input, ..self.splits.clone() },
            common,
            data: self.data.clone(),
            device: self.device.clone(),
            out: self.out.clone(),
            kept: self.kept.clone(),
        })
    }

    /// The networks called so in the table for these images; all of them where no name is given.
    ///
    /// # Errors
    /// If one is called otherwise.
    pub fn networks(&self, names: &[String]) -> Result<Vec<Network>> {
        let table = self.common.edition.table(self.data.train.shape());
        let find = |name: &String| Network::find(table, name).with_context(|| format!("no network {name}"));
        if names.is_empty() { Ok(table.to_vec()) } else { names.iter().map(find).collect() }
    }

    /// What networks are built for, with this activation.
    pub fn with_activation(&self, activation: Activation) -> Variant {
        Variant { activation, ..self.variant }
    }

    /// One line on stdout, unless it shall be quiet.
    pub fn say(&self, text: &str) {
        if !self.common.quiet {
            println!("{text}");
        }
    }

    /// A title that says which data it was.
    pub fn title(&self, what: &str) -> String {
        format!("{what} · {} · edition {}", self.data.name, self.common.edition)
    }

    /// The common flags that decide a result, and `more`.
    pub fn flags<const N: usize>(&self, more: [(&str, String); N]) -> Flags {
        let mut flags = self.common.flags(self.data.name, self.splits.input);
        flags.extend(more.map(|(name, value)| (name.to_owned(), value)));
        flags
    }

    /// What is known of a result before its training. `flags` are all that decide it, its part and network included.
    pub fn meta(&self, flags: Flags) -> Meta {
        let name = self.device.machine().map(|m| m.name()).unwrap_or_default();
        Meta {
            data_set: self.data.description.clone(),
            edition: self.common.edition.year(),
            input: self.splits.input.to_string(),
            seed: self.common.seed,
            flags,
            device: name,
            date: now(),
            version: env!("CARGO_PKG_VERSION").into(),
            runs: 1,
            ..Meta::default()
        }
    }

    /// Writes a result as JSON, and as a pickle where that is asked for.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, result: &impl ResultFile) -> Result<()> {
        if self.common.pickle {
            result.write_pickle(&self.out)?;
        }
        result.write(&self.out)?;
        Ok(())
    }
}

/// What is known of a store's parameters after a training.
pub fn with_params(meta: Meta, params: &Params) -> Meta {
    Meta { digest: format!("{:016x}", params.digest()), parameters: params.count(), ..meta }
}

fn variant(data: &DataSet, common: &Common, input: Input) -> Result<Variant> {
    let [channels, h, w] = data.train.shape();
    let channels = input.channels(channels).context("--input")?;
    Ok(Variant {
        image: [channels, h, w],
        classes: data.train.classes(),
        prediction_bias: common.prediction_bias(),
        ..Variant::default()
    })
}
