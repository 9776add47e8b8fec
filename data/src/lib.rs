//! Data sets: CIFAR-10 and (Fashion-)MNIST from their files, built-in synthetic images, XOR blobs, splits and a
//! loader.
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
//! # Where the images come from
//!
//! | set | images | files | where |
//! |---|---|---|---|
//! | [`Published::Cifar10`] | RGB 32x32 | [`cifar`]: a label and three planes a record, mapped | `cifar-10-batches-bin/` |
//! | [`Published::FashionMnist`] | gray 28x28 | [`idx`]: images and labels, mapped or inflated | `fashion-mnist/` |
//! | [`Published::Mnist`] | gray 28x28 | the same | `mnist/` |
//! | [`synthetic`] | either | either | `synthetic/` |
//!
//! The directories lie in the data directory, which may also be one of them. With the feature `download` (on by
//! default), the module `download` fetches CIFAR-10 and Fashion-MNIST from their publishers.
//!
//! # Mapped files
//!
//! Images are read where they lie, but for gzipped ones, which are inflated into memory. **No process may shorten or
//! rewrite a data file while it is open here.** Replace files by renaming: the file that was opened stays what it was.
//!
//! What is guaranteed all the same: labels are checked and copied when a file is opened, and any byte is a pixel, so no
//! change leads to an access out of bounds or a label that is no class. [`Source::check_unchanged`] compares the length
//! and the time of the last write with those at opening; trainings ask at the beginning of each epoch, and stop with the
//! file's name rather than go on with other images. What is not: a change in the course of an epoch is seen at the next
//! one, a write within the clock tick of the opening (some milliseconds), or by a process that sets the time back, is not
//! seen, and a file cut short ends the process with SIGBUS on Unix where it is read before that.
//!
//! [`Source`]: ferrotape_autograd::Source
//! [`Source::check_unchanged`]: ferrotape_autograd::Source::check_unchanged
#![deny(unsafe_code)]

pub mod blobs;
pub mod cifar;
#[cfg(feature = "download")]
pub mod download;
mod error;
pub mod idx;
mod loader;
mod mapped;
pub mod mnist;
mod place;
mod published;
mod records;
mod resolve;
mod rng;
mod sample;
pub mod split;
pub mod synthetic;

pub use cifar::Cifar10;
pub use error::Error;
pub use loader::Loader;
pub use mnist::Mnist;
pub use published::Published;
pub use records::{CLASSES, RECORD_BYTES, Records, SHAPE};
pub use resolve::{Choice, DataSet, resolve};
pub use sample::sample;
pub use split::Holdout;
