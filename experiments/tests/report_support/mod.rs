//! Results such as all parts write, made up: curves with noise, answers class by class, small pictures.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
mod architectures;
mod basics;
mod descent;
mod fourth;

pub use architectures::part3;
pub use basics::{part1, part2};
pub use descent::{part4, part5};
pub use fourth::tasks;

use ferrotape_experiments::{
    output::OutDir,
    results::{Curve, Evaluation, Meta},
};
use std::{fs, path::Path};

pub const CIFAR: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
pub const FASHION: [&str; 10] = [
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

/// What the made-up results are like.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// `cifar10` or `synthetic`.
    pub data: &'static str,
    /// Records of a training of 15 epochs.
    pub records: usize,
    /// Test accuracies of mlp_1, mlp_2, cnn_3, cnn_4, cnn_5.
    pub tests: [f64; 5],
}

impl Default for Recipe {
    fn default() -> Self {
        Self { data: "cifar10", records: 1350, tests: [47.9, 47.1, 58.7, 62.3, 60.1] }
    }
}

const NAMES: [&str; 5] = ["mlp_1", "mlp_2", "cnn_3", "cnn_4", "cnn_5"];
const PARAMETERS: [usize; 5] = [98_666, 101_034, 11_394, 13_810, 8_490];

/// A noise that is the same everywhere: a linear congruential generator, from -1 to 1.
pub struct Noise(u64);

impl Noise {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 30) - 1.0
    }
}

/// From `from` to `to` like 1 - e^-5t, with noise.
pub fn curve(records: usize, from: f64, to: f64, noise: f64, seed: u64) -> Vec<f64> {
    let mut random = Noise(seed.wrapping_mul(77_777) + 1);
    let at = |t: f64| to + (from - to) * (-5.0 * t).exp();
    (0..records).map(|i| at(i as f64 / records as f64) + noise * random.next()).collect()
}

pub fn meta(recipe: Recipe, flags: &[(&str, &str)], seconds: f64, parameters: usize) -> Meta {
    let set = match recipe.data {
        "synthetic" => "synthetic (built-in procedural images; no CIFAR-10 found in datasets)",
        "fashion-mnist" => "fashion-mnist (60000 training and 10000 test images in datasets)",
        _ => "cifar10 (50000 training and 10000 test images in datasets)",
    };
    let common = [
        ("data", recipe.data),
        ("edition", "2025"),
        ("input", "rgb"),
        ("device", "cpu"),
        ("seed", "1"),
        ("batch", "50"),
        ("eval_every", "10"),
        ("train_limit", "all"),
        ("prediction_bias", "true"),
    ];
    let flags = common.iter().chain(flags).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Meta {
        data_set: set.into(),
        edition: 2025,
        input: "rgb".into(),
        seed: 1,
        flags,
        digest: format!("{:016x}", ((seconds * 1e9) as u64).wrapping_mul(2_654_435_761)),
        seconds,
        date: "2026-11-21T17:00:00Z".into(),
        device: "cpu (avx512, 2 threads)".into(),
        version: "0.1.0".into(),
        parameters,
        runs: 1,
        run_test_accs: vec![47.0],
        ..Meta::default()
    }
}

/// Answers of a network that is right on `accuracy` percent.
pub fn evaluation(classes: [&str; 10], accuracy: f64, seed: u64) -> Evaluation {
    let mut random = Noise(seed + 3);
    let mut confusion = vec![vec![0u64; 10]; 10];
    for (i, row) in confusion.iter_mut().enumerate() {
        let right = (10.0 * accuracy + 120.0 * random.next()).clamp(10.0, 990.0) as u64;
        let mut left = 1000 - right;
        row[i] = right;
        for j in (0..10).filter(|&j| j != i) {
            let share = (left as f64 * (0.2 + 0.15 * random.next())) as u64;
            row[j] = share;
            left -= share;
        }
        row[(i + 1) % 10] += left;
    }
    let column = |k: usize| confusion.iter().map(|row| row[k]).sum::<u64>() as f64;
    let precision: Vec<f64> = (0..10).map(|k| confusion[k][k] as f64 / column(k)).collect();
    let recall: Vec<f64> = (0..10).map(|k| confusion[k][k] as f64 / 1000.0).collect();
    let f1 = precision.iter().zip(&recall).map(|(p, r)| 2.0 * p * r / (p + r)).collect();
    let bowed = |k: usize, falling: bool| {
        let x: Vec<f64> = (0..60).map(|i| f64::from(i) / 59.0).collect();
        let power = 0.1 + 0.4 * (1.0 - recall[k]);
        let y = x
            .iter()
            .map(|x: &f64| if falling { 1.0 - 0.9 * x.powf(1.0 / power) } else { x.powf(power) })
            .collect();
        Curve { x, y, area: 1.0 / (1.0 + power) }
    };
    Evaluation {
        classes: classes.map(str::to_owned).into(),
        roc: (0..10).map(|k| bowed(k, false)).collect(),
        precision_recall: (0..10).map(|k| bowed(k, true)).collect(),
        confusion,
        precision,
        recall,
        f1,
    }
}

/// Everything, into `dir`.
pub fn write_all(dir: &Path, recipe: Recipe) {
    part1(dir);
    part2(dir);
    part3(dir, recipe);
    part4(dir, recipe);
    part5(dir, recipe);
    tasks(dir, recipe);
    picture(&dir.join("samples.png"), 8 * 34, 10 * 34);
}

fn out(dir: &Path, part: &str) -> OutDir {
    OutDir::create(dir.join(part)).unwrap()
}

/// A figure in both forms.
fn figure(out: &OutDir, name: &str) {
    picture(&out.file(&format!("{name}.png")), 160, 120);
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120"><rect width="160" height="120" fill="#eef"/><path d="M0 120 60 30 100 60 160 0" stroke="#00f" fill="none"/></svg>"##;
    fs::write(out.file(&format!("{name}.svg")), svg).unwrap();
}

/// A PNG of colours that change from place to place.
fn picture(path: &Path, width: u32, height: u32) {
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| [x * 255 / width, y * 255 / height, (x ^ y) & 63]))
        .map(|v| v as u8)
        .collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}
