//! State dicts: parameters by name in PyTorch's layouts, as safetensors.
//!
//! A file written here loads into the `torch.nn.Sequential` of the same modules with
//! `model.load_state_dict(safetensors.torch.load_file(path))`, and the other way round.
use ferrotape_autograd::{ParamInfo, Params};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
};

/// What can be wrong with a weight file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Not a safetensors file.
    #[error("{}: not a safetensors file: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What the format's reader says.
        reason: String,
    },
    /// A parameter is not in the file.
    #[error("{}: no tensor `{name}`, expected one of shape {shape}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// Its shape.
        shape: ferrotape_autograd::Shape,
    },
    /// A tensor of another shape.
    #[error("{}: tensor `{name}` has shape {found:?}, the network expects {expected}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The shape of the parameter.
        expected: ferrotape_autograd::Shape,
    },
    /// A tensor of another element type.
    #[error("{}: tensor `{name}` holds {found:?}, expected F32", path.display())]
    Dtype {
        /// The file.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// The element type in the file.
        found: Dtype,
    },
    /// A checkpoint of other parameters.
    #[error("{}: {}", path.display(), printable(.what))]
    Differs {
        /// The file.
        path: PathBuf,
        /// The first parameter that differs, and both shapes.
        what: String,
    },
    /// A tensor that the network does not have.
    #[error("{}: tensor `{}` is not a parameter of the network", path.display(), printable(.name))]
    Unexpected {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
}

/// The metadata entry that holds the note. One entry, because the format keeps several in no fixed order, and equal
/// weights shall be equal files.
const NOTE: &str = "ferrotape";

/// Writes every parameter to `path`, with a `note` in the file's metadata: to a temporary name, synced, renamed. A link
/// stays a link, and the file gets ordinary permissions.
///
/// # Errors
/// Where the file cannot be written; what was at `path` before is still there then.
pub fn save(params: &Params, path: impl AsRef<Path>, note: &str) -> Result<(), Error> {
    write(path.as_ref(), &to_bytes(params, note))
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let directory = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // tempfile's own default, 0600, would hide the weights from everybody else.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let write = || {
        let mut file = builder.tempfile_in(directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&target).map_err(|e| e.error)
    };
    write().map(drop).map_err(|source| Error::Io { path: path.into(), source })
}

/// The same as bytes.
pub fn to_bytes(params: &Params, note: &str) -> Vec<u8> {
    let all: Vec<(ParamInfo, Vec<f32>)> = params.ids().map(|p| (params.info(p), params.values(p))).collect();
    let views = all.iter().map(|(info, values)| {
        let view = TensorView::new(Dtype::F32, info.shape.to_vec(), bytemuck::cast_slice(values));
        (info.name.clone(), view.expect("as many values as the shape holds"))
    });
    let meta = HashMap::from([(NOTE.to_owned(), note.to_owned())]);
    safetensors::serialize(views, Some(meta)).expect("views are valid")
}

/// Sets every parameter from the file.
///
/// # Errors
/// Where the file cannot be read, or its tensors are not exactly the network's parameters; then no parameter has
/// been changed. The text names the first tensor that differs, with both shapes.
pub fn load(params: &Params, path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    from_bytes(params, &read_file(path)?, path)
}

pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Io { path: path.into(), source })
}

/// The same from bytes; `path` is what errors name.
///
/// # Errors
/// As [`load`].
pub fn from_bytes(params: &Params, bytes: &[u8], path: &Path) -> Result<(), Error> {
    let format = |e: safetensors::SafeTensorError| Error::Format {
        path: path.into(),
        reason: printable(&e.to_string()),
    };
    let file = SafeTensors::deserialize(bytes).map_err(format)?;
    let mut values = Vec::new();
    for p in params.ids() {
        values.push((p, read(&file, &params.info(p), path)?));
    }
    let mut names: Vec<&str> = file.names();
    names.sort();
    if let Some(name) = names.into_iter().find(|name| params.id(name).is_none()) {
        return Err(Error::Unexpected { path: path.into(), name: name.into() });
    }
    values.iter().for_each(|(p, values)| params.set(*p, values));
    Ok(())
}

/// A file's own words in a message of one line.
pub(crate) fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

fn read(file: &SafeTensors<'_>, info: &ParamInfo, path: &Path) -> Result<Vec<f32>, Error> {
    let (path, name) = (path.to_path_buf(), info.name.clone());
    let Ok(tensor) = file.tensor(&info.name) else {
        return Err(Error::Missing { path, name, shape: info.shape });
    };
    if tensor.shape() != info.shape.to_vec() {
        return Err(Error::Shape { path, name, found: tensor.shape().to_vec(), expected: info.shape });
    }
    if tensor.dtype() != Dtype::F32 {
        return Err(Error::Dtype { path, name, found: tensor.dtype() });
    }
    Ok(bytemuck::pod_collect_to_vec(tensor.data()))
}
