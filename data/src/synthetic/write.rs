//! Writing a set so that it is there whole or not at all.
use super::{CLASS_NAMES, MANIFEST, OnProgress, Progress, Recipe, image, is_present};
use crate::records::RECORD_BYTES;
use crate::rng::{Stream, keyed, shuffle};
use crate::{CLASSES, Error};
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Images between two reports of progress.
const REPORT_EVERY: usize = 100;

/// Writes the set of `recipe` beside `dir`, then renames it to `dir`.
pub(super) fn atomically(dir: &Path, recipe: &Recipe, progress: &mut OnProgress<'_>) -> Result<(), Error> {
    let dir = &std::path::absolute(dir).map_err(Error::io(dir, "find the absolute path"))?;
    let parent = dir.parent().unwrap_or(dir);
    fs::create_dir_all(parent).map_err(Error::io(parent, "create the directory"))?;
    let _lock = lock(&hidden(dir, "lock"))?;
    // Another process may have written the set while this one waited for the lock.
    if is_present(dir, recipe)? {
        return Ok(());
    }
    let partial = Partial::create(hidden(dir, "partial"))?;
    write_all(&partial.0, dir, recipe, progress)?;
    fs::rename(&partial.0, dir).map_err(Error::io(dir, "rename the finished set into place"))?;
    sync_directory(parent)
}

fn write_all(into: &Path, dir: &Path, recipe: &Recipe, progress: &mut OnProgress<'_>) -> Result<(), Error> {
    let total = recipe.files().map(|(_, records)| records).sum();
    let mut done = 0;
    let mut report = || {
        let at = Progress { done, total };
        done += 1;
        let due = at.done.is_multiple_of(REPORT_EVERY);
        if due && progress(at).is_break() { Err(Error::Stopped { dir: dir.to_owned() }) } else { Ok(()) }
    };
    for (file, (name, records)) in recipe.files().enumerate() {
        write_records(&into.join(name), recipe.seed, file, records, &mut report)?;
    }
    write_text(&into.join("batches.meta.txt"), &(CLASS_NAMES.join("\n") + "\n"))?;
    write_text(&into.join(MANIFEST), &recipe.manifest())?;
    sync_directory(into)?;
    // The set is whole now, so a wish to stop comes too late.
    let _ = progress(Progress { done: total, total });
    Ok(())
}

/// Draws and writes the `records` of file number `file`, calling `report` before each.
fn write_records(
    path: &Path,
    seed: u64,
    file: usize,
    records: usize,
    report: &mut impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    let refused = || Error::io(path, "write the file");
    let mut writer = BufWriter::new(File::create_new(path).map_err(refused())?);
    let mut record = [0; RECORD_BYTES];
    for (at, label) in labels(seed, file, records).into_iter().enumerate() {
        report()?;
        draw_record(seed, file, at, label, &mut record);
        writer.write_all(&record).map_err(refused())?;
    }
    let written = writer.into_inner().map_err(|error| refused()(error.into_error()))?;
    written.sync_all().map_err(refused())
}

/// Draws record `at` of file number `file`; it depends on nothing drawn before.
fn draw_record(seed: u64, file: usize, at: usize, label: u8, record: &mut [u8; RECORD_BYTES]) {
    let index = (file as u64) << 32 | at as u64;
    record[0] = label;
    image::draw(&mut keyed(seed, Stream::Image, index), usize::from(label), &mut record[1..]);
}

/// The labels of one file: equally many of each class, up to one, in random order.
fn labels(seed: u64, file: usize, records: usize) -> Vec<u8> {
    let mut labels: Vec<u8> = (0..records).map(|at| (at % CLASSES) as u8).collect();
    shuffle(&mut keyed(seed, Stream::Labels, file as u64), &mut labels);
    labels
}

fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(Error::io(path, "write the file"))
}

/// A directory that is removed unless it has been renamed.
struct Partial(PathBuf);

impl Partial {
    /// Creates `path` afresh. Called under the lock, so what lies there is left over from an interrupted
    /// process.
    fn create(path: PathBuf) -> Result<Self, Error> {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io(&path, "remove what an interrupted run left")(error));
            }
            _ => {}
        }
        fs::create_dir(&path).map_err(Error::io(&path, "create the directory"))?;
        Ok(Self(path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; after a failure there is no one left to tell.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `.NAME.suffix` beside `dir`.
fn hidden(dir: &Path, suffix: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.{suffix}"))
}

/// Waits for the right to write. The system gives it back when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, Error> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(Error::io(path, "create the lock file"))?;
    match file.lock() {
        // Some network file systems know no locks; the final rename still keeps a set whole.
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file).map_err(Error::io(path, "lock the file")),
    }
}

/// Makes the entries of a directory durable, where directories can be opened.
fn sync_directory(dir: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(Error::io(dir, "sync the directory"))?;
    }
    Ok(())
}
