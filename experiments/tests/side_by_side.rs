//! Trainings side by side are the trainings one by one: the same records, the same bits.
mod support;

use ferrotape_autograd::{Device, Input, Params, Source};
use ferrotape_data::Cifar10;
use ferrotape_experiments::{
    evaluate::Images,
    progress::{Mode, Progress},
    train::{History, Protocol, Splits, Trainee, train, train_side_by_side},
};
use ferrotape_nn::{
    Adam, MultiStep, Sequential,
    models::{Layer, Network, Variant},
};
use serde_json::Value;
use std::{fs, path::Path, process::Command, sync::Arc};
use support::{files, json, part_on_tiny, part3_on_tiny, succeed};

const MLP: Network =
    Network::new("mlp", &[Layer::Fc { units: 6, bias: true }, Layer::Act, Layer::Dropout(0.3)]);
const CNN: Network =
    Network::new("cnn", &[Layer::Conv { kernel: 5, channels: 2 }, Layer::Act, Layer::Pool, Layer::Pool]);

/// 43 images: batches of nine, and a last one of seven; records with a validation of all that is left.
fn splits() -> Splits {
    let set = Cifar10::open(support::data()).unwrap();
    let source: Arc<dyn Source> = set.train();
    let some = |range: std::ops::Range<u32>| Images { source: source.clone(), indices: range.collect() };
    Splits { train: some(0..43), validation: some(86..100), test: Images::all(set.test()), input: Input::Rgb }
}

/// At a steady rate; falling; and, from the second epoch on, one that no training survives.
fn rates() -> [MultiStep; 3] {
    let rate = |milestones: &[u64], gamma| MultiStep { lr: 1e-3, milestones: milestones.to_vec(), gamma };
    [rate(&[1], 1e30), rate(&[], 1.0), rate(&[1], 0.1)]
}

fn fresh(network: &Network, seed: u64) -> (Params, Sequential) {
    let params = Params::seeded(seed);
    let model = network.build(&params, &Variant::default());
    (params, model)
}

/// All that a training leaves, but for the time it took: its records, in words that NaN equals NaN in, and its state in bits.
fn left(history: &History, params: &Params) -> (String, u64, Vec<u32>) {
    let records = format!("{:?}", History { seconds: 0.0, ..history.clone() });
    let moments = params.data().moments.iter().flatten().map(|v| v.to_bits()).collect();
    (records, params.digest(), moments)
}

#[track_caller]
fn check(network: &Network, device: &Device, protocol: &Protocol) {
    let (data, rates) = (splits(), rates());
    let quiet = || Progress::new(10, 9, "", Mode::Quiet);
    let alone = |(k, rate): (usize, &MultiStep)| {
        let (params, model) = fresh(network, k as u64);
        let protocol = Protocol { rate: rate.clone(), ..protocol.clone() };
        let rule = Adam::default();
        (train(&model, &params, rule, &data, &protocol, device, &mut quiet()).unwrap(), params)
    };
    let alone: Vec<_> = rates.iter().enumerate().map(alone).collect();

    let (stores, models): (Vec<_>, Vec<_>) = (0..3).map(|k| fresh(network, k)).unzip();
    let trainee = |((model, params), rate)| Trainee { model, params, rate, begun: None, checkpoints: None };
    let trainees: Vec<_> = models.iter().zip(&stores).zip(&rates).map(trainee).collect();
    let together =
        train_side_by_side(&trainees, Adam::default(), &data, protocol, device, &mut quiet()).unwrap();
    for ((one, its_store), (other, store)) in alone.iter().zip(together.iter().zip(&stores)) {
        let same = left(one, its_store) == left(other, store);
        assert!(same, "{} on {device:?}: {one:?} alone, {other:?}", network.name);
    }
    let [diverged, steady, falling] = &together[..] else { panic!("three") };
    assert_eq!((diverged.diverged_at, diverged.loss.len()), (Some(7), 2), "it is put back to a record");
    assert_eq!((steady.steps, steady.loss.len(), steady.val_acc.len()), (10, 3, 3));
    assert_ne!(steady.loss, falling.loss);
}

fn protocol() -> Protocol {
    Protocol { epochs: 2, batch: 9, eval_every: 3, ..Protocol::new(1e-3) }
}

#[test]
fn on_the_cpu() {
    for protocol in [protocol(), Protocol { means: true, norms: true, ..protocol() }] {
        check(&MLP, &Device::Cpu, &protocol);
        check(&CNN, &Device::Cpu, &protocol);
    }
}

