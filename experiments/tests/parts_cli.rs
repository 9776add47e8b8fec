//! Parts 4 and 5 and the tasks, whole, on data small enough for a test.
mod support;

use serde_json::Value;
use std::{fs, io::ErrorKind, path::Path, process::Command};
use support::{failed, files, json, part_on_tiny, skip, succeed};

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn part4_has_both_activations_and_every_layer() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--epochs", "2", "--eval-every", "5", "--models", "mlp_1,mlp_2"];
    succeed(part_on_tiny("part4", out.path(), &args));
    let result = json(&out.path().join("part4_mlp_2.json"));
    let mut expected =
        ["name", "relu_loss_curve", "sigmoid_loss_curve", "relu_grad_curve", "sigmoid_grad_curve", "meta"];
    expected.sort_unstable();
    assert_eq!(keys(&result), expected);
    let details = json(&out.path().join("part4_mlp_2_details.json"));
    assert_eq!(details["layers"], serde_json::json!(["1.weight", "3.weight", "4.weight"]));
    assert_eq!(details["relu_norms"].as_array().unwrap().len(), 3);
    for activation in ["relu", "sigmoid"] {
        // 90 images in batches of 9: 20 steps, a record every 5. The homework's curve is the first layer's.
        let norms = numbers(&result[format!("{activation}_grad_curve")]);
        assert!(norms.len() == 4 && norms.iter().all(|n| *n > 0.0));
        assert_eq!(norms, numbers(&details[format!("{activation}_norms")][0]));
    }
    assert_ne!(result["relu_loss_curve"], result["sigmoid_loss_curve"]);
    for figure in ["part4_mlp_1", "part4_mlp_1_layers", "part4_all", "part4_mlps", "part4_depth"] {
        assert!(out.path().join(format!("{figure}.png")).is_file(), "{figure}");
    }
    assert!(!out.path().join("part4_cnns.png").exists(), "no CNN was trained");
}

#[test]
fn part4_compares_ranges_of_the_input() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--epochs", "2", "--eval-every", "5", "--models", "mlp_1", "--inputs", "raw255,rgb01"];
    succeed(part_on_tiny("part4", out.path(), &[&args[..], &["--inputs-models", "mlp_1"]].concat()));
    let result = json(&out.path().join("part4_inputs_mlp_1.json"));
    assert_eq!(result["inputs"], serde_json::json!(["rgb", "raw255", "rgb01"]));
    let norms = |k: usize| numbers(&result["relu_grad_curves"][k]);
    assert_ne!(norms(1), norms(2));
    assert_eq!(numbers(&result["relu_test_accs"]).len(), 3);
    let main = json(&out.path().join("part4_mlp_1.json"));
    assert_eq!(norms(0), numbers(&main["relu_grad_curve"]), "the edition's own input is the main comparison");
}

#[test]
fn part5_finds_or_takes_the_points_where_the_rate_falls() {
    let out = tempfile::tempdir().unwrap();
    // Small inputs, so that the highest rate does not diverge.
    let short = ["--model", "mlp_2", "--epochs", "3", "--schedule-epochs", "4", "--eval-every", "5"];
    let short = [&short[..], &["--input", "rgb01"]].concat();
    let args = [&short[..], &["--max-epochs", "4", "--adam-epochs", "1", "--switch", "1,3"]].concat();
    succeed(part_on_tiny("part5", out.path(), &args));
    let constant = json(&out.path().join("part5_mlp_2.json"));
    let falling = json(&out.path().join("part5_mlp_2_sch_01.json"));
    assert_eq!(numbers(&constant["loss_curve_1"]).len(), 6);
    assert_eq!(numbers(&falling["loss_curve_1"]).len(), 8);
    // Two records an epoch: equal until the rate falls, then not.
    let (a, b) = (numbers(&constant["val_acc_curve_1"]), numbers(&falling["val_acc_curve_1"]));
    assert_eq!(a[..2], b[..2]);
    assert_ne!(numbers(&constant["loss_curve_1"])[3..], numbers(&falling["loss_curve_1"])[3..6]);
    let details = json(&out.path().join("part5_mlp_2_details.json"));
    let plateaus = details["plateaus"].as_array().unwrap();
    assert!(plateaus.iter().all(|p| p["how"] == "given"));
    assert_eq!([&plateaus[0]["record"], &plateaus[1]["record"]], [2, 6]);
    assert_eq!(details["adam"]["steps"], 10);
    for figure in ["part5_mlp_2", "part5_mlp_2_sch_1", "part5_mlp_2_sch_01", "part5_mlp_2_adam"] {
        assert!(out.path().join(format!("{figure}.svg")).is_file(), "{figure}");
    }
    // Without given points it ends too, whatever the curve does.
    let args = [&short[..], &["--max-epochs", "4", "--adam-epochs", "1"]].concat();
    succeed(part_on_tiny("part5", out.path(), &args));
    let details = json(&out.path().join("part5_mlp_2_details.json"));
    let epoch = |k: usize| details["plateaus"][k]["epoch"].as_u64().unwrap();
    assert!(0 < epoch(0) && epoch(0) < epoch(1));
}

