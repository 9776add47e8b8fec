//! What a result must fulfil beyond its keys, so that nothing that shows it can fail.
use crate::results::{
    Evaluation, Part3, Part3Details, Part4, Part4Details, Part4Inputs, Part5, Part5Details, ResultFile,
    Scheduled, Task, part1::Part1, part2::Part2,
};
use std::path::Path;

/// A result file whose lists have the lengths that they must have.
pub trait Checked: Sized {
    /// The file's name without extension.
    fn stem(&self) -> String;

    /// Reads a file.
    ///
    /// # Errors
    /// As [`ResultFile::read`].
    fn read(path: &Path) -> crate::output::Result<Self>;

    /// What is wrong with it.
    ///
    /// # Errors
    /// The key and what was expected.
    fn check(&self) -> Result<(), String>;
}

macro_rules! checked {
    ($($result:ty: $check:expr;)*) => {$(
        impl Checked for $result {
            fn stem(&self) -> String {
                ResultFile::stem(self)
            }
            fn read(path: &Path) -> crate::output::Result<Self> {
                ResultFile::read(path)
            }
            fn check(&self) -> Result<(), String> {
                let check: fn(&Self) -> Result<(), String> = $check;
                check(self)
            }
        }
    )*};
}

checked! {
    Part1: |_| Ok(());
    Part2: |r| match (&r.samples_shape[..], &r.kernel_shape[..]) {
        (&[n, c, h, w], &[o, channels, kh, kw]) if c == channels && (1..=h).contains(&kh) && (1..=w).contains(&kw) => {
            let expected = [n, o, h - kh + 1, w - kw + 1];
            let values = expected.iter().try_fold(1usize, |values, &size| values.checked_mul(size));
            if r.out_shape == expected && values.is_some() {
                Ok(())
            } else {
                Err(format!("out_shape is {:?}, expected {expected:?}, and that many numbers", r.out_shape))
            }
        }
        (x, w) => Err(format!("a kernel of {w:?} does not go over samples of {x:?}")),
    };
    Part3: |r| {
        let records = r.loss_curve.len();
        some("loss_curve", records)?;
        length("train_acc_curve", r.train_acc_curve.len(), records)?;
        length("val_acc_curve", r.val_acc_curve.len(), records)
    };
    Part3Details: |r| evaluation(&r.test);
    Part4: |r| {
        some("relu_loss_curve", r.relu_loss_curve.len())?;
        some("sigmoid_loss_curve", r.sigmoid_loss_curve.len())?;
        length("relu_grad_curve", r.relu_grad_curve.len(), r.relu_loss_curve.len())?;
        length("sigmoid_grad_curve", r.sigmoid_grad_curve.len(), r.sigmoid_loss_curve.len())
    };
    Part4Details: |r| {
        length("relu_norms", r.relu_norms.len(), r.layers.len())?;
        length("sigmoid_norms", r.sigmoid_norms.len(), r.layers.len())
    };
    Part4Inputs: |r| {
        let inputs = r.inputs.len();
        let curves = [&r.relu_loss_curves, &r.sigmoid_loss_curves, &r.relu_grad_curves, &r.sigmoid_grad_curves];
        for (key, curves) in ["relu_loss_curves", "sigmoid_loss_curves", "relu_grad_curves", "sigmoid_grad_curves"].iter().zip(curves) {
            length(key, curves.len(), inputs)?;
        }
        length("relu_test_accs", r.relu_test_accs.len(), inputs)?;
        length("sigmoid_test_accs", r.sigmoid_test_accs.len(), inputs)?;
        length("relu_diverged_at", r.relu_diverged_at.len(), inputs)?;
        length("sigmoid_diverged_at", r.sigmoid_diverged_at.len(), inputs)
    };
    Part5: |r| {
        some("loss_curve_01", r.loss_curve_01.len())?;
        let pairs = [
            ("val_acc_curve_1", &r.val_acc_curve_1, &r.loss_curve_1),
            ("val_acc_curve_01", &r.val_acc_curve_01, &r.loss_curve_01),
            ("val_acc_curve_001", &r.val_acc_curve_001, &r.loss_curve_001),
        ];
        pairs.into_iter().try_for_each(|(key, a, b)| length(key, a.len(), b.len()))
    };
    Scheduled: |r| {
        some("loss_curve_1", r.loss_curve_1.len())?;
        length("val_acc_curve_1", r.val_acc_curve_1.len(), r.loss_curve_1.len())
    };
    Part5Details: |r| {
        length("rates", r.rates.len(), 3)?;
        length("test_accs", r.test_accs.len(), 3)?;
        length("seconds", r.seconds.len(), 3)?;
        length("plateaus", r.plateaus.len(), 2)?;
        length("scheduled_test_accs", r.scheduled_test_accs.len(), 2)?;
        length("scheduled_seconds", r.scheduled_seconds.len(), 2)?;
        length("scheduled_steps", r.scheduled_steps.len(), 2)
    };
    Task: |r| {
        some("x", r.x.len())?;
        let curves = [
            ("train_loss_curve", &r.train_loss_curve),
            ("test_loss_curve", &r.test_loss_curve),
            ("train_acc_curve", &r.train_acc_curve),
            ("test_acc_curve", &r.test_acc_curve),
        ];
        curves.into_iter().try_for_each(|(key, curve)| length(key, curve.len(), r.x.len()))?;
        for h in &r.activations {
            length("activations.edges", h.edges.len(), h.counts.len() + 1)?;
        }
        evaluation(&r.test)
    };
}

fn some(key: &str, found: usize) -> Result<(), String> {
    if found == 0 { Err(format!("{key} is empty, expected at least one record")) } else { Ok(()) }
}

fn length(key: &str, found: usize, expected: usize) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{key} has {found} values, expected {expected}")) }
}

/// Everything a value a class; curves as they are.
fn evaluation(e: &Evaluation) -> Result<(), String> {
    let classes = e.classes.len();
    some("test.classes", classes)?;
    length("test.confusion", e.confusion.len(), classes)?;
    for row in &e.confusion {
        length("a row of test.confusion", row.len(), classes)?;
    }
    let lists = [("precision", &e.precision), ("recall", &e.recall), ("f1", &e.f1)];
    lists.into_iter().try_for_each(|(key, list)| length(key, list.len(), classes))?;
    for (key, curves) in [("roc", &e.roc), ("precision_recall", &e.precision_recall)] {
        if !curves.is_empty() {
            length(key, curves.len(), classes)?;
        }
        for curve in curves {
            length(&format!("a curve of {key}"), curve.y.len(), curve.x.len())?;
        }
    }
    Ok(())
}
