//! Part 3.
use super::{CIFAR, NAMES, Noise, PARAMETERS, Recipe, curve, evaluation, figure, meta, out, picture};
use ferrotape_experiments::results::{Meta, Nested, Part3, Part3Details, ResultFile};
use std::path::Path;

pub fn part3(dir: &Path, recipe: Recipe) {
    let out = out(dir, "part3");
    for (k, name) in NAMES.into_iter().enumerate() {
        let (test, seed) = (recipe.tests[k], 10 * k as u64);
        let training = test + if k < 2 { 6.0 } else { 1.5 };
        let shape: &[usize] = if k < 2 { &[32, 3072] } else { &[16, 3, 3, 3] };
        let mut random = Noise(seed);
        let size: usize = shape.iter().product();
        let weights = (0..size).map(|i| ((i as f64 / 5.0).sin() + random.next()) as f32 / 10.0).collect();
        let seconds = [30.0, 32.0, 285.0, 348.0, 310.0][k];
        let flags = [("part", "3"), ("model", name), ("epochs", "15"), ("lr", "0.001")];
        let meta = Meta { run_test_accs: vec![test], ..meta(recipe, &flags, seconds, PARAMETERS[k]) };
        let result = Part3 {
            name: name.into(),
            loss_curve: curve(recipe.records, 2.3, 2.6 - training / 40.0, 0.2, seed),
            train_acc_curve: curve(recipe.records, 12.0, training, 12.0, seed + 1),
            val_acc_curve: curve(recipe.records, 14.0, test + 0.4, 0.8, seed + 2),
            test_acc: test,
            weights: Nested::new(shape, weights),
            meta: meta.clone(),
        };
        result.write(&out).unwrap();
        let test = evaluation(CIFAR, test, seed);
        let none = Vec::new;
        Part3Details {
            name: name.into(),
            loss_std: none(),
            train_acc_std: none(),
            val_acc_std: none(),
            test,
            meta,
        }
        .write(&out)
        .unwrap();
        figure(&out, &format!("part3_{name}"));
        for when in ["before", "after"] {
            picture(&out.file(&format!("weights_{name}_{when}.png")), 60, 60);
        }
    }
    figure(&out, "part3_all");
}
