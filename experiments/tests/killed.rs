//! Trainings that are killed, at any moment, and gone on with: the same result files as if nothing had happened.
#![cfg(unix)]
mod support;

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};
use support::{SmallDisk, part_on_tiny, succeed};

/// How often the short test kills; the long one is told by `FERROTAPE_KILLS`, 50 unless given.
const KILLS: usize = 6;

/// Two networks, a record every five steps, a checkpoint with each.
fn training(out: &Path, keep: &Path) -> Command {
    let keep = keep.to_str().unwrap();
    let flags = ["--models", "mlp_1,mlp_2", "--epochs", "30", "--eval-every", "5", "--checkpoint-every", "5"];
    let mut command = part_on_tiny("part3", out, &flags);
    command.args(["--resume", "--keep", keep]).stdout(Stdio::null());
    command
}

/// Everything that a result says but times and dates.
fn results(out: &Path) -> Vec<serde_json::Value> {
    let result = |name: &str| {
        let mut json = support::json(&out.join(name));
        for key in ["seconds", "date"] {
            json["meta"].as_object_mut().unwrap().remove(key).unwrap_or_else(|| panic!("{name}: no {key}"));
        }
        json
    };
    ["part3_mlp_1.json", "part3_mlp_1_details.json", "part3_mlp_2.json"].map(result).into()
}

/// Kills it so many times, lets it end, and compares with a training that nobody killed. Gives the line of the log.
fn kill(kills: usize, keep: &Path, seed: u64) -> String {
    let [whole, killed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let kept = tempfile::tempdir().unwrap();
    let started = std::time::Instant::now();
    succeed(training(whole.path(), kept.path()));
    let alone = started.elapsed();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut done, mut moments) = (0, Vec::new());
    while done < kills {
        let mut child = training(killed.path(), keep).stderr(Stdio::null()).spawn().unwrap();
        let moment = Duration::from_secs_f64(rng.random_range(0.0..1.0) * alone.as_secs_f64());
        sleep(moment);
        if child.try_wait().unwrap().is_some() {
            // It came to its end before: from the beginning again.
            for dir in [killed.path(), keep] {
                support::files(dir).iter().for_each(|name| remove(&dir.join(name)));
            }
            continue;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        done += 1;
        moments.push(moment.as_millis());
    }
    succeed(training(killed.path(), keep));
    assert_eq!(results(whole.path()), results(killed.path()), "killed after {moments:?} ms");
    let weights = |out: &Path| fs::read(out.join("part3_mlp_1.safetensors")).unwrap();
    assert_eq!(weights(whole.path()), weights(killed.path()));
    let unfinished: Vec<String> =
        support::files(keep).into_iter().filter(|f| f.ends_with("unfinished")).collect();
    assert_eq!(unfinished, [] as [&str; 0], "a finished training leaves no checkpoint");
    format!("{kills} kills after {moments:?} ms of {}, the same results", alone.as_millis())
}

fn remove(path: &Path) {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.unwrap();
}

#[test]
fn killed_and_gone_on_with() {
    let keep = tempfile::tempdir().unwrap();
    println!("{}", kill(KILLS, keep.path(), 1));
}

/// On a disk with room for one checkpoint and a half: those that do not fit are said so, and the training goes on.
#[test]
fn killed_on_a_full_disk() {
    let Some(disk) = SmallDisk::mount(2600) else { return };
    println!("{}", kill(2, disk.path(), 2));
}

/// `FERROTAPE_KILLS=50 cargo test -p ferrotape-experiments --test killed -- --ignored --nocapture`
#[test]
#[ignore = "minutes"]
fn killed_fifty_times() {
    let kills = std::env::var("FERROTAPE_KILLS").map_or(50, |n| n.parse().unwrap());
    for (k, seed) in (0..kills).step_by(10).zip(10..) {
        let keep = tempfile::tempdir().unwrap();
        println!("{}", kill(10.min(kills - k), keep.path(), seed));
    }
    let Some(disk) = SmallDisk::mount(2600) else { return };
    println!("on a small disk: {}", kill(5, disk.path(), 9));
}
