//! Built-in images for when there is no published set: ten classes of textured shapes, RGB 32x32 in the CIFAR-10
//! binary layout or gray 28x28 in IDX files.
//!
//! A class is a pair of a shape and a texture. Each shape and each texture belongs to two classes, so that
//! only the pair decides; place, size, colours, background, clutter and noise are random. A network has to
//! recognise local patterns wherever they are: convolutional networks do, multi-layer perceptrons learn the
//! training images by heart instead.
mod form;
mod image;
mod shape;
mod texture;
mod write;

pub use form::Form;

use crate::{CLASSES, Cifar10, Error, Mnist};
use ferrotape_autograd::Source;
use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

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
    /// What the images look like.
    pub form: Form,
    /// Images in each training file: five of [`Form::Rgb32`], one of [`Form::Gray28`].
    pub train_per_file: usize,
    /// Test images.
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

/// An opened synthetic set.
#[derive(Clone, Debug)]
pub struct Set {
    train: Arc<dyn Source>,
    test: Arc<dyn Source>,
}

/// Files that are drawn together.
struct Part {
    /// The file with the images, then the one with the labels where that is another.
    files: &'static [&'static str],
    records: usize,
}

impl Default for Recipe {
    /// That of [`Form::Rgb32`].
    fn default() -> Self {
        Self::of(Form::Rgb32)
    }
}

impl Set {
    /// The training images.
    pub fn train(&self) -> Arc<dyn Source> {
        Arc::clone(&self.train)
    }

    /// The test images.
    pub fn test(&self) -> Arc<dyn Source> {
        Arc::clone(&self.test)
    }
}

impl Recipe {
    /// 10,000 training and 2,000 test images: enough for the networks to differ, little enough for a
    /// demonstration.
    pub fn of(form: Form) -> Self {
        let training_files = form.parts().len() - 1;
        Self { form, train_per_file: 10_000 / training_files, test: 2_000, seed: 1 }
    }

    /// A directory name of its own for every recipe and generator.
    pub fn directory_name(&self) -> String {
        let Self { form, train_per_file, test, seed } = self;
        let gray = match form {
            Form::Rgb32 => "",
            Form::Gray28 => "gray28-",
        };
        let training_files = form.parts().len() - 1;
        format!("{gray}v{GENERATOR}-{training_files}x{train_per_file}-{test}-seed{seed}")
    }

    /// The parts of the set, the test part last.
    fn parts(&self) -> impl Iterator<Item = Part> {
        let parts = self.form.parts();
        let records = move |part| if part + 1 == parts.len() { self.test } else { self.train_per_file };
        parts.iter().enumerate().map(move |(part, files)| Part { files, records: records(part) })
    }

    /// All files of images and labels, and their sizes in bytes.
    fn files(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let form = self.form;
        self.parts().flat_map(move |part| {
            let sized =
                move |(file, name): (usize, &&'static str)| (*name, form.file_bytes(file, part.records));
            part.files.iter().enumerate().map(sized)
        })
    }

    fn manifest(&self) -> String {
        let Self { form, train_per_file, test, seed } = self;
        let form = match form {
            Form::Rgb32 => "",
            Form::Gray28 => "form gray28\n",
        };
        format!(
            "ferrotape synthetic images\n\
             {form}\
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
pub fn ensure(dir: impl AsRef<Path>, recipe: &Recipe, progress: &mut OnProgress<'_>) -> Result<Set, Error> {
    let dir = dir.as_ref();
    recipe.check()?;
    if !is_present(dir, recipe)? {
        write::atomically(dir, recipe, progress)?;
    }
    Ok(match recipe.form {
        Form::Rgb32 => {
            let set = Cifar10::open_exactly(dir)?;
            Set { train: set.train(), test: set.test() }
        }
        Form::Gray28 => {
            let set = Mnist::open(dir)?;
            Set { train: set.train(), test: set.test() }
        }
    })
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
    for (name, expected) in recipe.files() {
        let path = dir.join(name);
        match fs::metadata(&path).map(|file| file.len()) {
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
        assert_eq!(Recipe::of(Form::Gray28).directory_name(), "gray28-v1-1x10000-2000-seed1");
        let others = [
            Recipe { seed: 2, ..base },
            Recipe { test: 1, ..base },
            Recipe { train_per_file: 1, ..base },
            Recipe { form: Form::Gray28, ..base },
        ];
        for other in others {
            assert_ne!(other.directory_name(), base.directory_name());
            assert_ne!(other.manifest(), base.manifest());
        }
    }
}
