//! What `--data` and `--data-dir` mean.
use crate::cifar::{self, Cifar10};
use crate::synthetic::{self, OnProgress, Recipe};
use crate::{CLASSES, Error};
use ferrotape_autograd::Source;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// Which data set is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// CIFAR-10 where it is found, else the synthetic set.
    #[default]
    Auto,
    /// CIFAR-10 or an error.
    Cifar10,
    /// The built-in images, whatever else is there.
    Synthetic,
}

/// An opened data set and what to call it.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// `cifar10` or `synthetic`.
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
/// CIFAR-10 is looked for in `dir/cifar-10-batches-bin/`, then in `dir` itself.
///
/// # Errors
/// If CIFAR-10 is wanted but absent, if it is there but incomplete or damaged (even under [`Choice::Auto`]),
/// or if the synthetic set cannot be written.
pub fn resolve(
    choice: Choice,
    dir: &Path,
    recipe: &Recipe,
    progress: &mut OnProgress<'_>,
) -> Result<DataSet, Error> {
    let reason = match choice {
        Choice::Cifar10 => return Cifar10::open(dir).map(|set| DataSet::cifar10(&set, dir)),
        Choice::Auto if cifar::find(dir)?.is_some() => {
            return Cifar10::open(dir).map(|set| DataSet::cifar10(&set, dir));
        }
        Choice::Auto => format!("no CIFAR-10 found in {}", dir.display()),
        Choice::Synthetic => format!("kept in {}", dir.display()),
    };
    let set = synthetic::ensure(dir.join("synthetic").join(recipe.directory_name()), recipe, progress)?;
    Ok(DataSet {
        name: "synthetic",
        description: format!("synthetic (built-in procedural images; {reason})"),
        train: set.train(),
        test: set.test(),
        class_names: synthetic::CLASS_NAMES,
    })
}

impl DataSet {
    fn cifar10(set: &Cifar10, dir: &Path) -> Self {
        let (train, test) = (set.train(), set.test());
        Self {
            name: "cifar10",
            description: format!(
                "cifar10 ({} training and {} test images in {})",
                train.len(),
                test.len(),
                dir.display()
            ),
            train,
            test,
            class_names: cifar::CLASS_NAMES,
        }
    }
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "auto" => Ok(Choice::Auto),
            "cifar10" => Ok(Choice::Cifar10),
            "synthetic" => Ok(Choice::Synthetic),
            _ => Err(Error::UnknownSet { found: word.to_owned() }),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Choice::Auto => "auto",
            Choice::Cifar10 => "cifar10",
            Choice::Synthetic => "synthetic",
        })
    }
}
