//! Figures of realistic curves: 1,350 to 2,700 records, 1 and 5 networks. With `FIGURES_TO=folder` they are
//! also written there, to be looked at.

use std::path::Path;

use ferrotape_experiments::figure::{
    Activations, Chart, Curves, Depth, Panel, Rate, Rendered, Scale, Series, Spread, depth, layer_norms,
    part4, part5, part5_title, render_part3,
};

const NETWORKS: [&str; 5] = ["mlp_1", "mlp_2", "cnn_3", "cnn_4", "cnn_5"];

/// Even noise in -1..1, the same on every machine.
fn noise(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    })
}

/// `from` falling or rising to `to` with the given time constant, and noise.
fn learning(records: usize, from: f64, to: f64, time: f64, rough: f64, seed: u64) -> Vec<f64> {
    let at = |(i, e): (usize, f64)| to + (from - to) * (-(i as f64) / time).exp() + rough * e;
    (0..records).zip(noise(seed)).map(at).collect()
}

/// Noise that multiplies.
fn norms(records: usize, from: f64, to: f64, seed: u64) -> Vec<f64> {
    let log = learning(records, from.ln(), to.ln(), 200.0, 0.5, seed);
    log.into_iter().map(f64::exp).collect()
}

/// Not empty, finite, and kept where one asks for it.
#[track_caller]
fn look(name: &str, drawn: &Rendered, words: &[&str]) {
    assert!(drawn.png.starts_with(b"\x89PNG"));
    assert!(!drawn.svg.contains("NaN") && !drawn.svg.contains("inf"), "{name} has numbers that are none");
    for word in words {
        assert!(drawn.svg.contains(word), "{name} lacks {word}");
    }
    if let Some(folder) = std::env::var_os("FIGURES_TO") {
        drawn.write(&Path::new(&folder).join(name)).expect("figure is written");
    }
}

/// Curves of part 3 for network `i`.
struct Network {
    loss: Vec<f64>,
    train: Vec<f64>,
    val: Vec<f64>,
    spread: Vec<f64>,
}

fn network(i: usize, records: usize) -> Network {
    let (seed, better) = (i as u64 * 10 + 1, i as f64);
    let final_loss = 1.4 - 0.12 * better;
    Network {
        loss: learning(records, 2.3, final_loss, 220.0, 0.2, seed),
        train: learning(records, 12.0, 52.0 + 4.0 * better, 250.0, 9.0, seed + 1),
        val: learning(records, 12.0, 47.0 + 4.0 * better, 250.0, 1.0, seed + 2),
        spread: learning(records, 6.0, 2.0, 300.0, 0.3, seed + 3).into_iter().map(f64::abs).collect(),
    }
}

fn curves<'a>(i: usize, n: &'a Network, spread: bool) -> Curves<'a> {
    let bands = Spread { loss: &n.val[..0], train_acc: &n.spread, val_acc: &n.spread };
    Curves {
        name: NETWORKS[i],
        loss: &n.loss,
        train_acc: &n.train,
        val_acc: &n.val,
        test_acc: 46.5 + 4.0 * i as f64,
        spread: spread.then_some(bands),
    }
}

#[test]
fn part3_with_bands() {
    let networks: Vec<Network> = (0..5).map(|i| network(i, 1350)).collect();
    let all: Vec<Curves<'_>> = networks.iter().enumerate().map(|(i, n)| curves(i, n, true)).collect();
    let words = ["± 1 standard deviation over runs", "mean of 33 records", "training", "validation", "cnn_5"];
    look("part3_all", &render_part3(&all, "part 3 · synthetic · 10 runs").expect("drawn"), &words);
    look("part3_one", &render_part3(&all[2..3], "cnn_3 · synthetic · 10 runs").expect("drawn"), &words[..4]);
    let single: Vec<Curves<'_>> = networks.iter().enumerate().map(|(i, n)| curves(i, n, false)).collect();
    look("part3_single", &render_part3(&single, "part 3 · synthetic · 1 run").expect("drawn"), &words[1..]);
}

