//! The whole homework by one command: what is finished is kept, and an interrupted call, gone on with, gives the same numbers.
#![cfg(unix)]
mod support;

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};
use support::{data, failed, files, json, succeed};

/// The full protocol of two parts, which on 90 images is short.
fn reproduce(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reproduce"));
    command.args(["--full", "--data", "cifar10", "--data-dir", data().to_str().unwrap()]);
    command.args(["--out", out.to_str().unwrap(), "--quiet"]).args(more).stdin(Stdio::null());
    command
}

/// Every result file below `dir`, without what the clock says.
fn results(dir: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for part in files(dir).into_iter().filter(|name| name.starts_with("part") || name.starts_with("task")) {
        for name in files(&dir.join(&part)).into_iter().filter(|name| name.ends_with(".json")) {
            let mut value = json(&dir.join(&part).join(&name));
            forget_times(&mut value);
            found.insert(format!("{part}/{name}"), value);
        }
    }
    found
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !["seconds", "scheduled_seconds", "date"].contains(&key.as_str()));
            map.values_mut().for_each(forget_times);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_times),
        _ => {}
    }
}

#[test]
fn interrupted_again_and_again_it_ends_with_the_same_numbers() {
    let only = ["--only", "part2,part5"];
    let whole = tempfile::tempdir().unwrap();
    succeed(reproduce(whole.path(), &only));
    let expected = results(whole.path());
    assert!(
        expected.contains_key("part2/part2.json") && expected.contains_key("part5/part5_cnn_3_sch_01.json")
    );
    assert!(whole.path().join("report.html").is_file());

    let out = tempfile::tempdir().unwrap();
    let mut stops = 0;
    for attempt in 1.. {
        assert!(attempt < 40, "it gets no further");
        let mut child =
            reproduce(out.path(), &only).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Ever later, so that it ends some time.
        thread::sleep(Duration::from_millis(300 * attempt));
        if child.try_wait().unwrap().is_none() {
            let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            assert!(kill.unwrap().success());
        }
        match child.wait().unwrap().code() {
            Some(130) => stops += 1,
            code => {
                assert_eq!(code, Some(0));
                break;
            }
        }
    }
    assert!(stops > 0, "it was never interrupted");
    assert!(results(out.path()) == expected, "other numbers after {stops} interruptions");
    // Called once more it trains nothing.
    let kept = || {
        let dir = out.path().join("runs");
        let age = |name: &String| fs::metadata(dir.join(name)).unwrap().modified().unwrap();
        files(&dir).iter().map(|name| (name.clone(), age(name))).collect::<Vec<_>>()
    };
    let before = kept();
    succeed(reproduce(out.path(), &only));
    assert_eq!(kept(), before);
}

#[test]
fn an_estimate_runs_nothing() {
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_reproduce"))
        .args(["--full", "--estimate", "--only", "part3,part4,task2", "--data", "cifar10", "--data-dir"])
        .arg(data())
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    for word in ["part3 ", "part4 ", "task2 ", "all "] {
        assert!(text.contains(word), "{word} is not in {text}");
    }
    assert!(!out.path().join("report.html").exists());
    for part in ["part3", "part4", "task2"] {
        assert!(files(&out.path().join(part)).is_empty());
    }
}

#[test]
fn wrong_usage() {
    let out = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| reproduce(out.path(), args).output().unwrap();
    failed(&run(&["--quick"]), 2, &["--quick", "--full"]);
    failed(&run(&["--only", "part6"]), 2, &["part6", "part5"]);
    failed(&run(&["--runs", "0"]), 2, &["--runs"]);
}
