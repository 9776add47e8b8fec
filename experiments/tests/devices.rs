//! `--device`: where training runs, and what is said where it cannot.
mod support;

use std::process::Command;
use support::{failed, files, part_on_tiny};
use tempfile::TempDir;

fn part3(device: &str) -> (TempDir, Command) {
    let out = tempfile::tempdir().unwrap();
    let flags = ["--models", "mlp_1", "--epochs", "1", "--eval-every", "5", "--device", device];
    let command = part_on_tiny("part3", out.path(), &flags);
    (out, command)
}

/// Before anything is written.
#[test]
fn a_gpu_that_is_not_there_is_one_line() {
    let (out, mut command) = part3("cuda");
    let output = command.output().unwrap();
    if output.status.success() {
        return support::skip("there is a GPU here, its absence is not tested");
    }
    let words = if cfg!(feature = "cuda") { "no NVIDIA driver here" } else { "without the feature `cuda`" };
    failed(&output, 1, &[words]);
    assert_eq!(files(out.path()), [] as [&str; 0]);
}

#[test]
fn a_device_that_is_none_is_a_wrong_flag() {
    for device in ["gpu", "cuda:", "cuda:x", "cuda0", "CPU"] {
        let output = part3(device).1.output().unwrap();
        failed(&output, 2, &["--device", "expected cpu, reference, cuda, cuda:N (N from 0) or ptx-machine"]);
    }
}

/// The same training on the processor's kernels and on those of a GPU, interpreted.
#[cfg(feature = "cuda")]
#[test]
fn the_ptx_machine_trains_as_the_cpu_does() {
    let [cpu, ptx] = ["cpu", "ptx-machine"].map(|device| {
        let (out, command) = part3(device);
        support::succeed(command);
        support::json(&out.path().join("part3_mlp_1.json"))
    });
    assert!(ptx["meta"]["device"].as_str().unwrap().contains("PTX machine"));
    let curve = |json: &serde_json::Value, key| -> Vec<f64> {
        json[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    };
    let [a, b] = [&cpu, &ptx].map(|json| curve(json, "loss_curve"));
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4), "{a:?}, {b:?}");
    assert_eq!(cpu["test_acc"], ptx["test_acc"]);
}

/// A device without room says how much was asked for, in one line.
#[cfg(feature = "cuda")]
#[test]
fn a_device_that_is_too_small() {
    let (_out, mut command) = part3("ptx-machine");
    let output = command.env("PTX_MACHINE_MEMORY", "300000").output().unwrap();
    failed(&output, 1, &["out of memory"]);
}
