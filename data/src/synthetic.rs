//! Built-in images for when there is no CIFAR-10: ten classes of textured shapes, in the CIFAR-10 binary
//! layout.
//!
//! A class is a pair of a shape and a texture. Each shape and each texture belongs to two classes, so that
//! only the pair decides; place, size, colours, background, clutter and noise are random. A network has to
//! recognise local patterns wherever they are: convolutional networks do, multi-layer perceptrons learn the
//! training images by heart instead.
mod image;
mod shape;
mod texture;
mod write;

use crate::cifar::{Cifar10, TEST_FILE, TRAIN_FILES};
use crate::records::RECORD_BYTES;
use crate::{CLASSES, Error};
use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;

/// The classes, in label order.
pub const CLASS_NAMES: [&str; CLASSES] = [
    "banded disc",
    "striped disc",
    "striped square",
    "slanted square",
    "slanted triangle",
    "checked triangle",
    "checked ring",
    "dotted ring",
    "dotted cross",
    "banded cross",
];

/// Counts up whenever the same recipe gives other bytes than before.
pub const GENERATOR: u32 = 1;

/// The file that says which recipe a directory was written from; its presence marks the images as synthetic.
pub const MANIFEST: &str = "synthetic.txt";

/// All that decides the bytes of a synthetic set, together with [`GENERATOR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Images in each of the five training files.
    pub train_per_file: usize,
    /// Images in the test file.
    pub test: usize,
    /// Other seeds give other images of the same classes.
    pub seed: u64,
}

/// How many images are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Images drawn so far.
    pub done: usize,
    /// Images of the whole set.
    pub total: usize,
}

/// Called now and then while a set is drawn; `Break` stops the writing and leaves nothing behind.
pub type OnProgress<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

impl Default for Recipe {
    /// 10,000 training and 2,000 test images: enough for the networks to differ, little enough for a
    /// demonstration.
    fn default() -> Self {
        Self { train_per_file: 2_000, test: 2_000, seed: 1 }
    }
}

impl Recipe {
    /// A directory name of its own for every recipe and generator.
    pub fn directory_name(&self) -> String {
        format!("v{GENERATOR}-{}x{}-{}-seed{}", TRAIN_FILES.len(), self.train_per_file, self.test, self.seed)
    }

    /// The six files and their numbers of records.
    fn files(&self) -> impl Iterator<Item = (&'static str, usize)> {
        TRAIN_FILES.into_iter().map(|name| (name, self.train_per_file)).chain([(TEST_FILE, self.test)])
    }

    fn manifest(&self) -> String {
        let Self { train_per_file, test, seed } = self;
        format!(
            "ferrotape synthetic images\n\
             generator {GENERATOR}\n\
             seed {seed}\n\
             train_per_file {train_per_file}\n\
             test {test}\n"
        )
    }

    fn check(&self) -> Result<(), Error> {
        let sizes =
            [("synthetic training images a file", self.train_per_file), ("synthetic test images", self.test)];
        for (what, found) in sizes {
            if found == 0 || u32::try_from(found).is_err() {
                return Err(Error::Size { what, found, expected: format!("1 to {}", u32::MAX) });
            }
        }
        Ok(())
    }
}

/// Opens the set of `recipe` in `dir`, which is drawn and written first where `dir` does not exist or is
/// empty.
///
/// A set appears whole or not at all: it is written beside `dir`, synced and renamed, by one process at a
/// time. What an interrupted process left beside `dir` is cleared away by the next one. A complete set is
/// left alone.
///
/// # Errors
/// If `dir` holds anything else than this very set, if the sizes are 0, if writing fails or is stopped.
pub fn ensure(
    dir: impl AsRef<Path>,
    recipe: &Recipe,
    progress: &mut OnProgress<'_>,
) -> Result<Cifar10, Error> {
    let dir = dir.as_ref();
    recipe.check()?;
    if !is_present(dir, recipe)? {
        write::atomically(dir, recipe, progress)?;
    }
    Cifar10::open_exactly(dir)
}

/// Whether `dir` holds the set of `recipe`, by its manifest and file sizes; no where there is no such
/// directory or an empty one.
fn is_present(dir: &Path, recipe: &Recipe) -> Result<bool, Error> {
    let mut entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        entries => entries.map_err(Error::io(dir, "list the directory"))?,
    };
    if entries.next().is_none() {
        return Ok(false);
    }
    let differs = |path, found| Error::NotThisSet { path, expected: one_line(&recipe.manifest()), found };
    let path = dir.join(MANIFEST);
    match fs::read_to_string(&path) {
        Err(error) => return Err(differs(path, format!("cannot be read: {error}"))),
        Ok(text) if text != recipe.manifest() => {
            return Err(differs(path, format!("holds '{}'", one_line(&text))));
        }
        Ok(_) => {}
    }
    for (name, records) in recipe.files() {
        let path = dir.join(name);
        let (bytes, expected) = (fs::metadata(&path).map(|file| file.len()), records * RECORD_BYTES);
        match bytes {
            Err(error) => return Err(differs(path, format!("cannot be read: {error}"))),
            Ok(bytes) if bytes != expected as u64 => {
                return Err(differs(path, format!("has {bytes} bytes instead of {expected}")));
            }
            Ok(_) => {}
        }
    }
    Ok(true)
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_for_every_recipe() {
        let base = Recipe::default();
        assert_eq!(base.directory_name(), "v1-5x2000-2000-seed1");
        for other in
            [Recipe { seed: 2, ..base }, Recipe { test: 1, ..base }, Recipe { train_per_file: 1, ..base }]
        {
            assert_ne!(other.directory_name(), base.directory_name());
            assert_ne!(other.manifest(), base.manifest());
        }
    }
}
