//! Fetching CIFAR-10 and Fashion-MNIST from their publishers.
//!
//! A file is received as `NAME.part`, checked against its MD5 and only then used. A transfer that breaks goes on
//! where it stopped, at once or when the command is repeated. The set appears in its directory whole: CIFAR-10's
//! archive is unpacked beside it and renamed, the files of Fashion-MNIST get their names when all are checked.
mod checksum;
mod error;
mod transfer;
mod unpack;

pub use error::Error;

use crate::place::{Partial, sync_directory, try_lock};
use crate::{Error as DataError, Published};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A file on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name, appended to the package's base address.
    pub name: String,
    /// MD5 of its bytes, 32 lower-case hexadecimal digits.
    pub md5: String,
}

/// The files of a published set, and where they are fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The set.
    pub set: Published,
    /// Address of the directory with the files.
    pub base: String,
    /// The files: an archive for CIFAR-10, the four IDX files for Fashion-MNIST.
    pub files: Vec<Remote>,
}

/// How much of a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file's name.
    pub file: &'a str,
    /// Bytes that are here, those of earlier calls included.
    pub received: u64,
    /// Bytes of the whole file, where the server says so.
    pub total: Option<u64>,
}

/// Called with every piece that comes; `Break` stops the transfer and keeps what has come.
pub type OnProgress<'a> = dyn FnMut(Progress<'_>) -> ControlFlow<()> + 'a;

/// What a download led to; either holds the directory of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was done.
    AlreadyThere(PathBuf),
    /// The set was fetched.
    Fetched(PathBuf),
}

impl Package {
    /// What the publisher of `set` offers.
    ///
    /// # Errors
    /// For MNIST, which is read but not downloaded.
    pub fn of(set: Published) -> Result<Self, DataError> {
        let (base, files): (_, &[_]) = match set {
            Published::Cifar10 => (
                "https://www.cs.toronto.edu/~kriz/",
                &[("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530")],
            ),
            Published::FashionMnist => (
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                &[
                    ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                    ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                    ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                    ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
                ],
            ),
            Published::Mnist => {
                return Err(
                    Error::NotOffered { set: set.title(), files: set.files(), own: set.directory() }.into()
                );
            }
        };
        let files = files.iter().map(|&(name, md5)| Remote { name: name.into(), md5: md5.into() }).collect();
        Ok(Self { set, base: base.into(), files })
    }

    /// The same files from the directory at `base`.
    #[must_use]
    pub fn mirrored(self, base: &str) -> Self {
        Self { base: base.into(), ..self }
    }

    /// Fetches the set into its directory under `dir`, unless it is there or in `dir` already.
    ///
    /// # Errors
    /// If some but not all files of the set are there, another process is at the same, a transfer fails or is
    /// stopped, what came is not what was expected, or the disk refuses.
    pub fn fetch_into(&self, dir: &Path, progress: &mut OnProgress<'_>) -> Result<Outcome, DataError> {
        if let Some(found) = self.set.find(dir)? {
            return Ok(Outcome::AlreadyThere(found));
        }
        let dir = &std::path::absolute(dir).map_err(DataError::io(dir, "find the absolute path"))?;
        fs::create_dir_all(dir).map_err(DataError::io(dir, "create the directory"))?;
        let own = dir.join(self.set.directory());
        let Some(_lock) = try_lock(&own)? else { return Err(Error::Busy { dir: own }.into()) };
        // Another process may have finished since.
        if self.set.find(dir)?.is_none() {
            match self.set {
                Published::Cifar10 => self.fetch_archive(dir, &own, progress)?,
                Published::Mnist | Published::FashionMnist => self.fetch_files(&own, progress)?,
            }
        }
        Ok(Outcome::Fetched(own))
    }

    /// Fetches the one archive into `dir` and unpacks it to `own`.
    fn fetch_archive(&self, dir: &Path, own: &Path, progress: &mut OnProgress<'_>) -> Result<(), DataError> {
        for file in &self.files {
            let part = self.fetch(file, dir, progress)?;
            let partial = Partial::beside(own)?;
            unpack::cifar10(&part, partial.path(), &mut || self.pause(&part, file, progress))?;
            partial.rename_to(own)?;
            fs::remove_file(&part).map_err(DataError::io(&part, "remove the unpacked archive"))?;
        }
        Ok(())
    }

    /// Fetches the files into `own`.
    fn fetch_files(&self, own: &Path, progress: &mut OnProgress<'_>) -> Result<(), DataError> {
        fs::create_dir_all(own).map_err(DataError::io(own, "create the directory"))?;
        for file in &self.files {
            if let Err(error) = self.fetch(file, own, progress) {
                // Where nothing has come, nothing is left; a directory with a part refuses.
                let _ = fs::remove_dir(own);
                return Err(error);
            }
        }
        for file in &self.files {
            let path = own.join(&file.name);
            fs::rename(part(own, file), &path).map_err(DataError::io(&path, "rename the file into place"))?;
        }
        sync_directory(own)
    }

    /// Fetches one file to `into/NAME.part` and checks it; where that is whole already, no server is asked.
    fn fetch(&self, file: &Remote, into: &Path, progress: &mut OnProgress<'_>) -> Result<PathBuf, DataError> {
        let part = part(into, file);
        if part.exists() && checksum::md5(&part)? == file.md5 {
            return Ok(part);
        }
        let url = format!("{}/{}", self.base.trim_end_matches('/'), file.name);
        transfer::receive(&url, &file.name, &part, progress)?;
        let found = checksum::md5(&part)?;
        if found != file.md5 {
            fs::remove_file(&part).map_err(DataError::io(&part, "remove the wrong file"))?;
            return Err(Error::Checksum { url, expected: file.md5.clone(), found }.into());
        }
        Ok(part)
    }

    /// Asks `progress` whether to go on, with the whole of `file` received as `part`.
    fn pause(&self, part: &Path, file: &Remote, progress: &mut OnProgress<'_>) -> Result<(), DataError> {
        let received = fs::metadata(part).map_err(DataError::io(part, "read the file's size"))?.len();
        match progress(Progress { file: &file.name, received, total: Some(received) }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped { part: part.to_owned(), received }.into()),
        }
    }
}

/// Where a file lies until it is checked.
fn part(into: &Path, file: &Remote) -> PathBuf {
    into.join(format!("{}.part", file.name))
}
