//! Trainings that end before their time: Ctrl-C, divergence, a full disk.
mod support;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use support::{SmallDisk, failed, files, interrupt, part3, part3_on_tiny, result, start, train, wait_for};

fn len(json: &serde_json::Value) -> usize {
    json.as_array().unwrap().len()
}

/// The step is finished and what is there is saved; the next network is not begun.
#[test]
fn interrupted() {
    let out = tempfile::tempdir().unwrap();
    let earlier = out.path().join("part3_mlp_2.json");
    fs::write(&earlier, "earlier").unwrap();
    let args = ["--models", "mlp_1,mlp_2", "--epochs", "100000", "--eval-every", "1"];
    let (child, mut stderr) = start(&mut part3_on_tiny(out.path(), &args));
    wait_for(&mut stderr, "mlp_1  step");
    let text = interrupt(child, stderr);
    assert!(text.contains("interrupted: saving what there is"), "{text}");
    let json = result(out.path(), "mlp_1");
    assert_eq!(json["meta"]["interrupted"], true);
    assert!(len(&json["loss_curve"]) > 0);
    assert_eq!(fs::read(earlier).unwrap(), b"earlier");
    assert!(text.contains("that takes --checkpoint-every"), "{text}");
}

/// It says how to go on, and so it goes on.
#[test]
fn interrupted_and_gone_on_with() {
    let out = tempfile::tempdir().unwrap();
    let args =
        ["--models", "mlp_1", "--epochs", "100000", "--eval-every", "100", "--checkpoint-every", "100"];
    let (child, mut stderr) = start(&mut part3_on_tiny(out.path(), &args));
    wait_for(&mut stderr, "mlp_1  step");
    let text = interrupt(child, stderr);
    assert!(text.contains("to go on from the last record: the same command with --resume"), "{text}");
    let more: Vec<_> = args.into_iter().chain(["--resume"]).collect();
    let (child, mut stderr) = start(&mut part3_on_tiny(out.path(), &more));
    wait_for(&mut stderr, "mlp_1  step");
    let text = interrupt(child, stderr);
    assert!(text.contains("to go on from the last record: the same command\n"), "{text}");
}

/// Complete runs are averaged without the one that was interrupted.
#[test]
fn interrupted_in_a_later_run() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--models", "mlp_1", "--epochs", "2", "--eval-every", "1", "--runs", "1000000"];
    let (child, mut stderr) = start(&mut part3_on_tiny(out.path(), &args));
    wait_for(&mut stderr, "mlp_1 run 2  step");
    interrupt(child, stderr);
    let json = result(out.path(), "mlp_1");
    let meta = &json["meta"];
    assert_eq!(meta["interrupted"], true);
    assert_eq!(meta["runs"], len(&meta["run_test_accs"]));
    assert_eq!(len(&json["loss_curve"]), 20, "of complete runs only");
}

/// While the built-in images are drawn there is nothing to save.
#[test]
fn interrupted_while_images_are_drawn() {
    let dir = tempfile::tempdir().unwrap();
    let [data, out] = ["data", "out"].map(|name| dir.path().join(name));
    let paths = ["--data-dir", data.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let (child, stderr) = start(&mut part3(&[&["--data", "synthetic"][..], &paths].concat()));
    let started = Instant::now();
    let partial = |dir: &Path| dir.is_dir() && files(dir).iter().any(|name| name.ends_with(".partial"));
    while !partial(&data.join("synthetic")) && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let text = interrupt(child, stderr);
    assert!(text.starts_with("interrupted: ") && text.contains("was stopped"), "{text}");
    assert!(!out.exists());
}

/// What came before stays, the next network goes on, and the end is an error.
#[test]
fn diverged() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--models", "cnn_5,mlp_1", "--epochs", "2", "--eval-every", "1", "--lr", "1e6", "--quiet"];
    let output = part3_on_tiny(out.path(), &args).output().unwrap();
    let cause = ["; instruction ", ", is the first to make one: ", " infinite of ", "nn/src/layers/"];
    failed(&output, 1, &[&["error: cnn_5 diverged at step 2; try a lower --lr"][..], &cause].concat());
    let [cnn, mlp] = ["cnn_5", "mlp_1"].map(|name| result(out.path(), name));
    assert_eq!((&cnn["meta"]["diverged_at"], len(&cnn["loss_curve"])), (&2.into(), 1));
    assert_eq!((mlp["meta"].get("diverged_at"), len(&mlp["loss_curve"])), (None, 20));
    assert!(files(out.path()).contains(&"part3_all.png".into()));
}

/// Where the user wants it so, a training that diverged is a result: the cause is in it.
#[test]
fn divergence_ignored() {
    let out = tempfile::tempdir().unwrap();
    let output = train(out.path(), &["--lr", "1e30", "--on-nan", "ignore"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json = result(out.path(), "mlp_1");
    assert_eq!(json["meta"]["diverged_at"], 2);
    let by = json["meta"]["diverged_by"].as_str().unwrap();
    assert!(by.starts_with("instruction ") && by.contains("is the first to make one"), "{by}");
}

/// Without a record before, the store is as it was at the start.
#[test]
fn diverged_at_once() {
    let out = tempfile::tempdir().unwrap();
    let output = train(out.path(), &["--models", "mlp_1,mlp_2", "--lr", "1e30"]);
    failed(&output, 1, &["mlp_1 diverged at step 2, mlp_2 diverged at step 2; try"]);
    for name in ["mlp_1", "mlp_2"] {
        let json = result(out.path(), name);
        assert_eq!(json["meta"]["diverged_at"], 2);
        assert_eq!([len(&json["loss_curve"]), len(&json["val_acc_curve"])], [0; 2]);
        let picture = |when| fs::metadata(out.path().join(format!("weights_{name}_{when}.png"))).unwrap();
        assert!(picture("before").len() > 1000 && picture("after").len() > 1000);
    }
}

/// The error, nothing half-written, and what was there before is still there.
#[test]
fn full_disk() {
    let Some(disk) = SmallDisk::mount(128) else { return };
    let kept = disk.path().join("part3_mlp_1.json");
    fs::write(&kept, b"earlier").unwrap();
    let output = train(disk.path(), &[]);
    failed(&output, 1, &[disk.path().to_str().unwrap()]);
    assert_eq!(files(disk.path()), ["part3_mlp_1.json", "samples.png"]);
    assert_eq!(fs::read(&kept).unwrap(), b"earlier");
}
