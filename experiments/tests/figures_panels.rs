//! Figures that are no curves over records: boundaries, matrices, bars, histograms, rankings, points. With
//! `FIGURES_TO=folder` they are also written there, to be looked at.

use std::path::Path;

use ferrotape_experiments::figure::{
    Bars, Decision, Function, Histogram, Point, Ranking, Rendered, bars, calibrations, confusion, decision,
    functions, histograms, rankings, scatter,
};
use ferrotape_experiments::metrics::{Confusion, calibration, precision_recall, roc};

const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Even noise in 0..1, the same on every machine.
fn noise(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    })
}

#[track_caller]
fn look(name: &str, drawn: &Rendered, words: &[&str]) {
    assert!(drawn.png.starts_with(b"\x89PNG"));
    let numbers = drawn.svg.split("base64,").next().expect("a text has a beginning");
    assert!(!numbers.contains("NaN") && !numbers.contains("inf\""), "{name} has numbers that are none");
    for word in words {
        assert!(drawn.svg.contains(word), "{name} lacks {word}");
    }
    if let Some(folder) = std::env::var_os("FIGURES_TO") {
        drawn.write(&Path::new(&folder).join(name)).expect("figure is written");
    }
}

#[test]
fn activations_and_derivatives() {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let three = [
        Function { name: "tanh", value: &f64::tanh, slope: &|x| 1.0 - x.tanh().powi(2) },
        Function { name: "sigmoid", value: &sigmoid, slope: &|x| sigmoid(x) * (1.0 - sigmoid(x)) },
        Function { name: "ReLU", value: &|x| x.max(0.0), slope: &|x| f64::from(u8::from(x > 0.0)) },
    ];
    let drawn = functions("activations and their derivatives", &three).expect("drawn");
    look("part1_functions", &drawn, &["tanh", "sigmoid", "ReLU", "f(x)", "f'(x)"]);
    look("part1_tanh", &functions("tanh", &three[..1]).expect("drawn"), &["tanh"]);
}

#[test]
fn boundary_of_xor() {
    let (columns, step, origin) = (401, 0.01, [-2.0, -2.0]);
    let at = |i: usize| -2.0 + step * i as f64;
    let squash = |v: f64| 1.0 / (1.0 + (-4.0 * v).exp());
    let outputs: Vec<f64> = (0..columns * columns)
        .map(|i| (at(i % columns), at(i / columns)))
        .map(|(x, y)| squash(-x * y + 0.2 * (3.0 * x).sin()) * 1.1)
        .collect();
    let even: Vec<f64> = noise(3).take(400).collect();
    let spread = |i: usize| even[i] + even[i + 100] - 1.0;
    let centre = [[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]];
    let points: Vec<[f64; 2]> =
        (0..100).map(|i| [centre[i % 4][0] + spread(i), centre[i % 4][1] + spread(i + 100)]).collect();
    let labels: Vec<u8> = (0..100).map(|i| (i % 2) as u8).collect();
    let one = Decision {
        title: "tanh, run 1: 97.0 %",
        origin,
        step,
        columns,
        outputs: &outputs,
        points: &points,
        labels: &labels,
    };
    let three = [
        one,
        Decision { title: "sigmoid, run 1: 97.0 %", ..one },
        Decision { title: "ReLU, run 1: 97.0 %", ..one },
    ];
    look("part1_boundary", &decision("XOR", &[one]).expect("drawn"), &["tanh, run 1", "label 1"]);
    look("part1_boundaries", &decision("XOR", &three).expect("drawn"), &["ReLU, run 1"]);
    assert!(decision("XOR", &[one]).expect("drawn") == decision("XOR", &[one]).expect("drawn"));
    let flat = Decision { outputs: &[0.5; 4], columns: 2, points: &[], labels: &[], ..one };
    look("flat", &decision("flat", &[flat]).expect("drawn"), &[]);
    let torn = Decision { outputs: &[f64::NAN, 1.0, f64::INFINITY, 0.0], ..flat };
    look("torn", &decision("torn", &[torn]).expect("drawn"), &[]);
    let refused = |one: Decision<'_>| decision("t", &[one]).expect_err("must be refused").to_string();
    assert!(refused(Decision { columns: 3, ..flat }).contains("4 outputs in rows of 3"));
    assert!(refused(Decision { points: &[[0.0; 2]], ..flat }).contains("1 points with 0 labels"));
    assert!(
        refused(Decision { points: &[[0.0; 2]], labels: &[2], ..flat }).contains("label 2, expected 0 or 1")
    );
}

