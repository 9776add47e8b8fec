//! A history and the file of parameters beside it, with a digest of both: a bit that has changed in either is noticed.
use super::fnv::Fnv;
use crate::{
    output::{self, Error},
    results::lines,
    train::History,
};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    /// Of the history as JSON, then of the parameters' bytes, in hexadecimal digits.
    digest: String,
    history: History,
}

fn digest(history: &History, parameters: &[u8]) -> serde_json::Result<String> {
    let mut digest = Fnv::default();
    digest.add(lines::to_string(history)?.as_bytes());
    digest.add(parameters);
    Ok(format!("{digest}"))
}

/// The file of a history that belongs to `parameters`.
///
/// # Errors
/// If it holds a number that is not finite.
pub fn to_string(history: &History, parameters: &[u8]) -> Result<String, Error> {
    let text = || {
        let digest = digest(history, parameters)?;
        lines::to_string(&Sealed { digest, history: history.clone() })
    };
    text().map_err(|e| lines::not_finite(e, "a history"))
}

/// Writes both files. The history comes last: where it is, the parameters are.
pub(super) fn write([file, beside]: [&Path; 2], history: &History, parameters: &[u8]) -> Result<()> {
    let text = to_string(history, parameters)?;
    output::write_bytes(beside, parameters)?;
    Ok(output::write_bytes(file, text.as_bytes())?)
}

/// Both files, as they were written.
///
/// # Errors
/// If one cannot be read, is none of its kind, contradicts itself or has changed; the text names the file.
pub(super) fn read([file, beside]: [&Path; 2]) -> Result<(History, Vec<u8>)> {
    let name = || file.display().to_string();
    let text = fs::read_to_string(file).with_context(name)?;
    let sealed: Sealed =
        serde_json::from_str(&text).map_err(|source| Error::Json { path: file.into(), source })?;
    let Sealed { digest: written, history } = sealed;
    check(&history).with_context(name)?;
    let parameters = fs::read(beside).with_context(|| beside.display().to_string())?;
    let found = digest(&history, &parameters).with_context(name)?;
    if written != found {
        let beside = beside.file_name().unwrap_or_default().display();
        bail!("{}: damaged, or {beside} is: digest {written:?} was written, theirs is {found}", name());
    }
    Ok((history, parameters))
}

/// A value a record in every list.
fn check(history: &History) -> Result<()> {
    let History { loss, train_acc, val_loss, val_acc, norms, .. } = history;
    let lists = [("train_acc", train_acc), ("val_loss", val_loss), ("val_acc", val_acc)];
    for (key, list) in lists.into_iter().chain(norms.iter().map(|list| ("a list of norms", list))) {
        let optional = list.is_empty() && key != "train_acc";
        if list.len() != loss.len() && !optional {
            bail!("{key} has {} values, loss has {}", list.len(), loss.len());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        History { loss: vec![0.1, 1.0 / 3.0], train_acc: vec![2.0; 2], ..History::default() }
    }

    /// Found by `ferrotape-fuzz`: a history whose curves are not of one length was taken.
    #[test]
    fn lists_of_one_length() {
        let whole = history();
        assert!(check(&whole).is_ok());
        let problem = |history| check(&history).unwrap_err().to_string();
        let short = History { train_acc: vec![], ..whole.clone() };
        assert_eq!(problem(short), "train_acc has 0 values, loss has 2");
        let short = History { norms: vec![vec![1.0; 2], vec![1.0; 3]], ..whole.clone() };
        assert_eq!(problem(short), "a list of norms has 3 values, loss has 2");
    }

    /// Any of them, in either file.
    #[test]
    fn a_changed_bit_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let files = ["a.json", "a.safetensors"].map(|name| dir.path().join(name));
        let both = [&*files[0], &*files[1]];
        let parameters: Vec<u8> = (0..40).collect();
        write(both, &history(), &parameters).unwrap();
        assert_eq!(read(both).unwrap(), (history(), parameters));
        for file in &files {
            let whole = fs::read(file).unwrap();
            for bit in 0..8 * whole.len() {
                let mut bytes = whole.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                fs::write(file, &bytes).unwrap();
                let same_meaning = read(both).is_ok_and(|(found, _)| found == history());
                let spaces = whole[bit / 8].is_ascii_whitespace() && bytes[bit / 8].is_ascii_whitespace();
                assert!(!same_meaning || spaces, "bit {bit} of {}", file.display());
            }
            fs::write(file, whole).unwrap();
        }
        fs::write(&files[1], [0; 40]).unwrap();
        let error = read(both).unwrap_err().to_string();
        assert!(error.contains("a.json: damaged, or a.safetensors is: digest \""), "{error}");
        fs::write(&files[0], "{}").unwrap();
        let error = crate::exit::line(&read(both).unwrap_err());
        assert!(error.starts_with(&format!("{}: missing field", files[0].display())), "{error}");
    }
}