#[test]
fn part5_compares_with_a_result_of_part3() {
    let out = tempfile::tempdir().unwrap();
    succeed(part_on_tiny(
        "part3",
        out.path(),
        &["--epochs", "1", "--eval-every", "5", "--models", "mlp_1,mlp_2"],
    ));
    let short = [
        "--model",
        "mlp_2",
        "--epochs",
        "1",
        "--schedule-epochs",
        "2",
        "--max-epochs",
        "2",
        "--eval-every",
        "5",
    ];
    let with = |name: &str| {
        let file = out.path().join(name);
        part_on_tiny("part5", out.path(), &[&short[..], &["--adam", file.to_str().unwrap()]].concat())
    };
    succeed(with("part3_mlp_2.json"));
    let details = json(&out.path().join("part5_mlp_2_details.json"));
    let part3 = json(&out.path().join("part3_mlp_2.json"));
    assert_eq!(
        (&details["adam"]["test_acc"], details["adam"]["steps"].as_u64()),
        (&part3["test_acc"], Some(10))
    );
    failed(&with("part3_mlp_1.json").output().unwrap(), 1, &["part3_mlp_1.json", "mlp_2"]);
    failed(&with("part3_cnn_9.json").output().unwrap(), 1, &["part3_cnn_9.json"]);
}

#[test]
fn task2_writes_curves_answers_and_activations() {
    let out = tempfile::tempdir().unwrap();
    let small = ["--channels", "4,4", "--units", "8", "--epochs", "2"];
    succeed(part_on_tiny("task2", out.path(), &[&["--networks", "2,3"], &small[..]].concat()));
    let result = json(&out.path().join("task2_2.json"));
    assert_eq!(numbers(&result["x"]), [1.0, 2.0]);
    assert_eq!(numbers(&result["test_loss_curve"]).len(), 2);
    let rows = result["test"]["confusion"].as_array().unwrap();
    let total: f64 = rows.iter().flat_map(numbers).sum();
    assert_eq!(total, 20.0, "every test image is answered");
    assert_eq!(result["activations"].as_array().unwrap().len(), 3);
    let dropped = json(&out.path().join("task2_3.json"));
    assert_ne!(result["train_loss_curve"], dropped["train_loss_curve"]);
    failed(
        &part_on_tiny("task2", out.path(), &["--channels", "4,4,4,4,4"]).output().unwrap(),
        1,
        &["--channels", "32x32"],
    );
}

/// The mean of a whole epoch's batches in one step is what one step on the whole set sees: full-batch descent.
#[test]
fn task1_takes_all_images_in_one_step() {
    let out = tempfile::tempdir().unwrap();
    let small = ["--widths", "8,8", "--iterations", "3", "--networks", "1"];
    succeed(part_on_tiny("task1", out.path(), &small));
    let result = json(&out.path().join("task1_1.json"));
    assert_eq!(numbers(&result["x"]), [1.0, 2.0, 3.0]);
    assert_eq!(result["x_label"], "iteration");
    assert_eq!(result["meta"]["flags"]["batch"], "100");
    // 1e-5 on the sum of 60,000 images is 0.6 on the mean of any.
    let lr: f64 = result["meta"]["flags"]["lr"].as_str().unwrap().parse().unwrap();
    assert!((lr - 0.6).abs() < 1e-12);
}