/// 10,000 labels and predictions; class 3 is taken for 5 in part, class 7 is never predicted.
fn predictions() -> (Vec<u8>, Vec<u8>) {
    let labels: Vec<u8> = (0..10_000).map(|i| (i % 10) as u8).collect();
    let guess = |(&label, e): (&u8, f64)| match label {
        3 if e < 0.3 => 5,
        7 => 4,
        _ if e < 0.62 => label,
        _ => ((e * 1000.0) as u8) % 7,
    };
    let predicted = labels.iter().zip(noise(5)).map(guess).collect();
    (labels, predicted)
}

#[test]
fn matrix_and_scores() {
    let (labels, predicted) = predictions();
    let matrix = Confusion::new(&labels, &predicted, 10).expect("valid");
    let drawn = confusion("cnn_4 · CIFAR-10 · test set", &matrix, &CLASSES).expect("drawn");
    look("confusion", &drawn, &["automobile", "true class over predicted class"]);
    let fashion = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ];
    look(
        "confusion_fashion",
        &confusion("mlp_1 · Fashion-MNIST", &matrix, &fashion).expect("drawn"),
        &["Ankle boot"],
    );
    let absent = Confusion::new(&[0, 1], &[0, 0], 3).expect("valid");
    look(
        "confusion_absent",
        &confusion("a class is missing", &absent, &["a", "b", "c"]).expect("drawn"),
        &[],
    );
    let error = confusion("t", &absent, &["a"]).expect_err("must be refused").to_string();
    assert!(error.contains("1 class names for 3 classes"));

    let scores = matrix.scores();
    let pick = |f: fn(&ferrotape_experiments::metrics::ClassScores) -> f64| {
        scores.iter().map(f).collect::<Vec<f64>>()
    };
    let (precision, recall, f1) = (pick(|s| s.precision), pick(|s| s.recall), pick(|s| s.f1));
    let series = [("precision", &precision[..]), ("recall", &recall), ("F1", &f1)];
    let three = Bars {
        title: "scores of each class",
        y_label: "score",
        groups: &CLASSES,
        series: &series,
        full: 1.0,
    };
    look(
        "class_scores",
        &bars("cnn_4 · CIFAR-10", &three).expect("drawn"),
        &["precision", "recall", "F1", "truck"],
    );
    let percent: Vec<f64> = recall.iter().map(|r| 100.0 * r).collect();
    let one = Bars {
        title: "accuracy of each class",
        y_label: "accuracy (%)",
        series: &[("accuracy", &percent)],
        full: 100.0,
        ..three
    };
    look("class_accuracy", &bars("cnn_4 · CIFAR-10", &one).expect("drawn"), &["accuracy of each class"]);
    let torn = [f64::NAN; 10];
    assert!(bars("t", &Bars { series: &[("x", &torn)], ..three }).is_err());
}

#[test]
fn layers_of_activations() {
    let layer = |scale: f64, zeros: f64, seed: u64| -> Vec<f32> {
        let pairs: Vec<f64> = noise(seed).take(40_000).collect();
        pairs.chunks_exact(2).map(|p| if p[0] < zeros { 0.0 } else { (-p[1].ln() * scale) as f32 }).collect()
    };
    let layers: Vec<Histogram> = (1..=6)
        .map(|i| {
            Histogram::new(format!("ReLU {i}"), &layer(f64::from(i), 0.12 * f64::from(i), i as u64), 60, 0.01)
        })
        .collect();
    let words = ["ReLU 2:", "closer to 0 than 0.01"];
    look(
        "histograms",
        &histograms("activations of cnn_5", "activation", &layers, true).expect("drawn"),
        &words,
    );
    look(
        "histograms_two",
        &histograms("activations", "activation", &layers[..2], false).expect("drawn"),
        &words,
    );
    for values in [&[][..], &[1.0], &[f32::NAN], &[0.0; 3]] {
        let odd = [Histogram::new("odd", values, 10, 0.01)];
        look("odd_histogram", &histograms("odd", "x", &odd, true).expect("drawn"), &["odd"]);
    }
    let by_hand = Histogram::new("h", &[0.0, 0.001, 1.0, 2.0, f32::INFINITY], 2, 0.01);
    assert_eq!((by_hand.counts, by_hand.near_zero, by_hand.total), (vec![2, 2], 2, 4));
}

