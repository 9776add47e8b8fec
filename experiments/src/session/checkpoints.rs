//! Trainings that survive: their state at a record, written while they go on.
//!
//! Of each training the last two are kept, in a folder named by the digest of all that decides it, so that it is never gone on with
//! under other flags. A checkpoint is a store and the curves up to it.
use super::sealed;
use crate::{output::OutDir, train::History};
use anyhow::Result;
use ferrotape_autograd::{ParamData, Params};
use ferrotape_nn::checkpoint;
use std::{
    cell::Cell,
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

/// How many are kept.
const KEPT: usize = 2;

/// How often one is written, at the earliest: with the next record.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Every {
    /// After so many steps.
    Steps(u64),
    /// After so much time.
    Time(Duration),
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a number of steps, or of minutes as in `5m`, found `{text}`");
        match text.strip_suffix('m') {
            Some(minutes) => {
                let minutes: f64 = minutes.parse().map_err(|_| wrong())?;
                let time = Duration::try_from_secs_f64(60.0 * minutes).map_err(|_| wrong())?;
                if time.is_zero() { Err(wrong()) } else { Ok(Self::Time(time)) }
            }
            None => match text.parse() {
                Ok(steps) if steps > 0 => Ok(Self::Steps(steps)),
                _ => Err(wrong()),
            },
        }
    }
}

/// The checkpoints of one training.
#[derive(Debug)]
pub struct Checkpoints {
    dir: PathBuf,
    every: Option<Every>,
    /// What stands beside the values.
    note: String,
    /// Step and time of the last one, or of the beginning.
    last: Cell<(u64, Instant)>,
    began: Instant,
    /// Seconds of the calls before.
    before: Cell<f64>,
}

impl Checkpoints {
    /// In `dir`, which is made with the first; without `every` none is written, those of before can be gone on with.
    pub(super) fn new(dir: PathBuf, every: Option<Every>, note: &str) -> Self {
        let now = Instant::now();
        let note = note.to_owned();
        Self { dir, every, note, last: Cell::new((0, now)), began: now, before: Cell::new(0.0) }
    }

    /// Writes one if it is time to. One that cannot be written is said so, and costs nothing: the training goes on, and those before it
    /// stay.
    pub(crate) fn offer(&self, data: &ParamData, history: &History) {
        let (step, at) = self.last.get();
        let due = match self.every {
            None => false,
            Some(Every::Steps(steps)) => data.cursor >= step + steps,
            Some(Every::Time(time)) => at.elapsed() >= time,
        };
        if due {
            self.write(data, history);
        }
    }

    /// Writes one now, if any are to be written.
    pub(crate) fn write(&self, data: &ParamData, history: &History) {
        if self.every.is_some() {
            self.last.set((data.cursor, Instant::now()));
            if let Err(e) = self.try_write(data, history) {
                eprintln!("warning: no checkpoint at step {}, the earlier ones stay: {e:#}", data.cursor);
            }
        }
    }

    fn try_write(&self, data: &ParamData, history: &History) -> Result<()> {
        OutDir::create(&self.dir)?;
        let [curves, store] = self.files(data.cursor);
        let seconds = self.before.get() + self.began.elapsed().as_secs_f64();
        let so_far = History { steps: data.cursor, seconds, interrupted: false, ..history.clone() };
        sealed::write([&curves, &store], &so_far, &checkpoint::to_bytes(data, &self.note))?;
        for &old in self.steps()?.iter().rev().skip(KEPT) {
            self.files(old).iter().try_for_each(fs::remove_file)?;
        }
        Ok(())
    }

    /// Puts the store back to the last whole checkpoint, and gives its curves. One that is damaged is named, and the one before it is
    /// taken. `None` where there is none.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(super) fn go_on(&self, params: &Params) -> Result<Option<History>> {
        for step in self.steps()?.into_iter().rev() {
            match self.load(step, params) {
                Ok(history) => {
                    self.last.set((step, Instant::now()));
                    self.before.set(history.seconds);
                    return Ok(Some(history));
                }
                Err(e) => eprintln!("warning: a checkpoint is left out: {e:#}"),
            }
        }
        Ok(None)
    }

    fn load(&self, step: u64, params: &Params) -> Result<History> {
        let [curves, store] = self.files(step);
        let (history, bytes) = sealed::read([&curves, &store])?;
        checkpoint::from_bytes(params, &bytes, &store)?;
        Ok(history)
    }

    /// Removes all: the training is finished.
    pub(super) fn remove(&self) {
        // What is left of them harms nobody: their training is never asked for again.
        let _ = fs::remove_dir_all(&self.dir);
    }

    /// The steps of those that are whole, in order.
    fn steps(&self) -> Result<Vec<u64>> {
        let entries = match fs::read_dir(&self.dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let step = |path: PathBuf| -> Option<u64> {
            let curves = path.extension()? == "json";
            curves.then(|| path.file_stem()?.to_str()?.parse().ok()).flatten()
        };
        let mut steps = Vec::new();
        for entry in entries {
            steps.extend(step(entry?.path()));
        }
        steps.sort_unstable();
        Ok(steps)
    }

    fn files(&self, step: u64) -> [PathBuf; 2] {
        ["json", "safetensors"].map(|extension| self.dir.join(Path::new(&format!("{step:09}.{extension}"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrotape_autograd::Layout;

    fn store(cursor: u64) -> Params {
        let params = Params::seeded(1);
        params.add("w", [2], Layout::Rows, &[cursor as f32, 0.5]);
        params.set_cursor(cursor);
        params
    }

    fn history(records: u64) -> History {
        let curve: Vec<f64> = (0..records).map(|k| k as f64 / 3.0).collect();
        History { loss: curve.clone(), train_acc: curve, ..History::default() }
    }

    #[test]
    fn how_often() {
        assert_eq!("500".parse(), Ok(Every::Steps(500)));
        assert_eq!("1.5m".parse(), Ok(Every::Time(Duration::from_secs(90))));
        for wrong in ["0", "0m", "-1", "m", "5s", "-2m", "nanm"] {
            assert!(wrong.parse::<Every>().unwrap_err().contains(wrong), "{wrong}");
        }
    }

    /// The last two stay; the last that is whole is gone on with.
    #[test]
    fn the_last_whole_one() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::new(dir.path().join("training"), Some(Every::Steps(10)), "of a test");
        let fresh = store(0);
        assert_eq!(checkpoints.go_on(&fresh).unwrap(), None);
        for step in [5, 10, 15, 20, 30] {
            checkpoints.offer(&store(step).snapshot(), &history(step));
        }
        assert_eq!(checkpoints.steps().unwrap(), [20, 30]);
        let found = checkpoints.go_on(&fresh).unwrap().unwrap();
        assert_eq!((found.loss, found.steps, fresh.cursor()), (history(30).loss, 30, 30));
        assert_eq!(fresh.snapshot().values, [30.0, 0.5]);
        let [_, newest] = checkpoints.files(30);
        let bytes = fs::read(&newest).unwrap();
        fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(checkpoints.go_on(&fresh).unwrap().unwrap().steps, 20);
        checkpoints.remove();
        assert_eq!(checkpoints.go_on(&fresh).unwrap(), None);
    }
}
