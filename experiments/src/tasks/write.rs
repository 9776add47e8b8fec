//! What a network of a task gives: curves, confusion, histograms.
use super::{Spec, activations::histograms};
use crate::{
    figure::{self, Chart, Panel, Scale, Series},
    results::{Histogram, Meta, Task},
    session::{Run, Session, with_params},
};
use anyhow::Result;

/// Results and figures of a network.
pub(super) fn write(session: &Session, spec: &Spec, run: &Run) -> Result<Task> {
    let history = &run.history;
    let per_epoch = session.splits.train.len().div_ceil(spec.protocol.batch) as f64;
    let records = 1..=history.loss.len();
    let activations = histograms(session, spec, run)?;
    let stem = spec.network.name;
    let task = Task {
        task: spec.task,
        network: spec.number,
        description: spec.description.clone(),
        x: records.map(|k| (k as u64 * spec.protocol.eval_every) as f64 / per_epoch).collect(),
        x_label: spec.unit.into(),
        train_loss_curve: history.loss.clone(),
        test_loss_curve: history.val_loss.clone(),
        train_acc_curve: history.train_acc.clone(),
        test_acc_curve: history.val_acc.clone(),
        test: session.answers(run, stem, &spec.title())?,
        activations: activations.iter().map(stored).collect(),
        meta: meta(session, spec, run),
    };
    chart(session, spec, &task).draw()?.write(&session.out.file(&format!("{stem}_curves")))?;
    let title = session.title(&format!("{}: activations on test images", spec.title()));
    figure::histograms(&title, "activation", &activations, true)?
        .write(&session.out.file(&format!("{stem}_activations")))?;
    session.write(&task)?;
    let near: Vec<String> = activations.iter().map(|h| format!("{:.1} %", h.near_zero_percent())).collect();
    session.say(&format!(
        "{}: test {:.2} %, activations near zero: {}",
        spec.network.name,
        history.test_acc,
        near.join(", ")
    ));
    Ok(task)
}

/// A histogram as it is written.
fn stored(h: &figure::Histogram) -> Histogram {
    let width = (h.high - h.low) / h.counts.len() as f64;
    Histogram {
        layer: h.name.clone(),
        edges: (0..=h.counts.len()).map(|k| h.low + k as f64 * width).collect(),
        counts: h.counts.clone(),
        near: h.near,
        near_zero: h.near_zero_percent() / 100.0,
    }
}

/// Losses and accuracies, training solid and test dashed, with the accuracy of guessing.
fn chart(session: &Session, spec: &Spec, task: &Task) -> Chart {
    let pair = |train: &[f64], test: &[f64]| {
        [
            Series::new("training", 0, train).at(task.x.as_slice()),
            Series::new("test", 1, test).at(task.x.as_slice()).dashed(),
        ]
    };
    let guessing = 100.0 / session.variant.classes as f64;
    Chart::new(session.title(&format!("{}: {}", spec.title(), task.description)))
        .panel(
            Panel::new("losses", "loss")
                .over(&task.x_label)
                .series(pair(&task.train_loss_curve, &task.test_loss_curve)),
        )
        .panel(
            Panel::new("accuracies", "accuracy (%)")
                .over(&task.x_label)
                .scale(Scale::Percent)
                .series(pair(&task.train_acc_curve, &task.test_acc_curve))
                .level(guessing, "guessing"),
        )
}

fn meta(session: &Session, spec: &Spec, run: &Run) -> Meta {
    let Spec { protocol, rule, .. } = spec;
    let flags = session.flags([
        ("part", format!("task{}", spec.task)),
        ("model", spec.network.name.into()),
        ("layers", format!("{:?}", spec.network.layers)),
        ("activation", spec.activation.to_string()),
        ("epochs", protocol.epochs.to_string()),
        ("batch", protocol.batch.to_string()),
        ("lr", protocol.rate.lr.to_string()),
        ("l2", rule.weight_decay.to_string()),
    ]);
    let history = &run.history;
    Meta {
        seconds: history.seconds,
        run_test_accs: vec![history.test_acc],
        interrupted: history.interrupted,
        diverged_at: history.diverged_at,
        diverged_by: history.diverged_by.clone(),
        ..with_params(session.meta(flags), &run.params)
    }
}
