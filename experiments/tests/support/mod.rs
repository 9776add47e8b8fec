//! What the tests of this crate share: tiny data, the binary, a small disk, skipping aloud.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
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

/// The binary of a part on the tiny data in batches of nine, quietly, with results in `out`.
pub fn part_on_tiny(part: &str, out: &Path, args: &[&str]) -> Command {
    let binary = match part {
        "part3" => env!("CARGO_BIN_EXE_part3"),
        "part4" => env!("CARGO_BIN_EXE_part4"),
        "part5" => env!("CARGO_BIN_EXE_part5"),
        "task1" => env!("CARGO_BIN_EXE_task1"),
        "task2" => env!("CARGO_BIN_EXE_task2"),
        _ => panic!("no binary {part}"),
    };
    let (data, out) = (data().to_str().unwrap(), out.to_str().unwrap());
    let mut command = Command::new(binary);
    command.args(["--data", "cifar10", "--data-dir", data, "--out", out, "--batch", "9", "--quiet"]);
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs it; it must end well.
#[track_caller]
pub fn succeed(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Part 1's binary with these arguments.
pub fn part1(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_part1"));
    command.args(args).stdin(Stdio::null());
    command
}

/// Part 2's binary with these arguments.
pub fn part2(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_part2"));
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
    json(&out.join(format!("part3_{name}.json")))
}

/// A JSON file.
#[track_caller]
pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
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

/// Starts a command whose stderr will be read.
pub fn start(command: &mut Command) -> (Child, BufReader<ChildStderr>) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    (child, stderr)
}

/// Reads stderr up to the first line with `word`, and returns that line.
pub fn wait_for(stderr: &mut BufReader<ChildStderr>, word: &str) -> String {
    let mut line = String::new();
    while !line.contains(word) {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended without a word of {word}");
    }
    line
}

/// Sends SIGINT: exit status 130 and soon. What was still said.
pub fn interrupt(mut child: Child, mut stderr: BufReader<ChildStderr>) -> String {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (started, mut text) = (Instant::now(), String::new());
    stderr.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
    assert!(started.elapsed() < Duration::from_secs(30));
    text
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
