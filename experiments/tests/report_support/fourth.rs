//! The tasks of the fourth source.
use super::{CIFAR, FASHION, Recipe, curve, evaluation, figure, meta, out};
use ferrotape_experiments::results::{Histogram, ResultFile, Task};
use std::path::Path;

pub fn tasks(dir: &Path, recipe: Recipe) {
    let fashion =
        Recipe { data: if recipe.data == "synthetic" { "synthetic" } else { "fashion-mnist" }, ..recipe };
    let sets = [(1, 301, "iteration", FASHION, fashion), (2, 20, "epoch", CIFAR, recipe)];
    for (task, points, x_label, classes, recipe) in sets {
        let out = out(dir, &format!("task{task}"));
        for network in 1..=3u32 {
            let test = if task == 1 { [78.0, 79.0, 70.0] } else { [63.0, 60.0, 65.0] }[network as usize - 1];
            let seed = u64::from(task * 10 + network);
            let result = Task {
                task,
                network,
                description: [
                    "784-128-64-10, sigmoid, rate 1e-05",
                    "784-128-64-10, relu, rate 1e-06",
                    "784-128-256-10, relu",
                ][network as usize - 1]
                    .into(),
                x: (0..points).map(f64::from).collect(),
                x_label: x_label.into(),
                train_loss_curve: curve(points as usize, 2.3, 0.6, 0.01, seed),
                test_loss_curve: curve(points as usize, 2.3, 0.7, 0.01, seed + 1),
                train_acc_curve: curve(points as usize, 10.0, test + 1.0, 0.3, seed + 2),
                test_acc_curve: curve(points as usize, 10.0, test, 0.3, seed + 3),
                test: evaluation(classes, test, seed),
                activations: vec![
                    Histogram {
                        layer: "hidden 1".into(),
                        edges: vec![0.0, 0.5, 1.0],
                        counts: vec![700_000, 580_000],
                        near: 0.01,
                        near_zero: 0.21,
                    },
                    Histogram {
                        layer: "hidden 2".into(),
                        edges: vec![0.0, 0.5, 1.0],
                        counts: vec![300_000, 340_000],
                        near: 0.01,
                        near_zero: 0.12,
                    },
                ],
                meta: meta(recipe, &[("task", "1")], 60.0, 109_386),
            };
            result.write(&out).unwrap();
            for what in ["curves", "confusion", "activations"] {
                figure(&out, &format!("task{task}_{network}_{what}"));
            }
        }
    }
}
