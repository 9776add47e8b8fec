//! What the tests of this crate share: tiny data, the binary, a small disk, skipping aloud.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};
use tempfile::TempDir;

/// CIFAR-10 files small enough for a test: 20 records each, labels in turn.
pub fn tiny_cifar(dir: &Path) -> PathBuf {
    let batches = dir.join("cifar-10-batches-bin");
    fs::create_dir_all(&batches).unwrap();
    let names =
        ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"];
    for (f, name) in names.iter().enumerate() {
        let mut bytes = Vec::new();
        for record in 0..20u32 {
            bytes.push((record % 10) as u8);
            bytes.extend((0..3072u32).map(|i| ((i * 7 + record * 31 + f as u32 * 13) % 251) as u8));
        }
        fs::write(batches.join(format!("{name}.bin")), bytes).unwrap();
    }
    batches
}

/// The directory of the tiny data, written once a process.
pub fn data() -> &'static Path {
    static DATA: OnceLock<TempDir> = OnceLock::new();
    let written = || {
        let dir = tempfile::tempdir().unwrap();
        tiny_cifar(dir.path());
        dir
    };
    DATA.get_or_init(written).path()
}

/// The binary with these arguments.
pub fn part3(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_part3"));
    command.args(args).stdin(Stdio::null());
    command
}

/// The binary on the tiny data, with results in `out`.
pub fn part3_on_tiny(out: &Path, args: &[&str]) -> Command {
    let (data, out) = (data().to_str().unwrap(), out.to_str().unwrap());
    part3(&[&["--data", "cifar10", "--data-dir", data, "--out", out, "--batch", "9"], args].concat())
}

/// A short training of mlp_1, or the `--models` in `more`: 2 epochs of 10 steps, a record every 5.
pub fn train(out: &Path, more: &[&str]) -> Output {
    let models: &[&str] = if more.contains(&"--models") { &[] } else { &["--models", "mlp_1"] };
    let short = ["--epochs", "2", "--eval-every", "5", "--quiet"];
    part3_on_tiny(out, &[&short, models, more].concat()).output().unwrap()
}

/// The result of a network.
pub fn result(out: &Path, name: &str) -> serde_json::Value {
    serde_json::from_slice(&fs::read(out.join(format!("part3_{name}.json"))).unwrap()).unwrap()
}

/// The names in `dir`, sorted.
pub fn files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Fails with `status` and one line on stderr that holds all of `words`.
#[track_caller]
pub fn failed(output: &Output, status: i32, words: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    if status == 1 {
        assert_eq!(text.trim_end().lines().count(), 1, "more than one line: {text}");
        assert!(text.starts_with("error: "), "{text}");
    }
}

/// A tmpfs of its own, unmounted when dropped.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one of so many KiB; `None`, and said so, where this user may not.
    pub fn mount(kib: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"]).arg(folder.path());
        match mount.output() {
            Ok(done) if done.status.success() => Some(Self(folder)),
            _ => {
                skip("cannot mount a tmpfs here, the full disk is not tested");
                None
            }
        }
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

/// Says so on the real stderr: the test harness captures `eprintln!`.
pub fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {why} ***");
}
