//! Packages of tiny sets, and what fetching them leaves.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
use crate::common::{gzip, idx_pair, names, record};
use crate::server::{Manner, Request, Server};
use ferrotape_data::download::{Outcome, Package, Progress, Remote};
use ferrotape_data::{Error, Published};
use md5::{Digest, Md5};
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use tempfile::{TempDir, tempdir};

pub const ARCHIVE: &str = "cifar-10-binary.tar.gz";
pub const NAMES_FILE: &str = "batches.meta.txt";

pub fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn package(set: Published, files: &[(&str, Vec<u8>)]) -> Package {
    let remote = |(name, bytes): &(&str, Vec<u8>)| Remote { name: (*name).into(), md5: md5(bytes) };
    Package { set, base: String::new(), files: files.iter().map(remote).collect() }
}

/// The four files of a tiny set: 20 training and 10 test images.
pub fn fashion() -> Vec<(&'static str, Vec<u8>)> {
    const NAMES: [&str; 4] = [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ];
    let files = idx_pair(20).into_iter().chain(idx_pair(10));
    NAMES.into_iter().zip(files.map(|bytes| gzip(&bytes))).collect()
}

/// Adds an entry under any name, which `tar::Builder` would refuse for some.
pub fn add(tar: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    if kind == tar::EntryType::Symlink {
        header.set_link_name("/etc/hostname").unwrap();
    }
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

/// The gzipped archive of a tiny set, file `f` with one record but for those left out, with `more` in front.
pub fn archive(more: &[(&str, tar::EntryType)], without: &[&str]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, kind) in more {
        add(&mut tar, name, *kind, if *kind == tar::EntryType::Regular { b"evil" } else { b"" });
    }
    for (file, name) in names().enumerate().filter(|(_, name)| !without.contains(name)) {
        add(&mut tar, &format!("cifar-10-batches-bin/{name}"), tar::EntryType::Regular, &record(file, 0));
    }
    add(&mut tar, &format!("cifar-10-batches-bin/{NAMES_FILE}"), tar::EntryType::Regular, b"airplane\n");
    gzip(&tar.into_inner().unwrap())
}

pub fn go_on(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub fn fetch(package: &Package, server: &Server, dir: &Path) -> Result<Outcome, Error> {
    package.clone().mirrored(&server.base()).fetch_into(dir, &mut go_on)
}

/// The one line of an error.
#[track_caller]
pub fn message(result: Result<Outcome, Error>) -> String {
    let message = result.unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

/// Names under `dir`, at any depth, but for lock files and directories.
pub fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|suffix| suffix != "lock"))
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path.file_name().unwrap().to_str().unwrap().to_owned()],
        })
        .collect();
    names.sort();
    names
}

pub fn asked(file: &str, from: Option<usize>) -> Request {
    Request { path: format!("/mirror/{file}"), from }
}

/// A server with CIFAR-10's archive, its package and an empty directory.
pub fn cifar10(bytes: Vec<u8>, manners: &[Manner]) -> (Server, Package, TempDir) {
    let files = [(ARCHIVE, bytes)];
    (Server::start(&files, manners), package(Published::Cifar10, &files), tempdir().unwrap())
}

pub fn part(dir: &TempDir) -> std::path::PathBuf {
    dir.path().join(format!("{ARCHIVE}.part"))
}
