//! Part 1's binary as a user meets it: what it writes, what the numbers are, and what it says to bad input.
mod support;

use ferrotape_autograd::Device;
use ferrotape_experiments::part1::{
    Reduction,
    xor::{self, Architecture, Points, Protocol},
};
use ferrotape_nn::models::Activation;
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};
use support::{failed, files, interrupt, part1, start, wait_for};

/// A short run with results in `out`.
fn short(out: &Path, more: &[&str]) -> Command {
    let epochs: &[&str] = if more.contains(&"--epochs") { &[] } else { &["--epochs", "40"] };
    part1(&[&["--out", out.to_str().unwrap()], epochs, more].concat())
}

fn run(out: &Path, more: &[&str]) -> Output {
    short(out, more).output().unwrap()
}

fn json(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("part1.json")).unwrap()).unwrap()
}

fn len(json: &Value) -> usize {
    json.as_array().unwrap().len()
}

/// The runs of one network.
#[track_caller]
fn group<'a>(json: &'a Value, network: &str, reduction: &str) -> &'a Value {
    let found = json["xor"].as_array().unwrap().iter();
    let mut found = found.filter(|x| x["network"] == network && x["reduction"] == reduction);
    found.next().unwrap_or_else(|| panic!("no {network} ({reduction})"))
}

#[test]
fn writes_what_the_homework_asks_for() {
    let out = tempfile::tempdir().unwrap();
    let output = run(out.path(), &["--runs", "2", "--eval-every", "10"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figures = [
        "activations",
        "boundary_relu",
        "boundary_sigmoid",
        "boundary_single_layer",
        "boundary_tanh",
        "calibration",
        "losses",
    ];
    let mut expected: Vec<String> =
        figures.iter().flat_map(|f| ["png", "svg"].map(|e| format!("part1_{f}.{e}"))).collect();
    expected.insert(0, "part1.json".into());
    assert_eq!(files(out.path()), expected);
    let json = json(out.path());
    assert_eq!(json["printed_epochs"], serde_json::json!([0, 4, 8, 12, 16, 20, 24, 28, 32, 36]));
    assert_eq!(len(&json["xor"]), 16, "eight networks, sum and mean");
    let xor = group(&json, "2-4-1 tanh", "mean");
    assert_eq!((len(&xor["runs"]), &xor["runs"][1]["seed"]), (2, &2.into()));
    assert_eq!(len(&xor["runs"][0]["printed"]), 10);
    assert_eq!(len(&xor["runs"][0]["loss_curve"]), 4, "epochs 0, 10, 20, 30");
    assert!(xor["boundary_change"].as_f64().unwrap() > 0.0);
    // The same weights and points: the first loss knows nothing of the reduction.
    assert_eq!(xor["runs"][0]["printed"][0], group(&json, "2-4-1 tanh", "sum")["runs"][0]["printed"][0]);
    assert_eq!(json["meta"]["flags"]["reduction"], "sum,mean");
    assert_eq!(json["meta"]["interrupted"], false);
    let text = String::from_utf8_lossy(&output.stdout);
    for words in ["2-4-1 relu, sigmoid output", "(a)", "(b)", "80 of 80 cases", "(d)", "run 2"] {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
}

/// The homework's outcome, ten thousand epochs: with the sum every network with a hidden layer learns, unless it is
/// ReLU's and dead; a single layer cannot.
#[test]
fn xor_comes_out_as_published() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--epochs", "10000", "--reduction", "sum", "--runs", "3", "--seed", "3", "--quiet"];
    let output = run(out.path(), &args);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "--quiet");
    let json = json(out.path());
    let range = |network: &str| {
        let xor = group(&json, network, "sum");
        let accuracy = |key: &str| xor["accuracy"][key].as_f64().unwrap();
        (accuracy("min"), accuracy("max"), xor["dead_runs"].as_u64().unwrap())
    };
    for network in ["2-4-1 tanh", "2-4-1 sigmoid", "2-4-1 tanh, sigmoid output", "2-4-1 relu, sigmoid output"]
    {
        let (min, _, dead) = range(network);
        assert!(min >= 92.0 && dead == 0, "{network}: {min}, {dead} dead");
    }
    let (min, max, dead) = range("2-4-1 relu");
    assert!(min == 50.0 && max > 90.0 && (1..3).contains(&dead), "relu: {min} to {max}, {dead} dead");
    for network in ["2-1 tanh", "2-1 sigmoid", "2-1 relu"] {
        let (_, max, _) = range(network);
        assert!(max <= 76.0, "{network}: {max}");
    }
    for run in group(&json, "2-4-1 sigmoid", "sum")["runs"].as_array().unwrap() {
        let losses: Vec<f64> =
            run["printed"].as_array().unwrap().iter().map(|l| l.as_f64().unwrap()).collect();
        assert!(losses.is_sorted_by(|a, b| a > b) && losses[9] < 0.04, "{losses:?}");
    }
}

/// With the mean the same ten thousand steps, a thousand times shorter, are not enough.
#[test]
fn the_mean_learns_nothing() {
    let protocol = Protocol { epochs: 10_000, lr: 1e-3, reduction: Reduction::Mean, eval_every: 1000 };
    let network = Architecture::both(Activation::Sigmoid);
    let mut heard = 0;
    let trained =
        xor::train(network, 3, &Points::draw(3), &protocol, &Device::threads(1).unwrap(), |_, _| heard += 1);
    let trained = trained.unwrap().expect("nobody stops it");
    assert!(trained.right <= 75.0 && !trained.dead, "{} % right", trained.right);
    assert!(
        trained.last < trained.printed[0] && trained.last > 0.2,
        "{} after {:?}",
        trained.last,
        trained.printed
    );
    assert_eq!((heard, trained.curve.len()), (10, 10));
}

/// The same seed gives the same numbers and figures, on any number of threads.
#[test]
fn deterministic() {
    let result = |more: &[&str]| {
        let out = tempfile::tempdir().unwrap();
        assert!(
            run(out.path(), &[&["--runs", "2", "--reduction", "sum", "--quiet"], more].concat())
                .status
                .success()
        );
        let mut json = json(out.path());
        json.as_object_mut().unwrap().remove("meta");
        let figures = ["part1_boundary_tanh.png", "part1_losses.svg", "part1_calibration.png"];
        (json, figures.map(|name| fs::read(out.path().join(name)).unwrap()))
    };
    let first = result(&["--threads", "1"]);
    assert!(first == result(&["--threads", "3"]), "other numbers on 3 threads");
    assert!(first.0 != result(&["--seed", "7"]).0, "the same numbers from another seed");
}

#[test]
fn one_reduction_and_the_reference_machine() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--reduction", "mean", "--runs", "1", "--epochs", "3", "--device", "reference", "--quiet"];
    assert!(run(out.path(), &args).status.success());
    let json = json(out.path());
    assert_eq!(len(&json["xor"]), 8);
    let xor = group(&json, "2-1 relu", "mean");
    assert!(xor["boundary_change"].is_null(), "one run does not change");
    assert_eq!(json["printed_epochs"], serde_json::json!([0, 1, 2]));
    assert_eq!(json["meta"]["device"], "reference");
}

