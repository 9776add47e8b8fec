//! The tasks of the fourth source.
use super::{
    Chapter, Charting, Pictures,
    charts::{Line, charts},
    evaluation,
};
use crate::{
    report::{
        document::{Block, Chart, Section},
        load::Results,
        words::{duration, hundredths, percent, thousands},
    },
    results::{Histogram, Task},
};

pub(super) fn section(results: &Results, pictures: &mut Pictures, task: u32) -> Section {
    let networks = results.task(task);
    let title = match task {
        1 => "Fourth source, task 1: networks trained by hand",
        _ => "Fourth source, task 2: regularised CNNs",
    };
    let id = format!("task{task}");
    let mut chapter = Chapter::new(&id, title, !networks.is_empty(), pictures);
    if !networks.is_empty() {
        chapter.figure(
            &format!("{id}/samples"),
            "A sample of this task's images: ten classes, eight images of each.",
        );
        chapter.extend(super::ended_early(results, &format!("task {task}")));
        chapter.push(numbers(&networks));
    }
    for t in networks {
        network(&mut chapter, t);
    }
    chapter.finish(&id, Vec::new())
}

fn numbers(tasks: &[&Task]) -> Block {
    let last = |curve: &[f64]| curve.last().copied().unwrap_or(0.0);
    let rows = tasks.iter().map(|t| {
        vec![
            format!("({}) {}", t.network, t.description),
            thousands(t.meta.parameters as u64),
            format!("{:.3}", last(&t.train_loss_curve)),
            format!("{:.3}", last(&t.test_loss_curve)),
            hundredths(last(&t.train_acc_curve)),
            hundredths(last(&t.test_acc_curve)),
            duration(t.meta.seconds),
        ]
    });
    let head = ["network", "parameters", "training loss", "test loss", "training %", "test %", "time"];
    Block::table("At the end of training", &head, rows.collect())
}

fn network(chapter: &mut Chapter<'_>, t: &Task) {
    let prefix = format!("task{0}/task{0}_{1}", t.task, t.network);
    let name = format!("network {}", t.network);
    chapter.push(Block::heading(format!("({}) {}", t.network, t.description)));
    let chance = vec![100.0 / t.test.classes.len() as f64; t.x.len()];
    let losses = [Line::new("training", 0, &t.train_loss_curve), Line::new("test", 1, &t.test_loss_curve)];
    let accuracies = [
        Line::new("training", 0, &t.train_acc_curve),
        Line::new("test", 1, &t.test_acc_curve),
        Line::new("chance", 2, &chance).dashed(),
    ];
    let panels = vec![
        Chart::over("loss", [&t.x_label, "loss"], &t.x, &losses),
        Chart::over("accuracy", [&t.x_label, "accuracy (%)"], &t.x, &accuracies),
    ];
    let still = chapter.pictures.take(&format!("{prefix}_curves"));
    chapter.push(charts(panels, &format!("{name}: loss and accuracy, chance dashed"), still));
    let mut blocks = vec![evaluation::confusion(&name, &t.test), evaluation::classes(&name, &t.test)];
    blocks.extend(super::figure(
        chapter.pictures,
        &format!("{prefix}_confusion"),
        &format!("{name}: confusion matrix."),
    ));
    blocks.extend(evaluation::rankings(&name, &t.test, chapter.pictures.take(&format!("{prefix}_rankings"))));
    blocks.extend(super::figure(
        chapter.pictures,
        &format!("{prefix}_classes"),
        &format!("{name}: classes."),
    ));
    chapter.push(Block::Fold { title: format!("{name}: confusion matrix and classes"), blocks });
    if !t.activations.is_empty() {
        let row = |h: &Histogram| {
            vec![
                h.layer.clone(),
                percent(100.0 * h.near_zero),
                format!("{}", h.near),
                thousands(h.counts.iter().sum::<u64>()),
            ]
        };
        chapter.push(Block::table(
            format!("{name}: activations near zero on test images"),
            &["layer", "share near zero", "at most", "activations"],
            t.activations.iter().map(row).collect(),
        ));
    }
    chapter.figure(&format!("{prefix}_activations"), &format!("{name}: histogram of activations."));
    let rest = chapter.pictures.take_all(&format!("{prefix}_"));
    chapter.extend(rest.into_iter().map(|p| super::shown(p, None)));
}