#[test]
fn rankings_of_ten_classes() {
    let curves: Vec<_> = (0..10)
        .map(|class| {
            let positive: Vec<bool> = (0..5000).map(|i| i % 10 == class).collect();
            let even: Vec<f64> = noise(class as u64 + 1).take(5000).collect();
            let gain = 0.15 + 0.06 * class as f64;
            let scores: Vec<f64> =
                positive.iter().zip(even).map(|(&p, e)| e + if p { gain } else { 0.0 }).collect();
            (roc(&scores, &positive).expect("valid"), precision_recall(&scores, &positive).expect("valid"))
        })
        .collect();
    let named: Vec<Ranking<'_>> = curves
        .iter()
        .zip(CLASSES)
        .map(|((roc, precision_recall), name)| Ranking { name, roc, precision_recall })
        .collect();
    let words = ["airplane: AUC 0.", "AP 0.", "true positive rate", "recall"];
    look("rankings", &rankings("cnn_4 · CIFAR-10 · test set", &named).expect("drawn"), &words);
    let none = roc(&[], &[]).expect("valid");
    let nothing = precision_recall(&[], &[]).expect("valid");
    let missing = Ranking { name: "missing", roc: &none, precision_recall: &nothing };
    look("rankings_missing", &rankings("a class is missing", &[missing]).expect("drawn"), &["AUC 0.500"]);
    assert!(rankings("none", &[]).is_err());
}

#[test]
fn calibration_of_networks() {
    let of = |bend: f64, seed: u64| {
        let even: Vec<f64> = noise(seed).take(20_000).collect();
        let pairs: Vec<(f64, bool)> =
            even.chunks_exact(2).map(|e| (0.1 + 0.9 * e[0], 0.1 + 0.9 * e[0].powf(bend) > e[1])).collect();
        let (p, came): (Vec<f64>, Vec<bool>) = pairs.into_iter().unzip();
        calibration(&p, &came, 15).expect("valid")
    };
    let (a, b) = (of(1.0, 1), of(1.8, 2));
    let drawn = calibrations("calibration on the test set", &[("mlp_1", &a), ("cnn_4", &b)]).expect("drawn");
    look("calibration", &drawn, &["mlp_1: ECE 0.0", "predicted probability"]);
    let empty = calibration(&[], &[], 10).expect("valid");
    look("calibration_empty", &calibrations("empty", &[("none", &empty)]).expect("drawn"), &[]);
}

#[test]
fn named_points() {
    let points = [
        ("mlp_1", [98_666.0, 39.2]),
        ("mlp_2", [101_034.0, 39.16]),
        ("cnn_3", [11_394.0, 58.9]),
        ("cnn_4", [13_810.0, 65.1]),
        ("cnn_5", [8_490.0, 64.8]),
    ];
    let points: Vec<Point<'_>> =
        (0..).zip(points).map(|(colour, (name, at))| Point { name, at, colour }).collect();
    let drawn = scatter("accuracy and size", "parameters", "test accuracy (%)", &points).expect("drawn");
    look("scatter", &drawn, &["mlp_2", "test accuracy (%) over parameters"]);
    look("scatter_one", &scatter("one", "x", "y", &points[..1]).expect("drawn"), &[]);
    let lost = Point { at: [f64::NAN, 0.0], ..points[0] };
    assert!(scatter("none", "x", "y", &[lost]).is_err());
}

/// The upper half above 0.5: the picture must not stand on its head.
#[test]
fn the_plane_is_filled_the_right_way_up() {
    let outputs: Vec<f64> = (0..400).map(|i| f64::from(u8::from(i >= 200))).collect();
    let upper = Decision {
        title: "",
        origin: [0.0, 0.0],
        step: 1.0,
        columns: 20,
        outputs: &outputs,
        points: &[],
        labels: &[],
    };
    let png = decision("", &[upper]).expect("drawn").png;
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("size fits")];
    let info = reader.next_frame(&mut pixels).expect("PNG data");
    let pixel = info.line_size / info.width as usize;
    let at = |x: f64, y: f64| {
        let (row, column) = ((f64::from(info.height) * y) as usize, (f64::from(info.width) * x) as usize);
        &pixels[row * info.line_size + column * pixel..][..3]
    };
    assert_eq!((at(0.5, 0.4), at(0.5, 0.8)), (&[173, 216, 230][..], &[240, 128, 128][..]));
}
