//! The binary as a user meets it: what it writes, and what it says to bad input.
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

/// CIFAR-10 files small enough for a test.
fn tiny_cifar(dir: &Path) {
    let batches = dir.join("cifar-10-batches-bin");
    fs::create_dir_all(&batches).unwrap();
    for name in ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]
    {
        let record = |r: u32| {
            let pixels = (0..3072u32).map(move |i| ((i * 7 + r * 31) % 251) as u8);
            std::iter::once((r % 10) as u8).chain(pixels)
        };
        fs::write(batches.join(format!("{name}.bin")), (0..10).flat_map(record).collect::<Vec<u8>>())
            .unwrap();
    }
}

fn inspect(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inspect"));
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

/// A network on the tiny data, on one thread, results in `out`.
fn network(name: &str, dir: &Path, out: &Path, more: &[&str]) -> Output {
    let [data, out] = [dir, out].map(|path| path.to_str().unwrap());
    let args = [name, "--data", "cifar10", "--data-dir", data, "--out", out, "--threads", "1"];
    inspect(&[&args[..], more].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn files(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_network_and_its_file_again() {
    let dir = tempfile::tempdir().unwrap();
    tiny_cifar(dir.path());
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    let done = network(
        "mlp_1",
        dir.path(),
        &first,
        &["--steps", "3", "--every", "2", "--batch", "4", "--replays", "2"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(files(&first), ["listing.txt", "tape.dot", "tape.json", "trace.json", "xray.html"]);
    let listing = fs::read_to_string(first.join("listing.txt")).unwrap();
    assert!(text(&done.stdout).starts_with(&listing), "what is printed is what is written");
    for part in
        ["VALUES after 0 updates", "VALUES after 2 updates", "VALUES after 4 updates", "batch 4", "GFLOP/s"]
    {
        assert!(listing.contains(part), "{part}");
    }
    // The file alone gives the same.
    let tape = first.join("tape.json");
    let done = inspect(&[tape.to_str().unwrap(), "--out", second.to_str().unwrap(), "--quiet"]);
    assert!(done.status.success() && done.stdout.is_empty(), "{}", text(&done.stderr));
    assert_eq!(files(&second), ["listing.txt", "tape.dot", "trace.json", "xray.html"]);
    for name in files(&second) {
        assert_eq!(fs::read(first.join(&name)).unwrap(), fs::read(second.join(&name)).unwrap(), "{name}");
    }
}

#[test]
fn an_evaluation() {
    let dir = tempfile::tempdir().unwrap();
    tiny_cifar(dir.path());
    let out = dir.path().join("out");
    let done = network(
        "cnn_4",
        dir.path(),
        &out,
        &["--evaluation", "--steps", "1", "--batch", "2", "--replays", "0"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let listing = text(&done.stdout);
    assert!(
        listing.contains("count_correct") && !listing.contains("grad") && !listing.contains("TIMES"),
        "{listing}"
    );
}

/// Fails with this status and one line that has these words, and writes nothing.
#[track_caller]
fn refused(done: &Output, status: i32, words: &[&str], out: &Path) {
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(status), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{words:?} in: {said}");
    assert!(said.starts_with("error: ") && (status == 2 || said.trim_end().lines().count() == 1), "{said}");
    assert_eq!(files(out), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_said() {
    let dir = tempfile::tempdir().unwrap();
    tiny_cifar(dir.path());
    let out = dir.path().join("out");
    let run = |name: &str, more: &[&str]| network(name, dir.path(), &out, more);
    refused(&run("cnn_6", &[]), 2, &["cnn_6", "mlp_1, mlp_2, cnn_3, cnn_4, cnn_5"], &out);
    refused(&run("cnn_3", &["--steps", "0"]), 2, &["--steps"], &out);
    refused(&run("cnn_3", &["--batch=-1"]), 2, &["--batch"], &out);
    refused(&run("cnn_3", &["--activation", "swish"]), 2, &["swish", "leaky_relu"], &out);
    refused(&run("cnn_3", &["--device", "tpu"]), 2, &["tpu"], &out);
    refused(&run("cnn_3", &["--lr", "nan"]), 2, &["--lr"], &out);
    refused(&run("cnn_3", &["--batch", "51"]), 1, &["--batch 51", "50 images"], &out);
    let nowhere = inspect(&[
        "cnn_3",
        "--data",
        "cifar10",
        "--data-dir",
        "/nonexistent",
        "--out",
        out.to_str().unwrap(),
    ]);
    refused(&nowhere, 1, &["/nonexistent"], &out);

    let file = |name: &str, content: &str| {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        inspect(&[path.to_str().unwrap(), "--out", out.to_str().unwrap()])
    };
    refused(&file("a.json", "{"), 1, &["a.json: not a recorded tape", "line 1"], &out);
    refused(&file("b.json", "{\"format\": 1,\n\"x\\n\": 2}"), 1, &["b.json", "unknown field"], &out);
    refused(&file("c.json", ""), 1, &["c.json"], &out);
    refused(
        &inspect(&["absent.json", "--out", out.to_str().unwrap()]),
        1,
        &["absent.json", "No such file"],
        &out,
    );
    let with_flags = inspect(&["absent.json", "--batch", "4", "--out", out.to_str().unwrap()]);
    refused(&with_flags, 2, &["--batch", "a file is not run"], &out);
    // What is in the way of the folder.
    let blocked = dir.path().join("cifar-10-batches-bin/data_batch_1.bin");
    let done = network("mlp_1", dir.path(), &blocked, &["--steps", "1", "--replays", "0"]);
    refused(&done, 1, &["expected a folder"], &out);
}
