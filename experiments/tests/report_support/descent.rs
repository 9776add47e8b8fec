//! Parts 4 and 5.
use super::{NAMES, PARAMETERS, Recipe, curve, figure, meta, out};
use ferrotape_experiments::results::{
    AdamRun, Part4, Part4Details, Part4Inputs, Part5, Part5Details, Plateau, ResultFile, Scheduled,
};
use std::path::Path;

pub fn part4(dir: &Path, recipe: Recipe) {
    let out = out(dir, "part4");
    for (k, name) in NAMES.into_iter().enumerate() {
        let (records, seed) = (recipe.records, 100 + 10 * k as u64);
        let flags = [("part", "4"), ("model", name), ("epochs", "15"), ("lr", "0.01")];
        let meta = meta(recipe, &flags, 250.0, PARAMETERS[k]);
        let sigmoid = [1.96, 1.96, 1.75, 2.303, 2.303][k];
        let layers = [2, 3, 4, 5, 7][k];
        let norms = |scale: f64, step: f64| -> Vec<Vec<f64>> {
            let one = |l: usize| curve(records, scale, 1.4 * scale, 0.3 * scale, seed + l as u64);
            (0..layers)
                .map(|l| one(l).iter().map(|n| n * f64::powi(step, (layers - 1 - l) as i32)).collect())
                .collect()
        };
        let [relu_norms, sigmoid_norms] = [norms(1.8, 0.9), norms(0.8, 0.18)];
        let result = Part4 {
            name: name.into(),
            relu_loss_curve: curve(records, 2.3, 1.6 - 0.1 * k as f64, 0.2, seed),
            sigmoid_loss_curve: curve(
                records,
                2.32,
                sigmoid,
                if sigmoid > 2.0 { 0.004 } else { 0.1 },
                seed + 1,
            ),
            relu_grad_curve: relu_norms[0].clone(),
            sigmoid_grad_curve: sigmoid_norms[0].clone(),
            meta: meta.clone(),
        };
        result.write(&out).unwrap();
        let details = Part4Details {
            name: name.into(),
            layers: (0..layers).map(|l| format!("{}.weight", 2 * l)).collect(),
            relu_norms,
            sigmoid_norms,
            relu_train_acc_curve: curve(records, 10.0, 50.0, 8.0, seed),
            sigmoid_train_acc_curve: curve(records, 10.0, 30.0, 8.0, seed),
            relu_test_acc: recipe.tests[k] - 3.0,
            sigmoid_test_acc: if sigmoid > 2.0 { 10.0 } else { 32.0 },
            meta,
        };
        details.write(&out).unwrap();
        for suffix in ["", "_layers"] {
            figure(&out, &format!("part4_{name}{suffix}"));
        }
    }
    for group in ["all", "mlps", "cnns", "depth"] {
        figure(&out, &format!("part4_{group}"));
    }
    let short = 200;
    let inputs = Part4Inputs {
        name: "cnn_3".into(),
        inputs: ["rgb", "raw255", "rgb01"].map(str::to_owned).into(),
        relu_loss_curves: vec![
            curve(recipe.records, 2.3, 1.3, 0.2, 1),
            curve(short, 8.0, 2.3, 0.2, 2),
            curve(recipe.records, 2.3, 1.5, 0.2, 3),
        ],
        sigmoid_loss_curves: vec![
            curve(recipe.records, 2.3, 1.8, 0.1, 4),
            curve(recipe.records, 2.6, 2.1, 0.2, 5),
            curve(recipe.records, 2.3, 2.0, 0.1, 6),
        ],
        relu_grad_curves: vec![
            curve(recipe.records, 1.0, 1.4, 0.4, 1),
            curve(short, 800.0, 300.0, 90.0, 2),
            curve(recipe.records, 0.6, 0.8, 0.2, 3),
        ],
        sigmoid_grad_curves: vec![
            curve(recipe.records, 0.1, 0.15, 0.04, 1),
            curve(recipe.records, 3.0, 2.0, 0.9, 2),
            curve(recipe.records, 0.05, 0.08, 0.02, 3),
        ],
        relu_test_accs: vec![55.0, 10.0, 48.0],
        sigmoid_test_accs: vec![35.0, 21.0, 26.0],
        relu_diverged_at: vec![0, 2010, 0],
        sigmoid_diverged_at: vec![0, 0, 0],
        meta: meta(recipe, &[("part", "4"), ("epochs", "15"), ("lr", "0.01")], 700.0, PARAMETERS[2]),
    };
    inputs.write(&out).unwrap();
    figure(&out, "part4_inputs_cnn_3");
}

pub fn part5(dir: &Path, recipe: Recipe) {
    let out = out(dir, "part5");
    let (n, test) = (recipe.records * 4 / 3, recipe.tests[2]);
    let meta = |schedule: &str| {
        let flags = [
            ("part", "5"),
            ("model", "cnn_3"),
            ("epochs", "20"),
            ("schedule_epochs", "30"),
            ("schedule", schedule),
        ];
        meta(recipe, &flags, 900.0, PARAMETERS[2])
    };
    let constant = Part5 {
        name: "cnn_3".into(),
        loss_curve_1: curve(n, 2.3, 1.1, 0.25, 1),
        loss_curve_01: curve(n, 2.3, 1.2, 0.2, 2),
        loss_curve_001: curve(n, 2.31, 1.8, 0.15, 3),
        val_acc_curve_1: curve(n, 12.0, test - 3.0, 3.0, 4),
        val_acc_curve_01: curve(n, 11.0, test - 1.0, 1.0, 5),
        val_acc_curve_001: curve(n, 10.0, test - 20.0, 0.5, 6),
        meta: meta("constant"),
    };
    constant.write(&out).unwrap();
    let m = recipe.records * 2;
    for (which, gain) in [("sch_1", 1.0), ("sch_01", 1.8)] {
        let s = Scheduled {
            name: "cnn_3".into(),
            loss_curve_1: curve(m, 2.3, 1.0, 0.2, 7),
            val_acc_curve_1: curve(m, 12.0, test + gain, 0.4, 8),
            meta: meta(which),
        };
        s.write(&out).unwrap();
        figure(&out, &format!("part5_cnn_3_{which}"));
    }
    let plateau =
        |epoch: u64| Plateau { epoch, record: epoch as usize * recipe.records / 15, how: "found".into() };
    let details = Part5Details {
        name: "cnn_3".into(),
        rates: vec![0.1, 0.01, 0.001],
        test_accs: vec![test - 2.0, test - 0.5, test - 19.0],
        seconds: vec![300.0, 301.0, 299.0],
        method: "validation accuracy averaged over each epoch; the rate falls after the first epoch that none of the next 3 exceeds by 0.5 points".into(),
        plateaus: vec![plateau(8), plateau(17)],
        records_per_epoch: recipe.records as f64 / 15.0,
        scheduled_test_accs: vec![test + 0.7, test + 1.5],
        scheduled_seconds: vec![450.0, 455.0],
        scheduled_steps: vec![27_000, 27_000],
        adam: AdamRun {
            source: "part3/part3_cnn_3.json".into(),
            val_acc_curve: curve(recipe.records, 14.0, test + 0.3, 0.8, 9),
            test_acc: test,
            steps: 13_500,
            seconds: 285.0,
        },
        meta: meta("details"),
    };
    details.write(&out).unwrap();
    figure(&out, "part5_cnn_3");
    figure(&out, "part5_cnn_3_adam");
}
