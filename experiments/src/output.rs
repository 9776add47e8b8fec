//! Files that are either complete or absent.
//!
//! Every product of an experiment goes through here: bytes are written to a hidden temporary name in
//! the target's own folder, synced, and renamed. A full disk, a missing permission or an interrupt
//! leaves the earlier file as it was.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Why an output could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A folder was expected where something else lies.
    #[error("{path}: expected a folder, but {blocker} is not one; remove it or choose another output folder", path = path.display(), blocker = blocker.display())]
    NotAFolder {
        /// The folder that was asked for.
        path: PathBuf,
        /// The first component of it that is no folder.
        blocker: PathBuf,
    },
    /// The target exists and is a folder, a device or a pipe.
    #[error("{path}: expected a regular file or nothing, found {found}", path = path.display())]
    NotAFile {
        /// The target.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// The operating system refused.
    #[error("{path}: cannot {action}: {source}", path = path.display())]
    Io {
        /// The file or folder that was to be made.
        path: PathBuf,
        /// What was being done, as a verb phrase.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A result holds NaN or an infinity, which JSON cannot express.
    #[error("{key}{}: not a finite number; cut the curve at its first such value (meta.diverged_at)", .index.map(|i| format!("[{i}]")).unwrap_or_default())]
    NotFinite {
        /// The key in the result file.
        key: String,
        /// Position in the (flattened) list, absent for a single number.
        index: Option<usize>,
    },
    /// A result cannot be written as a Python pickle.
    #[error("{path}: cannot write as a pickle: {reason}", path = path.display())]
    Pickle {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        reason: String,
    },
    /// A figure or picture cannot be drawn from what was given.
    #[error("{what}: {reason}")]
    Picture {
        /// Which picture.
        what: String,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// A result file does not have the expected form.
    #[error("{path}: {source}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// serde's account, with line and column.
        source: serde_json::Error,
    },
}

/// `Result` of this crate's outputs.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn io(path: &Path, action: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Io { path, action, source }
    }
}

/// Writes `bytes` to `path`: all of them, or the earlier file survives.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |out| out.write_all(bytes))
}

/// Gives `fill` a buffered writer whose contents become `path` when it returns `Ok`.
pub fn write_with(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let target = resolve(path)?;
    let folder = folder_of(&target);
    check_folder(folder)?;
    let mut file = temporary(folder, &target)?;
    fill_and_sync(&mut file, fill).map_err(|e| Error::io(path, "write the whole file", e))?;
    file.persist(&target).map_err(|e| Error::io(path, "rename the finished file into place", e.error))?;
    sync_folder(folder);
    Ok(())
}

/// `stem` with `.extension` added, whatever dots it has.
pub fn with_extension(stem: &Path, extension: &str) -> PathBuf {
    let mut path = stem.as_os_str().to_owned();
    path.push(".");
    path.push(extension);
    path.into()
}

/// A folder that outputs go into, known to be writable.
#[derive(Debug, Clone)]
pub struct OutDir {
    root: PathBuf,
}

impl OutDir {
    /// Makes the folder and its parents, and tries a write: better now than after an hour of training.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let root = path.into();
        check_folder(&root)?;
        fs::create_dir_all(&root).map_err(|e| Error::io(&root, "create the output folder", e))?;
        NamedTempFile::new_in(&root).map_err(|e| Error::io(&root, "write into the output folder", e))?;
        Ok(Self { root })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The path of `name` in this folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// [`write_bytes`] into this folder; returns the file's path.
    pub fn write_bytes(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.file(name);
        write_bytes(&path, bytes).map(|()| path)
    }

    /// [`write_with`] into this folder; returns the file's path.
    pub fn write_with(
        &self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<PathBuf> {
        let path = self.file(name);
        write_with(&path, fill).map(|()| path)
    }
}

/// Follows links, and refuses what a rename would destroy (as root, `/dev/null` itself).
fn resolve(path: &Path) -> Result<PathBuf> {
    let Ok(kind) = fs::metadata(path) else {
        return Ok(path.to_owned());
    };
    if kind.is_file() {
        return fs::canonicalize(path).map_err(|e| Error::io(path, "resolve the path", e));
    }
    let found = if kind.is_dir() { "a folder" } else { "a device or pipe" };
    let path = path.to_owned();
    Err(Error::NotAFile { path, found })
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Names the component that is in the way; the system only says "not a directory".
fn check_folder(folder: &Path) -> Result<()> {
    let existing = folder.ancestors().find_map(|part| {
        let kind = fs::metadata(part).ok()?;
        Some((part, kind.is_dir()))
    });
    match existing {
        Some((blocker, false)) => {
            Err(Error::NotAFolder { path: folder.to_owned(), blocker: blocker.to_owned() })
        }
        _ => Ok(()),
    }
}

fn temporary(folder: &Path, target: &Path) -> Result<NamedTempFile> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    // tempfile's own default, 0600, would hide results from everybody else.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(|e| Error::io(target, "create a temporary file beside it", e))
}

fn fill_and_sync(
    file: &mut NamedTempFile,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = BufWriter::new(file.as_file_mut());
    fill(&mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    file.as_file().sync_all()
}

/// Makes the rename itself durable where folders can be synced; elsewhere the data already is.
fn sync_folder(folder: &Path) {
    if let Ok(handle) = fs::File::open(folder) {
        let _ = handle.sync_all();
    }
}
