//! Writing a set so that it is there whole or not at all.
use super::{CLASS_NAMES, Form, MANIFEST, OnProgress, Part, Progress, Recipe, image, is_present};
use crate::place::{Partial, lock};
use crate::rng::{Stream, keyed, shuffle};
use crate::{CLASSES, Error, idx};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// Images between two reports of progress.
const REPORT_EVERY: usize = 100;

/// Writes the set of `recipe` beside `dir`, then renames it to `dir`.
pub(super) fn atomically(dir: &Path, recipe: &Recipe, progress: &mut OnProgress<'_>) -> Result<(), Error> {
    let dir = &std::path::absolute(dir).map_err(Error::io(dir, "find the absolute path"))?;
    let parent = dir.parent().unwrap_or(dir);
    fs::create_dir_all(parent).map_err(Error::io(parent, "create the directory"))?;
    let _lock = lock(dir)?;
    // Another process may have written the set while this one waited for the lock.
    if is_present(dir, recipe)? {
        return Ok(());
    }
    let partial = Partial::beside(dir)?;
    write_all(partial.path(), dir, recipe, progress)?;
    partial.rename_to(dir)
}

fn write_all(into: &Path, dir: &Path, recipe: &Recipe, progress: &mut OnProgress<'_>) -> Result<(), Error> {
    let total = recipe.parts().map(|part| part.records).sum();
    let mut done = 0;
    let mut report = || {
        let at = Progress { done, total };
        done += 1;
        let due = at.done.is_multiple_of(REPORT_EVERY);
        if due && progress(at).is_break() { Err(Error::Stopped { dir: dir.to_owned() }) } else { Ok(()) }
    };
    for (number, part) in recipe.parts().enumerate() {
        write_part(into, recipe, number, &part, &mut report)?;
    }
    write_file(&into.join(recipe.form.names_file()), (CLASS_NAMES.join("\n") + "\n").as_bytes())?;
    write_file(&into.join(MANIFEST), recipe.manifest().as_bytes())?;
    // The set is whole now, so a wish to stop comes too late.
    let _ = progress(Progress { done: total, total });
    Ok(())
}
/// Draws and writes the images and labels of part number `number`, calling `report` before each image.
fn write_part(
    into: &Path,
    recipe: &Recipe,
    number: usize,
    part: &Part,
    report: &mut impl FnMut() -> Result<(), Error>,
) -> Result<(), Error> {
    let (form, seed) = (recipe.form, recipe.seed);
    let path = into.join(part.files[0]);
    let refused = || Error::io(&path, "write the file");
    let mut writer = BufWriter::new(File::create_new(&path).map_err(refused())?);
    writer.write_all(&form.header(part.records)).map_err(refused())?;
    let labels = labels(seed, number, part.records);
    let mut pixels = vec![0; form.image_bytes()];
    for (at, &label) in labels.iter().enumerate() {
        report()?;
        draw(seed, form, number, at, label, &mut pixels);
        if form == Form::Rgb32 {
            writer.write_all(&[label]).map_err(refused())?;
        }
        writer.write_all(&pixels).map_err(refused())?;
    }
    let written = writer.into_inner().map_err(|error| refused()(error.into_error()))?;
    written.sync_all().map_err(refused())?;
    match part.files.get(1) {
        Some(name) => {
            write_file(&into.join(name), &[idx::labels_header(part.records as u32), labels].concat())
        }
        None => Ok(()),
    }
}

/// Draws image `at` of part number `part`; it depends on nothing drawn before.
fn draw(seed: u64, form: Form, part: usize, at: usize, label: u8, pixels: &mut [u8]) {
    let index = (part as u64) << 32 | at as u64;
    image::draw(&mut keyed(seed, Stream::Image, index), form, usize::from(label), pixels);
}

/// The labels of one part: equally many of each class, up to one, in random order.
fn labels(seed: u64, part: usize, records: usize) -> Vec<u8> {
    let mut labels: Vec<u8> = (0..records).map(|at| (at % CLASSES) as u8).collect();
    shuffle(&mut keyed(seed, Stream::Labels, part as u64), &mut labels);
    labels
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(Error::io(path, "write the file"))
}
