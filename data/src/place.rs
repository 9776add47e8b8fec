//! Putting files in their place whole or not at all.
use crate::Error;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A directory that is removed unless it has been renamed.
pub(crate) struct Partial(PathBuf);

impl Partial {
    /// Creates `.NAME.partial` beside `dir` afresh. To be called under the lock, so what lies there is left over
    /// from an interrupted process.
    pub(crate) fn beside(dir: &Path) -> Result<Self, Error> {
        let path = hidden(dir, "partial");
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io(&path, "remove what an interrupted run left")(error));
            }
            _ => {}
        }
        fs::create_dir(&path).map_err(Error::io(&path, "create the directory"))?;
        Ok(Self(path))
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes what was written durable and renames it to `dir`.
    pub(crate) fn rename_to(self, dir: &Path) -> Result<(), Error> {
        sync_directory(&self.0)?;
        fs::rename(&self.0, dir).map_err(Error::io(dir, "rename the finished set into place"))?;
        dir.parent().map_or(Ok(()), sync_directory)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After the rename there is nothing to remove; after a failure there is no one left to tell.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Waits for the right to write `dir`. The system gives it back when the process ends, however it ends.
pub(crate) fn lock(dir: &Path) -> Result<File, Error> {
    let (path, file) = lock_file(dir)?;
    match file.lock() {
        // Some network file systems know no locks; the final rename still keeps a set whole.
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file).map_err(Error::io(&path, "lock the file")),
    }
}

/// The right to write `dir`, or `None` while another process has it.
#[cfg_attr(not(feature = "download"), allow(dead_code))]
pub(crate) fn try_lock(dir: &Path) -> Result<Option<File>, Error> {
    let (path, file) = lock_file(dir)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(Some(file)),
        Err(TryLockError::Error(error)) => Err(Error::io(&path, "lock the file")(error)),
    }
}

fn lock_file(dir: &Path) -> Result<(PathBuf, File), Error> {
    let path = hidden(dir, "lock");
    let file = File::options().create(true).append(true).open(&path);
    let file = file.map_err(Error::io(&path, "create the lock file"))?;
    Ok((path, file))
}

/// `.NAME.suffix` beside `dir`.
fn hidden(dir: &Path, suffix: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.{suffix}"))
}

/// Makes the entries of a directory durable, where directories can be opened.
pub(crate) fn sync_directory(dir: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(Error::io(dir, "sync the directory"))?;
    }
    Ok(())
}