/// What was kept is not trained again, and gives the same files; other flags are other trainings.
#[test]
fn finished_trainings_are_kept() {
    let (out, keep) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let args =
        ["--epochs", "1", "--eval-every", "5", "--models", "mlp_1", "--keep", keep.path().to_str().unwrap()];
    let read = |path: &Path| {
        let mut value = json(path);
        for key in ["date", "device", "seconds"] {
            value["meta"][key] = Value::Null;
        }
        value
    };
    let run = |more: &[&str]| {
        succeed(part_on_tiny("part3", out.path(), &[&args[..], more].concat()));
        (read(&out.path().join("part3_mlp_1.json")), fs::read(out.path().join("part3_mlp_1.png")).unwrap())
    };
    let first = run(&[]);
    let kept = files(keep.path());
    assert_eq!(kept.len(), 2, "{kept:?}");
    let history = keep.path().join(&kept[0]);
    let before = fs::metadata(&history).unwrap().modified().unwrap();
    assert!(first == run(&["--threads", "3"]), "another result from what was kept");
    assert_eq!(fs::metadata(&history).unwrap().modified().unwrap(), before, "it was trained again");
    run(&["--lr", "0.002"]);
    run(&["--seed", "2"]);
    assert_eq!(files(keep.path()).len(), 6);
    // A damaged file is named, not trusted.
    fs::write(&history, b"{").unwrap();
    let output = part_on_tiny("part3", out.path(), &args).output().unwrap();
    failed(&output, 1, &[&kept[0]]);
}

/// Pickles hold what the JSON files hold, in Python's own numbers and lists, and weights are arrays of units.
#[test]
fn the_homeworks_script_can_read_the_results() {
    let out = tempfile::tempdir().unwrap();
    let gray = ["--edition", "2023", "--pickle", "--epochs", "1", "--eval-every", "5"];
    let part3 = [&gray[..], &["--runs", "1", "--models", "mlp_1,cnn_5"]].concat();
    succeed(part_on_tiny("part3", out.path(), &part3));
    succeed(part_on_tiny("part4", out.path(), &[&gray[..], &["--models", "mlp_2"]].concat()));
    let part5 = ["--model", "mlp_2", "--schedule-epochs", "2", "--max-epochs", "2", "--adam-epochs", "1"];
    succeed(part_on_tiny("part5", out.path(), &[&gray[..], &part5].concat()));
    let python = std::env::var_os("FERROTAPE_PYTHON").unwrap_or("python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/homework_utils.py");
    let done = match Command::new(python).arg(script).arg(out.path()).output() {
        Err(e) if e.kind() == ErrorKind::NotFound => return skip("no python3, pickles are not read with it"),
        done => done.unwrap(),
    };
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));
    assert!(text.starts_with("part3 2 part4 1 part5 1"), "{text}");
    match text.contains("skipped") {
        true => skip("no numpy, weights are not read with it"),
        false => assert!(text.contains("weights 2"), "{text}"),
    }
}

#[test]
fn wrong_usage() {
    let out = tempfile::tempdir().unwrap();
    let usage = |part: &str, args: &[&str], words: &[&str]| {
        failed(&part_on_tiny(part, out.path(), args).output().unwrap(), 2, words);
    };
    usage("part4", &["--inputs", "hsv"], &["hsv", "rgb"]);
    usage("part5", &["--model", "mlp_1"], &["mlp_1"]);
    usage("part5", &["--switch", "5,5"], &["--switch", "rising"]);
    usage("part5", &["--switch", "5"], &["--switch"]);
    usage("task1", &["--networks", "4"], &["1, 2 or 3"]);
    usage("task1", &["--activation", "gelu"], &["gelu", "relu"]);
    usage("task2", &["--dropout", "1"], &["--dropout"]);
}
