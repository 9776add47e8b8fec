//! The binary as a user meets it: what it writes, and what it says to bad input.
mod support;

use std::{
    fs,
    io::ErrorKind,
    path::Path,
    process::{Command, Output},
};
use support::{failed, files, part3, result, skip, tiny_cifar, train};

/// A directory of its own with a copy of the tiny data, to be damaged.
fn damaged(damage: impl FnOnce(&Path)) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let batches = tiny_cifar(dir.path());
    damage(&batches);
    dir
}

/// Fails as [`failed`] says, and leaves nothing in `out`.
#[track_caller]
fn refused(output: &Output, out: &Path, words: &[&str]) {
    failed(output, 1, words);
    assert!(!out.is_dir() || files(out).is_empty(), "something was written: {:?}", files(out));
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
        "part3_mlp_1_classes.png",
        "part3_mlp_1_classes.svg",
        "part3_mlp_1_confusion.png",
        "part3_mlp_1_confusion.svg",
        "part3_mlp_1_details.json",
        "part3_mlp_1_rankings.png",
        "part3_mlp_1_rankings.svg",
        "samples.png",
        "weights_mlp_1_after.png",
        "weights_mlp_1_before.png",
    ];
    assert_eq!(files(out.path()), expected);
    let json = result(out.path(), "mlp_1");
    // 90 training images in batches of 9: 10 steps an epoch, a record every 5.
    assert_eq!(json["loss_curve"].as_array().unwrap().len(), 4);
    assert_eq!(json["weights"].as_array().unwrap().len(), 32);
    assert_eq!(json["weights"][0].as_array().unwrap().len(), 3072);
    assert_eq!(json["meta"]["run_test_accs"].as_array().unwrap().len(), 2);
    let flags = json["meta"]["flags"].as_object().unwrap();
    for (flag, value) in
        [("data", "cifar10"), ("device", "cpu"), ("edition", "2025"), ("input", "rgb"), ("seed", "1")]
    {
        assert_eq!(flags[flag], value);
    }
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
    assert!(first != digest(&["--seed", "2"]), "the same weights from another seed");
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
    refused(&output, other.path(), &["part3_mlp_1.safetensors", "3.weight", "[10, 32]", "[64, 32]"]);
    // It fits the first network: nothing is trained before all are known to fit.
    let output = train(other.path(), &["--models", "mlp_1,mlp_2", "--init", file.to_str().unwrap()]);
    refused(&output, other.path(), &["mlp_2", "part3_mlp_1.safetensors", "3.weight"]);
    let garbage = out.path().join("garbage.safetensors");
    fs::write(&garbage, b"not weights").unwrap();
    for name in ["garbage.safetensors", "missing.safetensors"] {
        let file = out.path().join(name);
        refused(&train(other.path(), &["--init", file.to_str().unwrap()]), other.path(), &[name]);
    }
}

#[test]
fn wrong_usage() {
    let usage = |args: &[&str], words: &[&str]| failed(&part3(args).output().unwrap(), 2, words);
    usage(&["--models", "cnn_9"], &["cnn_9", "mlp_1, mlp_2, cnn_3, cnn_4, cnn_5"]);
    usage(&["--edition", "2024"], &["2024", "2022, 2023 or 2025"]);
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
        refused(&part3(&args).output().unwrap(), out.path(), words);
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
    for out in [file.join("out"), file.clone()] {
        refused(&train(&out, &[]), &out, &["file"]);
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// The homework's plotting script reads the results with Python's `json`.
#[test]
fn python_reads_the_result() {
    const SCRIPT: &str = "import json, sys\n\
        r = json.load(open(sys.argv[1]))\n\
        print(*r)\n\
        print(*(len(r[k]) for k in r if k.endswith('curve')), len(r['weights']), len(r['weights'][0]), r['test_acc'] >= 0)";
    let out = tempfile::tempdir().unwrap();
    assert!(train(out.path(), &[]).status.success());
    let python =
        Command::new("python3").args(["-c", SCRIPT]).arg(out.path().join("part3_mlp_1.json")).output();
    let done = match python {
        Err(e) if e.kind() == ErrorKind::NotFound => return skip("no python3, results are not read with it"),
        done => done.unwrap(),
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let expected =
        "name loss_curve train_acc_curve val_acc_curve test_acc weights meta\n4 4 4 32 3072 True\n";
    assert_eq!(String::from_utf8_lossy(&done.stdout).replace('\r', ""), expected);
}