#[cfg(feature = "cuda")]
#[test]
fn on_a_gpu() {
    let Some(device) = ferrotape_autograd::check::gpu() else { return };
    check(&MLP, &device, &protocol());
    check(&CNN, &device, &Protocol { means: true, norms: true, ..protocol() });
}

/// A result file, without what is of this call alone.
fn timeless(path: &Path) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| !["date", "seconds", "scheduled_seconds"].contains(&key.as_str()));
                map.values_mut().for_each(strip);
            }
            Value::Array(all) => all.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = json(path);
    strip(&mut value);
    value
}

/// The result files of a part on the tiny data.
fn results(part: &str, flags: &[&str]) -> Vec<(Value, String)> {
    let out = tempfile::tempdir().unwrap();
    let common = ["--train-limit", "20", "--eval-every", "2"];
    succeed(part_on_tiny(part, out.path(), &[&common[..], flags].concat()));
    let names = files(out.path()).into_iter().filter(|name| name.ends_with(".json"));
    names.map(|name| (timeless(&out.path().join(&name)), name)).collect()
}

/// Runs of part 3 and rates of part 5: the same files whatever stands side by side.
#[test]
fn the_parts() {
    let part3 = ["--models", "mlp_1", "--epochs", "2", "--runs", "3", "--side-by-side"];
    let part3 = |side_by_side| results("part3", &[&part3[..], &[side_by_side]].concat());
    let one_by_one = part3("1");
    assert_eq!(one_by_one[0].0["meta"]["runs"], 3);
    for side_by_side in ["2", "10"] {
        assert_eq!(part3(side_by_side), one_by_one, "{side_by_side} side by side");
    }
    let part5 =
        ["--model", "mlp_2", "--epochs", "2", "--switch", "1,2", "--adam-epochs", "1", "--side-by-side"];
    let part5 = |side_by_side| results("part5", &[&part5[..], &[side_by_side]].concat());
    assert_eq!(part5("3"), part5("1"));
}

/// A GPU takes all runs at once.
#[cfg(feature = "cuda")]
#[test]
fn a_part_on_the_ptx_machine() {
    let flags = ["--models", "mlp_1", "--epochs", "1", "--runs", "3", "--device", "ptx-machine"];
    assert_eq!(results("part3", &flags), results("part3", &[&flags[..], &["--side-by-side", "1"]].concat()));
}

/// What was kept of trainings one by one is taken for those side by side, and the other way round.
#[test]
fn kept_trainings_stand_beside_fresh_ones() {
    let keep = tempfile::tempdir().unwrap();
    let run = |runs: &str, side_by_side: &str, keep: Option<&Path>| {
        let out = tempfile::tempdir().unwrap();
        let flags = ["--models", "mlp_1", "--epochs", "1", "--eval-every", "5", "--runs", runs];
        let mut command = part_on_tiny("part3", out.path(), &flags);
        command.args(["--side-by-side", side_by_side]);
        keep.map(|keep| command.arg("--keep").arg(keep));
        succeed(command);
        timeless(&out.path().join("part3_mlp_1.json"))
    };
    let times = || {
        let time = |name: &String| fs::metadata(keep.path().join(name)).unwrap().modified().unwrap();
        files(keep.path()).iter().map(time).collect::<Vec<_>>()
    };
    run("1", "1", Some(keep.path()));
    assert_eq!(times().len(), 2);
    let three = run("3", "3", Some(keep.path()));
    let before = times();
    assert_eq!(before.len(), 6, "two of the three were made");
    assert_eq!(three, run("3", "1", Some(keep.path())));
    assert_eq!(times(), before, "one was made again");
    assert_eq!(three, run("3", "1", None));
}

/// One line for all of them as they go, and one for each at the end.
#[test]
fn what_is_said() {
    let out = tempfile::tempdir().unwrap();
    let flags = ["--models", "mlp_1", "--epochs", "1", "--eval-every", "5", "--runs", "3"];
    let said = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let text = said(part3_on_tiny(out.path(), &flags).args(["--side-by-side", "3"]));
    assert!(text.contains("mlp_1 run 1 and 2 beside it  step 10/10  loss "), "{text}");
    for k in 1..=3 {
        assert!(text.contains(&format!("mlp_1 run {k}: test ")), "{text}");
    }
    let alone = said(&mut part3_on_tiny(out.path(), &flags));
    assert!(alone.contains("mlp_1 run 2  step 10/10") && !alone.contains("beside"), "{alone}");
    let none = part3_on_tiny(out.path(), &flags).args(["--side-by-side", "0"]).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
}