#[test]
fn part4_of_one_and_of_all() {
    let curve: Vec<[Vec<f64>; 4]> = (0..5)
        .map(|i| {
            let (seed, deep) = (i as u64 * 7 + 3, i as f64);
            let stuck = if i > 2 { 2.302 } else { 1.9 };
            [
                learning(1350, 2.3, 1.6 - 0.1 * deep, 400.0, 0.15, seed),
                learning(1350, 2.31, stuck, 500.0, 0.1, seed + 1),
                norms(1350, 0.5, 2.0, seed + 2),
                norms(1350, 0.3, if i > 2 { 1e-2 / 30_f64.powf(deep - 2.0) } else { 0.8 }, seed + 3),
            ]
        })
        .collect();
    let networks: Vec<Activations<'_>> = curve
        .iter()
        .enumerate()
        .map(|(i, [a, b, c, d])| Activations {
            name: NETWORKS[i],
            colour: i,
            relu_loss: a,
            sigmoid_loss: b,
            relu_grad: c,
            sigmoid_grad: d,
        })
        .collect();
    let words = ["training_losses", "gradient_magnitudes", "|grad_loss|", "ReLU", "sigmoid", "cnn_4"];
    look("part4_all", &part4("part 4 · synthetic", &networks).expect("drawn"), &words);
    look("part4_cnns", &part4("part 4, CNNs · synthetic", &networks[2..]).expect("drawn"), &words);
    look("part4_one", &part4("cnn_4 · synthetic", &networks[3..4]).expect("drawn"), &words);
}

#[test]
fn gradients_by_layer_and_depth() {
    let layers = ["conv 1", "conv 2", "conv 3", "conv 4", "conv 5", "conv 6", "prediction"];
    let of = |base: f64| -> Vec<Vec<f64>> {
        (0..7).map(|i| norms(1350, 0.5, base.powi(6 - i) * 2.0, i as u64 + 5)).collect()
    };
    let (relu, sigmoid) = (of(0.8), of(0.12));
    let drawn =
        layer_norms("layers of cnn_5 · synthetic", &layers, &[("ReLU", &relu), ("sigmoid", &sigmoid)]);
    look("part4_layers", &drawn.expect("drawn"), &["ReLU", "sigmoid", "conv 6", "prediction"]);
    let down: Vec<f64> = (0..7).map(|i| 0.12_f64.powi(6 - i)).collect();
    let flat: Vec<f64> = (0..7).map(|i| 0.8_f64.powi(6 - i)).collect();
    let networks: Vec<Depth<'_>> = [2, 3, 3, 5, 7]
        .into_iter()
        .enumerate()
        .map(|(i, n)| Depth { name: NETWORKS[i], colour: i, relu: &flat[7 - n..], sigmoid: &down[7 - n..] })
        .collect();
    look(
        "part4_depth",
        &depth("gradient by depth · synthetic", &networks).expect("drawn"),
        &["cnn_5", "ReLU"],
    );
}

