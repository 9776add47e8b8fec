//! Cases, one after the other.
use crate::{Failure, Random, Reader, failure::caught, memory, mutate, watchdog::Watchdog};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::{Duration, Instant},
};

/// After so many failures a reader is left alone.
const ENOUGH: usize = 20;

/// Which cases are run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Decides all cases.
    pub seed: u64,
    /// The first case.
    pub first: u64,
    /// How many.
    pub cases: u64,
    /// Processor time after which no case begins.
    pub time: Duration,
    /// Where files are kept that went wrong.
    pub keep: Option<PathBuf>,
}

/// What came of them.
#[derive(Debug, Default)]
pub struct Figures {
    /// How many were run.
    pub cases: u64,
    /// How many files were read.
    pub accepted: u64,
    /// Processor time (wall-clock time where the system does not tell).
    pub time: Duration,
    /// The longest case.
    pub slowest: Duration,
    /// The most bytes allocated in a case.
    pub peak: usize,
    /// The largest share of a case's allowance that was allocated.
    pub share: f64,
    /// What went wrong: of many with the same text, the first.
    pub failures: Vec<Failure>,
}

/// Feeds mutated files to `reader`.
///
/// # Panics
/// If a file cannot be written, or an unmutated seed is refused.
pub fn run(reader: &dyn Reader, plan: &Plan) -> Figures {
    // In memory where that can be had: a disk would be what is measured.
    let shm = Path::new("/dev/shm");
    let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
    let folder = folder.expect("a temporary folder");
    let seeds = reader.seeds();
    for (at, seed) in seeds.iter().enumerate() {
        let bytes = reader.dress(seed.clone(), &mut Random::of(0, 0));
        let read = one(reader, folder.path(), &bytes).outcome;
        assert_eq!(read, Ok(Ok(())), "{}: seed {at} is refused", reader.name());
    }
    let (watchdog, source) = (Watchdog::start(), mutate::Source::of(reader, seeds));
    let (started, mut figures) = (processor_time(), Figures::default());
    for case in plan.first..plan.first + plan.cases {
        if case % 16 == 0 {
            figures.time = processor_time().saturating_sub(started);
        }
        if figures.time > plan.time || figures.failures.len() >= ENOUGH {
            break;
        }
        let mut random = Random::of(plan.seed, case);
        let bytes = reader.dress(mutate::mutated(&source, &mut random), &mut random);
        watchdog.note(Some(format!("{}, case {case}", reader.name())));
        let Case { outcome, peak, time } = one(reader, folder.path(), &bytes);
        watchdog.note(None);
        figures.cases += 1;
        figures.accepted += u64::from(outcome == Ok(Ok(())));
        figures.slowest = figures.slowest.max(time);
        figures.peak = figures.peak.max(peak);
        let allowed = reader.allowance().of(bytes.len());
        figures.share = figures.share.max(peak as f64 / allowed as f64);
        let what = match wrong(&outcome, folder.path()) {
            Some(what) => what,
            None if peak > allowed => format!("{peak} bytes allocated for a file of {}", bytes.len()),
            None => continue,
        };
        // Bytes differ from case to case, the place of a panic does not.
        let kind = |what: &str| what.chars().filter(|c| !c.is_ascii_digit()).take(80).collect::<String>();
        if figures.failures.iter().all(|known| kind(&known.what) != kind(&what)) {
            let file = plan.keep.as_ref().map(|dir| dir.join(format!("{}-{case}", reader.name())));
            if let Some(file) = &file {
                fs::write(file, &bytes).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            }
            figures.failures.push(Failure { reader: reader.name(), case, file, what });
        }
    }
    figures.time = processor_time().saturating_sub(started);
    figures
}

/// What this thread has had of a processor; Linux tells in nanoseconds.
fn processor_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = told.and_then(|text| text.split(' ').next()?.parse().ok());
    first.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// What a case came to.
struct Case {
    /// A panic's message, or else the refusal.
    outcome: Result<Result<(), String>, String>,
    peak: usize,
    time: Duration,
}

/// Reads a file of `bytes` in a folder of its own.
fn one(reader: &dyn Reader, folder: &Path, bytes: &[u8]) -> Case {
    let own = folder.join("case");
    fs::create_dir(&own).expect("a folder for the case");
    let file = own.join("file");
    fs::write(&file, bytes).expect("a file for the case");
    let (started, before) = (Instant::now(), memory::restart());
    let outcome = caught(|| reader.read(&file));
    let (peak, time) = (memory::peak().saturating_sub(before), started.elapsed());
    fs::remove_dir_all(&own).expect("the case's folder, to be removed");
    Case { outcome, peak, time }
}

/// What is wrong with an outcome, if anything is.
fn wrong(outcome: &Result<Result<(), String>, String>, folder: &Path) -> Option<String> {
    let beside = fs::read_dir(folder).expect("the folder of the cases").count();
    match outcome {
        Err(panic) => Some(panic.clone()),
        _ if beside > 0 => Some("something was written outside of the target".into()),
        Ok(Err(text)) if !text.contains(&*folder.to_string_lossy()) => {
            Some(format!("the error names no file: {text}"))
        }
        // Nor does a file write to the terminal.
        Ok(Err(text)) if text.chars().any(char::is_control) => {
            Some(format!("the error is not one line of printable text: {text:?}"))
        }
        Ok(_) => None,
    }
}
