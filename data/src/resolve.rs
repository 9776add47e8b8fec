//! What `--data` and `--data-dir` mean.
use crate::synthetic::{self, Form, OnProgress, Recipe};
use crate::{CLASSES, Error, Published};
use ferrotape_autograd::Source;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// Which data set is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The published set of the recipe's form where it is found, else the synthetic set.
    #[default]
    Auto,
    /// CIFAR-10 or an error.
    Cifar10,
    /// MNIST or an error.
    Mnist,
    /// Fashion-MNIST or an error.
    FashionMnist,
    /// The built-in images, whatever else is there.
    Synthetic,
}

/// An opened data set and what to call it.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// `cifar10`, `mnist`, `fashion-mnist` or `synthetic`.
    pub name: &'static str,
    /// One line for people: which images, where, and why these.
    pub description: String,
    /// The training images.
    pub train: Arc<dyn Source>,
    /// The test images.
    pub test: Arc<dyn Source>,
    /// The classes, in label order.
    pub class_names: [&'static str; CLASSES],
}

/// Finds the data set of `choice` in `dir`, or writes the synthetic set of `recipe` under `dir/synthetic/`.
///
/// A published set is looked for in its own directory under `dir` (`cifar-10-batches-bin/`, `mnist/`,
/// `fashion-mnist/`), then in `dir` itself. The recipe's form says which one [`Choice::Auto`] looks for:
/// CIFAR-10 for [`Form::Rgb32`], Fashion-MNIST for [`Form::Gray28`].
///
/// # Errors
/// If a published set is wanted but absent, if it is there but incomplete or damaged (even under
/// [`Choice::Auto`]), or if the synthetic set cannot be written.
pub fn resolve(
    choice: Choice,
    dir: &Path,
    recipe: &Recipe,
    progress: &mut OnProgress<'_>,
) -> Result<DataSet, Error> {
    let reason = match (choice.published(recipe.form), choice) {
        (Some(wanted), Choice::Auto) if wanted.find(dir)?.is_none() => {
            format!("no {} found in {}", wanted.title(), dir.display())
        }
        (Some(wanted), _) => return wanted.open(dir),
        (None, _) => format!("kept in {}", dir.display()),
    };
    let set = synthetic::ensure(dir.join("synthetic").join(recipe.directory_name()), recipe, progress)?;
    let images = match recipe.form {
        Form::Rgb32 => "images",
        Form::Gray28 => "gray images",
    };
    Ok(DataSet {
        name: "synthetic",
        description: format!("synthetic (built-in procedural {images}; {reason})"),
        train: set.train(),
        test: set.test(),
        class_names: synthetic::CLASS_NAMES,
    })
}

impl Choice {
    const ALL: [Self; 5] =
        [Choice::Auto, Choice::Cifar10, Choice::Mnist, Choice::FashionMnist, Choice::Synthetic];

    /// The published set that is wanted, or looked for first; `form` decides for [`Choice::Auto`].
    pub fn published(self, form: Form) -> Option<Published> {
        match (self, form) {
            (Choice::Cifar10, _) | (Choice::Auto, Form::Rgb32) => Some(Published::Cifar10),
            (Choice::FashionMnist, _) | (Choice::Auto, Form::Gray28) => Some(Published::FashionMnist),
            (Choice::Mnist, _) => Some(Published::Mnist),
            (Choice::Synthetic, _) => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Choice::Auto => "auto",
            Choice::Cifar10 => "cifar10",
            Choice::Mnist => "mnist",
            Choice::FashionMnist => "fashion-mnist",
            Choice::Synthetic => "synthetic",
        }
    }
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        let known = Choice::ALL.into_iter().find(|choice| choice.name() == word);
        known.ok_or_else(|| Error::UnknownSet { found: word.to_owned() })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
