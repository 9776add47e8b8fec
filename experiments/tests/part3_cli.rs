//! The binary as a user meets it: what it writes, and what it says to bad input.
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

/// CIFAR-10 files small enough for a test: 4 training files' worth of 20 records, labels in turn.
fn tiny_cifar(dir: &Path) -> PathBuf {
    let batches = dir.join("cifar-10-batches-bin");
    fs::create_dir_all(&batches).unwrap();
    for (f, name) in
        ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]
            .iter()
            .enumerate()
    {
        let mut bytes = Vec::new();
        for record in 0..20u32 {
            bytes.push((record % 10) as u8);
            bytes.extend((0..3072u32).map(|i| ((i * 7 + record * 31 + f as u32 * 13) % 251) as u8));
        }
        fs::write(batches.join(format!("{name}.bin")), bytes).unwrap();
    }
    dir.to_path_buf()
}

fn data() -> &'static Path {
    static DATA: OnceLock<tempfile::TempDir> = OnceLock::new();
    DATA.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        tiny_cifar(dir.path());
        dir
    })
    .path()
}

/// A directory of its own with a copy of the tiny data, to be damaged.
fn damaged(damage: impl FnOnce(&Path)) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    tiny_cifar(dir.path());
    damage(&dir.path().join("cifar-10-batches-bin"));
    dir
}

fn part3(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_part3"));
    command.args(args).stdin(Stdio::null());
    command
}

