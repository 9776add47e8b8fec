//! Data sets: memory-mapped CIFAR-10 files, built-in synthetic images, XOR blobs, splits and a loader.
//!
//! A data set is two [`Source`]s, one for training and one for testing; everything else deals in record
//! numbers:
//!
//! ```no_run
//! use ferrotape_data::{Choice, Holdout, Loader, resolve, split, synthetic::Recipe};
//! use std::ops::ControlFlow;
//!
//! # fn main() -> Result<(), ferrotape_data::Error> {
//! let mut progress = |_| ControlFlow::Continue(());
//! let data = resolve(Choice::Auto, "datasets".as_ref(), &Recipe::default(), &mut progress)?;
//! println!("{}", data.description);
//! let (train, validation) = split::balanced(&*data.train, Holdout::Percent(10), 7)?;
//! let mut loader = Loader::new(train, 50, 7);
//! for batch in loader.epoch(0) {
//!     // gather the images of `batch` from `data.train`
//! }
//! # Ok(()) }
//! ```
//!
//! Everything random is keyed by a seed and by what it is for: the same seed gives the same bytes, splits and
//! orders, on any machine and in any order of calls. XOR blobs alone may differ between platforms: the normal
//! distribution uses the platform's `exp` and `ln`.
//!
//! # Mapped files
//!
//! Images are read where they lie. **No process may shorten or rewrite a data file while it is open here**: a
//! shortened file ends the process with SIGBUS on Unix, a rewritten one changes the images under way. Replace
//! files by renaming.
//!
//! [`Source`]: ferrotape_autograd::Source
#![deny(unsafe_code)]

pub mod blobs;
pub mod cifar;
mod error;
mod loader;
mod records;
mod resolve;
mod rng;
pub mod split;
pub mod synthetic;

pub use cifar::Cifar10;
pub use error::Error;
pub use loader::Loader;
pub use records::{CLASSES, RECORD_BYTES, Records, SHAPE};
pub use resolve::{Choice, DataSet, resolve};
pub use split::Holdout;
