//! Finished trainings, kept by the digest of all that decides them.
use super::{fnv::Fnv, sealed};
use crate::{
    output::{self, OutDir},
    train::{History, Splits},
};
use anyhow::Result;
use ferrotape_autograd::{Device, Params};
use ferrotape_data::DataSet;
use ferrotape_nn::state_dict;
use std::path::{Path, PathBuf};

/// How they are written. Those written otherwise are not found.
const FORMAT: &[u8] = b"sealed";

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
        surroundings.add(FORMAT);
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
        format!("{network}_{digest}")
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

    /// Keeps a finished training, with a note beside its weights.
    pub(super) fn save(&self, name: &str, note: &str, history: &History, params: &Params) -> Result<()> {
        let [file, weights] = self.files(name);
        sealed::write([&file, &weights], history, &state_dict::to_bytes(params, note))
    }

    fn files(&self, name: &str) -> [PathBuf; 2] {
        ["json", "safetensors"].map(|extension| output::with_extension(&self.dir.file(name), extension))
    }
}

/// The history of a kept training, with its weights put into `params`.
///
/// # Errors
/// If a file cannot be read, is none of its kind, is damaged or does not fit `params`, which are not changed then; the text names
/// the file.
pub fn read(history: &Path, weights: &Path, params: &Params) -> Result<History> {
    let (found, bytes) = sealed::read([history, weights])?;
    state_dict::from_bytes(params, &bytes, weights)?;
    Ok(found)
}

/// A machine's name without its number of threads: `cpu (avx512` of `cpu (avx512, 2 threads)`.
fn kind(machine: &str) -> &str {
    machine.split(',').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn threads_do_not_decide() {
        assert_eq!(kind("cpu (avx2, 1 thread)"), kind("cpu (avx2, 4 threads)"));
        assert_ne!(kind("cpu (avx2, 4 threads)"), kind("cpu (avx512, 4 threads)"));
        assert_eq!(kind("reference"), "reference");
    }
}