#[test]
fn diverged() {
    let out = tempfile::tempdir().unwrap();
    let output = run(out.path(), &["--lr", "1e10", "--runs", "1", "--reduction", "sum", "--quiet"]);
    failed(&output, 1, &["2-1 relu (sum) diverged at epoch 2", "try a lower --lr"]);
    let json = json(out.path());
    let run = &group(&json, "2-1 relu", "sum")["runs"][0];
    assert_eq!((&run["diverged_at"], len(&run["printed"])), (&2.into(), 1), "{run}");
    assert!(group(&json, "2-1 tanh", "sum")["runs"][0].get("diverged_at").is_none());
}

/// Finished trainings are saved.
#[test]
fn interrupted() {
    let out = tempfile::tempdir().unwrap();
    let args = ["--epochs", "1000", "--runs", "1000", "--eval-every", "1", "--threads", "1"];
    let (child, mut stderr) = start(&mut short(out.path(), &args));
    // 1,000 epochs are a training.
    let mut step = 0;
    while step <= 1000 {
        step = wait_for(&mut stderr, "XOR  step").split(['/', ' ']).find_map(|w| w.parse().ok()).unwrap();
    }
    let text = interrupt(child, stderr);
    assert!(text.contains("interrupted: saving what there is"), "{text}");
    let json = json(out.path());
    assert_eq!(json["meta"]["interrupted"], true);
    let runs = len(&json["xor"][0]["runs"]);
    assert!((1..1000).contains(&runs), "{runs}");
    assert!(files(out.path()).contains(&"part1_boundary_tanh.png".into()));
}

#[test]
fn wrong_usage() {
    let usage = |args: &[&str], words: &[&str]| failed(&part1(args).output().unwrap(), 2, words);
    usage(&["--epochs", "0"], &["--epochs"]);
    usage(&["--runs", "0"], &["--runs"]);
    usage(&["--eval-every", "0"], &["--eval-every"]);
    usage(&["--reduction", "median"], &["median", "sum, mean, both"]);
    usage(&["--lr=-1"], &["--lr", "positive"]);
    usage(&["--lr=inf"], &["--lr"]);
    usage(&["--threads", "0"], &["--threads"]);
    usage(&["--device", "tpu"], &["tpu", "cpu"]);
    usage(&["--fast"], &["--fast"]);
}

#[test]
fn output_that_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"mine").unwrap();
    for out in [file.join("out"), file.clone()] {
        failed(&run(&out, &["--epochs", "1"]), 1, &["file"]);
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}