/// A short training on the tiny data into `out`.
fn train(out: &Path, more: &[&str]) -> Output {
    let (data, out) = (data().to_str().unwrap(), out.to_str().unwrap());
    let base = ["--data", "cifar10", "--data-dir", data, "--out", out, "--epochs", "2", "--batch", "9"];
    let models: &[&str] = if more.contains(&"--models") { &[] } else { &["--models", "mlp_1"] };
    part3(&[&base[..], &["--eval-every", "5", "--quiet"], models, more].concat()).output().unwrap()
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Fails with `status`, one line on stderr that holds all of `words`, and leaves nothing in `out`.
#[track_caller]
fn refused(output: &Output, status: i32, words: &[&str]) {
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

#[test]
fn writes_what_the_homework_asks_for() {
    let out = tempfile::tempdir().unwrap();
    let output = train(out.path(), &["--runs", "2"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = [
        "part3_mlp_1.json",
        "part3_mlp_1.png",
        "part3_mlp_1.safetensors",
        "part3_mlp_1.svg",
        "weights_mlp_1_after.png",
        "weights_mlp_1_before.png",
    ];
    assert_eq!(files(out.path()), expected);
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(out.path().join("part3_mlp_1.json")).unwrap()).unwrap();
    let mut keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        ["loss_curve", "meta", "name", "test_acc", "train_acc_curve", "val_acc_curve", "weights"]
    );
    // 90 training images in batches of 9: 10 steps an epoch, a record every 5.
    assert_eq!(json["loss_curve"].as_array().unwrap().len(), 4);
    assert_eq!(json["weights"].as_array().unwrap().len(), 32);
    assert_eq!(json["weights"][0].as_array().unwrap().len(), 3072);
    assert_eq!(json["meta"]["run_test_accs"].as_array().unwrap().len(), 2);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "--quiet");
}

/// The same seed gives the same bits, on any number of threads.
#[test]
fn deterministic() {
    let digest = |more: &[&str]| {
        let out = tempfile::tempdir().unwrap();
        assert!(train(out.path(), more).status.success());
        fs::read(out.path().join("part3_mlp_1.safetensors")).unwrap()
    };
    let first = digest(&["--threads", "1"]);
    assert!(first == digest(&["--threads", "3"]), "other weights on 3 threads");
    assert!(first != digest(&["--seed", "1"]), "the same weights from another seed");
}

#[test]
fn weights_can_be_loaded_again_but_only_into_the_same_network() {
    let out = tempfile::tempdir().unwrap();
    assert!(train(out.path(), &[]).status.success());
    let file = out.path().join("part3_mlp_1.safetensors");
    let again = tempfile::tempdir().unwrap();
    assert!(train(again.path(), &["--init", file.to_str().unwrap()]).status.success());
    let other = tempfile::tempdir().unwrap();
    let output = train(other.path(), &["--models", "mlp_2", "--init", file.to_str().unwrap()]);
    refused(&output, 1, &["part3_mlp_1.safetensors", "3.weight", "[10, 32]", "[64, 32]"]);
    assert!(files(other.path()).is_empty());
    let garbage = out.path().join("garbage.safetensors");
    fs::write(&garbage, b"not weights").unwrap();
    refused(&train(other.path(), &["--init", garbage.to_str().unwrap()]), 1, &["garbage.safetensors"]);
}

#[test]
fn wrong_usage() {
    let usage = |args: &[&str], words: &[&str]| refused(&part3(args).output().unwrap(), 2, words);
    usage(&["--models", "cnn_9"], &["cnn_9", "mlp_1, mlp_2, cnn_3, cnn_4, cnn_5"]);
    usage(&["--edition", "2024"], &["2024", "2023 or 2025"]);
    usage(&["--fast"], &["--fast"]);
    usage(&["--device", "tpu"], &["tpu", "cpu"]);
    usage(&["--data", "imagenet"], &["imagenet", "cifar10"]);
    usage(&["--input", "hsv"], &["hsv", "rgb"]);
    usage(&["--epochs", "0"], &["--epochs"]);
    usage(&["--batch", "0"], &["--batch"]);
    usage(&["--runs", "0"], &["--runs"]);
    usage(&["--eval-every", "0"], &["--eval-every"]);
    usage(&["--threads", "0"], &["--threads"]);
    usage(&["--train-limit", "0"], &["--train-limit"]);
    usage(&["--lr=-1"], &["--lr"]);
    usage(&["--lr=nan"], &["--lr"]);
    usage(&["--epochs", "ten"], &["--epochs"]);
}

#[test]
fn damaged_data() {
    let refuse = |dir: &Path, choice: &str, words: &[&str]| {
        let out = tempfile::tempdir().unwrap();
        let args =
            ["--data", choice, "--data-dir", dir.to_str().unwrap(), "--out", out.path().to_str().unwrap()];
        refused(&part3(&args).output().unwrap(), 1, words);
        assert!(files(out.path()).is_empty(), "something was written");
    };
    for choice in ["auto", "cifar10"] {
        refuse(Path::new("/nonexistent/data"), choice, &["/nonexistent/data"]);
        let missing = damaged(|d| fs::remove_file(d.join("data_batch_3.bin")).unwrap());
        refuse(missing.path(), choice, &["data_batch_3.bin"]);
        let empty = damaged(|d| fs::write(d.join("test_batch.bin"), []).unwrap());
        refuse(empty.path(), choice, &["test_batch.bin", "empty"]);
        let truncated = damaged(|d| {
            let file = fs::OpenOptions::new().write(true).open(d.join("data_batch_2.bin")).unwrap();
            file.set_len(3073 * 7 + 100).unwrap();
        });
        refuse(truncated.path(), choice, &["data_batch_2.bin", "3073"]);
        let mislabelled = damaged(|d| {
            let mut bytes = fs::read(d.join("data_batch_1.bin")).unwrap();
            bytes[3073 * 5] = 12;
            fs::write(d.join("data_batch_1.bin"), bytes).unwrap();
        });
        refuse(mislabelled.path(), choice, &["data_batch_1.bin", "record 5", "12", &(3073 * 5).to_string()]);
    }
}

#[test]
fn output_that_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"mine").unwrap();
    refused(&train(&file.join("out"), &[]), 1, &["file"]);
    refused(&train(&file, &[]), 1, &["file"]);
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// On a full disk: the error, nothing half-written, and what was there before is still there.
#[test]
fn full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=128k", "tmpfs"])
        .arg(dir.path())
        .output()
        .is_ok_and(|o| o.status.success());
    if !mounted {
        skip("full_disk: cannot mount a tmpfs here");
        return;
    }
    let kept = dir.path().join("part3_mlp_1.json");
    fs::write(&kept, b"earlier").unwrap();
    let output = train(dir.path(), &[]);
    let left = files(dir.path());
    let earlier = fs::read(&kept).unwrap();
    assert!(Command::new("umount").arg(dir.path()).status().unwrap().success());
    refused(&output, 1, &[dir.path().to_str().unwrap()]);
    assert_eq!(left, ["part3_mlp_1.json"]);
    assert_eq!(earlier, b"earlier");
}

/// Ctrl-C: the step is finished, what is there is saved, exit status 130.
#[test]
fn interrupted() {
    let out = tempfile::tempdir().unwrap();
    let (data, dir) = (data().to_str().unwrap(), out.path().to_str().unwrap());
    let args =
        ["--data", "cifar10", "--data-dir", data, "--out", dir, "--epochs", "100000", "--eval-every", "1"];
    let child = part3(&[&args[..], &["--models", "mlp_1,mlp_2"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let started = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(started.elapsed() < Duration::from_secs(30));
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(out.path().join("part3_mlp_1.json")).unwrap()).unwrap();
    assert_eq!(json["meta"]["interrupted"], true);
    assert!(!json["loss_curve"].as_array().unwrap().is_empty());
    assert!(!out.path().join("part3_mlp_2.json").exists(), "the second network was not begun");
}

/// Says so on the real stderr: the test harness captures `eprintln!`.
fn skip(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "SKIPPED {why}");
}
