//! Parts 1 and 2.
use super::{curve, figure, out, picture};
use serde_json::json;
use std::{fs, path::Path};

pub fn part1(dir: &Path) {
    let out = out(dir, "part1");
    let xor = |network: &str, reduction: &str, accs: [f64; 3], dead: usize, change: Option<f64>| {
        let runs: Vec<_> = accs
            .iter()
            .enumerate()
            .map(|(k, acc)| {
                let loss = curve(101, 0.4, 1.0 - acc / 100.0, 0.002, k as u64);
                json!({"seed": k, "printed": (0..10).map(|i| loss[10 * i]).collect::<Vec<_>>(), "last_loss": loss[100], "val_acc": acc, "dead": false, "digest": "00", "loss_curve": loss})
            })
            .collect();
        let mean = accs.iter().sum::<f64>() / 3.0;
        let accuracy = json!({"mean": mean, "min": accs.iter().copied().fold(f64::INFINITY, f64::min), "max": accs.iter().copied().fold(0.0, f64::max)});
        json!({"network": network, "reduction": reduction, "accuracy": accuracy, "dead_runs": dead, "boundary_change": change, "runs": runs})
    };
    let part = json!({
        "activations": [
            {"name": "tanh", "value_error": 5.9e-8, "derivative_error": 1.1e-7, "value_error_f64": 1e-16, "derivative_error_f64": 2e-16},
            {"name": "sigmoid", "value_error": 5.9e-8, "derivative_error": 2.1e-8, "value_error_f64": 1e-16, "derivative_error_f64": 2e-16},
            {"name": "relu", "value_error": 0.0, "derivative_error": 0.0, "value_error_f64": 0.0, "derivative_error_f64": 0.0},
        ],
        "printed_epochs": (0..10).map(|k| 1000 * k).collect::<Vec<_>>(),
        "curve_every": 100,
        "xor": [
            xor("2-4-1 sigmoid", "sum", [93.0, 98.0, 99.0], 0, Some(7.3)),
            xor("2-4-1 tanh", "sum", [96.0, 98.0, 99.0], 0, Some(5.1)),
            xor("2-4-1 relu", "sum", [50.0, 97.0, 75.0], 1, Some(31.0)),
            xor("2-4-1 relu, sigmoid output", "sum", [95.0, 98.0, 97.0], 0, Some(9.0)),
            xor("2-1 sigmoid", "sum", [51.0, 49.0, 74.0], 0, Some(40.0)),
            xor("2-4-1 sigmoid", "mean", [50.0, 42.0, 61.0], 0, Some(40.0)),
            xor("2-4-1 tanh", "mean", [60.0, 70.0, 68.0], 0, Some(30.0)),
        ],
        "snapshots": {"steps": 20, "parameters": 98666, "lr": 0.01, "difference": 3.1e-5, "share_of_bound": 0.4, "difference_f64": 2.2e-14},
        "batches": [{"images": 45000, "batch": 50, "epochs": 15, "formula_an_epoch": 900, "formula_steps": 13500, "counted_an_epoch": 900, "counted_steps": 13500, "last_batch": 50}],
        "parameters": [
            {"table": "A", "network": "mlp_1", "input": "rgb", "image": [3, 32, 32], "prediction_bias": true, "formula": 98666, "built": 98666},
            {"table": "A", "network": "cnn_5", "input": "rgb", "image": [3, 32, 32], "prediction_bias": true, "formula": 8490, "built": 8490},
        ],
        "calibration": {"points": 10000, "mean_difference": 0.012, "mean_difference_untrained": 0.31, "rms_difference": 0.02, "cross_entropy": 0.2213, "least_cross_entropy": 0.2201, "accuracy": 93.1, "best_accuracy": 93.2, "reliability": {"error": 0.008, "bins": [
            {"from": 0.0, "to": 0.1, "count": 4600, "predicted": 0.012, "observed": 0.011}, {"from": 0.5, "to": 0.6, "count": 300, "predicted": 0.55, "observed": 0.54}]}},
        "meta": {"data_set": "XOR blobs (1000 training, 100 validation points)", "seed": 1, "flags": {"epochs": "10000"}, "seconds": 21.5, "device": "cpu (avx512, 2 threads)", "version": "0.1.0", "interrupted": false},
    });
    fs::write(out.file("part1.json"), part.to_string()).unwrap();
    for name in ["part1_activations", "part1_boundary_sum"] {
        figure(&out, name);
    }
}

pub fn part2(dir: &Path) {
    let out = out(dir, "part2");
    let part = json!({
        "samples_shape": [5, 1, 28, 28], "kernel_shape": [8, 1, 4, 4], "out_shape": [5, 8, 25, 25], "min": -720.61, "max": 655.15,
        "black_percent": 71.2, "white_percent": 26.3, "float32": {"max_error": 6.1e-5, "max_bound": 4.0e-4, "worst_share": 0.2},
        "correlation": {"same_kernel": 0.42, "same_sample": 0.03}, "correlation_clipped": {"same_kernel": 0.38, "same_sample": 0.05},
        "pictured": [5, 8],
        "meta": {"data_set": "samples_1.npy, kernel.npy", "seed": 1, "flags": {}, "seconds": 0.1, "device": "float64 definitions", "version": "0.1.0", "interrupted": false},
    });
    fs::write(out.file("part2.json"), part.to_string()).unwrap();
    for name in ["part2_clipped", "part2_normalised"] {
        picture(&out.file(&format!("{name}.png")), 218, 137);
    }
}
