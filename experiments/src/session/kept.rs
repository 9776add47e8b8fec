//! Finished trainings, kept by the digest of all that decides them.
use crate::{
    output::{self, OutDir},
    results::lines,
    train::{History, Splits},
};
use anyhow::{Context, Result, bail};
use ferrotape_autograd::{Device, Params};
use ferrotape_data::DataSet;
use ferrotape_nn::state_dict;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of finished trainings: of each a history and the weights it ended with.
///
/// A training is decided by its description (network, rule, protocol, seed), its images, its machine's kind and this
/// program's version. Threads decide nothing: any number of them gives the same bits.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    dir: OutDir,
    /// Of data set, machine and version.
    surroundings: Fnv,
}

impl Kept {
    /// What is kept in `dir`.
    pub(super) fn open(dir: &Path, data: &DataSet, device: &Device) -> Result<Self> {
        let mut surroundings = Fnv::default();
        for source in [&data.train, &data.test] {
            for record in 0..source.len() {
                surroundings.add(&[source.label(record)]);
                surroundings.add(source.pixels(record));
            }
        }
        let name = device.machine()?.name();
        surroundings.add(kind(&name).as_bytes());
        surroundings.add(env!("CARGO_PKG_VERSION").as_bytes());
        Ok(Self { dir: OutDir::create(dir)?, surroundings })
    }

    /// The name of a training of `network` so described.
    pub(super) fn name(&self, network: &str, description: &str, splits: &Splits) -> String {
        let mut digest = self.surroundings.clone();
        digest.add(description.as_bytes());
        digest.add(splits.input.to_string().as_bytes());
        for images in [&splits.train, &splits.validation, &splits.test] {
            images.indices.iter().for_each(|i| digest.add(&i.to_le_bytes()));
        }
        format!("{network}_{:016x}", digest.0)
    }

    /// Where checkpoints of the training called so lie.
    pub(super) fn unfinished(&self, name: &str) -> PathBuf {
        self.dir.file(&format!("{name}.unfinished"))
    }

    /// Whether the training called so was finished.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files(name)[0].is_file()
    }

    /// The history of the training called so, with its weights put into `params`; `None` where it was never finished.
    pub(super) fn load(&self, name: &str, params: &Params) -> Result<Option<History>> {
        let [history, weights] = self.files(name);
        if !self.has(name) {
            return Ok(None);
        }
        read(&history, &weights, params).map(Some)
    }

    /// Keeps a finished training. The history comes last: where it is, the weights are.
    pub(super) fn save(&self, name: &str, history: &History, params: &Params) -> Result<()> {
        let [file, weights] = self.files(name);
        output::write_bytes(&weights, &state_dict::to_bytes(params, name))?;
        let text = lines::to_string(history).map_err(|e| lines::not_finite(e, name))?;
        Ok(output::write_bytes(&file, text.as_bytes())?)
    }

    fn files(&self, name: &str) -> [PathBuf; 2] {
        ["json", "safetensors"].map(|extension| output::with_extension(&self.dir.file(name), extension))
    }
}

/// The history of a kept training, with its weights put into `params`.
///
/// # Errors
/// If a file cannot be read, is none of its kind, contradicts itself or does not fit `params`, which are not changed then;
/// the text names the file.
pub fn read(history: &Path, weights: &Path, params: &Params) -> Result<History> {
    let name = || history.display().to_string();
    let text = fs::read_to_string(history).with_context(name)?;
    let found: History =
        serde_json::from_str(&text).map_err(|source| output::Error::Json { path: history.into(), source })?;
    check(&found).with_context(name)?;
    state_dict::load(params, weights)?;
    Ok(found)
}

/// A value a record in every list.
fn check(history: &History) -> Result<()> {
    let History { loss, train_acc, val_loss, val_acc, norms, .. } = history;
    let lists = [("train_acc", train_acc), ("val_loss", val_loss), ("val_acc", val_acc)];
    for (key, list) in lists.into_iter().chain(norms.iter().map(|list| ("a list of norms", list))) {
        let optional = list.is_empty() && key != "train_acc";
        if list.len() != loss.len() && !optional {
            bail!("{key} has {} values, loss has {}", list.len(), loss.len());
        }
    }
    Ok(())
}

/// A machine's name without its number of threads: `cpu (avx512` of `cpu (avx512, 2 threads)`.
fn kind(machine: &str) -> &str {
    machine.split(',').next().unwrap_or_default()
}

/// 64-bit FNV-1a.
#[derive(Clone, Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    }
}

#[cfg(test)]
mod tests {
    use super::{check, kind, read};
    use crate::train::History;
    use ferrotape_autograd::Params;
    use ferrotape_nn::state_dict;

    /// Found by `ferrotape-fuzz`: a history whose curves are not of one length was taken.
    #[test]
    fn a_damaged_history_is_named() {
        let whole = History { loss: vec![1.0; 3], train_acc: vec![2.0; 3], ..History::default() };
        assert!(check(&whole).is_ok());
        let problem = |history| check(&history).unwrap_err().to_string();
        let short = History { train_acc: vec![], ..whole.clone() };
        assert_eq!(problem(short), "train_acc has 0 values, loss has 3");
        let short = History { norms: vec![vec![1.0; 3], vec![1.0; 2]], ..whole.clone() };
        assert_eq!(problem(short), "a list of norms has 2 values, loss has 3");
        let dir = tempfile::tempdir().unwrap();
        let (file, weights) = (dir.path().join("a.json"), dir.path().join("a.safetensors"));
        let params = Params::seeded(1);
        state_dict::save(&params, &weights, "").unwrap();
        std::fs::write(&file, serde_json::to_string(&whole).unwrap()).unwrap();
        assert_eq!(read(&file, &weights, &params).unwrap(), whole);
        std::fs::write(&file, "{}").unwrap();
        let error = crate::exit::line(&read(&file, &weights, &params).unwrap_err());
        assert!(error.starts_with(&format!("{}: missing field", file.display())), "{error}");
    }

    #[test]
    fn threads_do_not_decide() {
        assert_eq!(kind("cpu (avx2, 1 thread)"), kind("cpu (avx2, 4 threads)"));
        assert_ne!(kind("cpu (avx2, 4 threads)"), kind("cpu (avx512, 4 threads)"));
        assert_eq!(kind("reference"), "reference");
    }
}