#[test]
fn part5_with_plateaus_and_schedules() {
    let rates = [(0.1, 100.0, 58.0), (0.01, 500.0, 60.0), (0.001, 2500.0, 50.0)];
    let curve: Vec<[Vec<f64>; 2]> = rates
        .iter()
        .zip(1..)
        .map(|(&(_, time, best), seed)| {
            let loss = learning(1800, 2.3, 2.6 - best / 40.0, time, 0.15, seed);
            [loss, learning(1800, 10.0, best, time, 1.5, seed + 9)]
        })
        .collect();
    let labels = ["lr=0.1", "lr=0.01", "lr=0.001"];
    let plateaus = [Some(412.0), Some(1490.0), None];
    let drawn: Vec<Rate<'_>> = (0..3)
        .map(|i| Rate { label: labels[i], loss: &curve[i][0], val_acc: &curve[i][1], plateau: plateaus[i] })
        .collect();
    let title = part5_title("cnn_3");
    let words = ["training of cnn_3 with different learning rates", "lr=0.001", "plateau of lr=0.1 at 412"];
    look("part5_rates", &part5(&title, &drawn, &[]).expect("drawn"), &words);
    let loss = learning(2700, 2.3, 1.0, 150.0, 0.15, 77);
    let val_acc = learning(2700, 10.0, 62.0, 150.0, 1.0, 78);
    let schedule = Rate { label: "lr=0.1 to 0.01 to 0.001", loss: &loss, val_acc: &val_acc, plateau: None };
    let switches = [(900.0, "lr=0.1 to 0.01"), (1800.0, "lr=0.01 to 0.001")];
    look(
        "part5_schedule",
        &part5("cnn_3, scheduled", &[schedule], &switches).expect("drawn"),
        &["lr=0.01 to 0.001 at 1800"],
    );
}

#[test]
fn tasks_with_chance_line() {
    let curve = |from: f64, to: f64, seed: u64| learning(300, from, to, 40.0, 0.3, seed);
    let chart = Chart::new("task 1 (1), narrowing MLP · Fashion-MNIST")
        .styles("training", "test")
        .panel(Panel::new("loss", "loss (sum over images)").over("iteration").series([
            Series::new("", 0, curve(140.0, 40.0, 1)),
            Series::new("", 0, curve(140.0, 42.0, 2)).dashed(),
        ]))
        .panel(
            Panel::new("accuracy", "accuracy (%)")
                .over("iteration")
                .scale(Scale::Percent)
                .series([
                    Series::new("", 0, curve(10.0, 78.0, 3)),
                    Series::new("", 0, curve(10.0, 77.0, 4)).dashed(),
                ])
                .level(10.0, "chance"),
        );
    look("task1", &chart.draw().expect("drawn"), &["chance at 10", "iteration", "training, test"]);
}

#[test]
fn odd_panels_draw() {
    let torn = vec![1.0, f64::NAN, 0.0, -3.0, f64::INFINITY, 1e-300, 1e300];
    for scale in [Scale::Linear, Scale::Log, Scale::Percent] {
        let mut chart = Chart::new("odd");
        for values in [vec![], vec![0.0], vec![1.0], vec![f64::NAN; 3], torn.clone()] {
            let spread = Series::new("a", 9, values.clone()).spread(values.clone());
            let series = [Series::new("a", 0, values), spread];
            let panel =
                Panel::new("odd", "y").scale(scale).series(series).level(0.0, "none").level(f64::NAN, "none");
            chart = chart.panel(panel.mark(f64::INFINITY, "nowhere", None).mark(
                30.0,
                "beyond all records",
                Some(3),
            ));
        }
        look("odd", &chart.draw().expect("drawn"), &["odd", "beyond all records at 30"]);
    }
    let panel = Panel::new("log", "norm").scale(Scale::Log).series([Series::new("a", 0, torn)]);
    look("odd_log", &Chart::new("odd").panel(panel).draw().expect("drawn"), &[]);
}

#[test]
fn the_same_chart_gives_the_same_bytes_and_bad_ones_are_refused() {
    let chart =
        Chart::new("t").panel(Panel::new("p", "y").series([Series::new("a", 1, norms(500, 1.0, 2.0, 1))]));
    assert!(chart.draw().expect("drawn") == chart.draw().expect("drawn"));
    let refused = |chart: Chart| chart.draw().expect_err("must be refused").to_string();
    assert!(refused(Chart::new("t")).contains("expected a panel or more"));
    let many = Chart::new("t").panel(Panel::new("p", "y").series([Series::new("a", 10, [1.0])]));
    assert!(refused(many).contains("colour 10 of \"a\": expected 0 to 9"));
}
