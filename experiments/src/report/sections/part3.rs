//! Part 3: architectures.
use super::{
    Chapter, Charting, Pictures,
    charts::{Line, covered},
    evaluation,
};
use crate::{
    report::{
        answers,
        document::{Block, Chart, Figure, Section},
        facts::{Architecture, Family, architectures},
        load::{Network, Results},
        words::{duration, hundredths, signed, thousands},
    },
    results::{Part3, Part3Details},
};

pub(super) fn section(results: &Results, pictures: &mut Pictures) -> Section {
    let mut chapter = Chapter::new("part3", "Part 3: architectures", !results.part3.is_empty(), pictures);
    if !results.part3.is_empty() {
        chapter.extend(super::ended_early(results, "part 3"));
        let all = architectures(results);
        chapter.push(structures(&all));
        chapter.push(numbers(results));
        chapter.push(curves(&results.part3));
        chapter.figure("part3/part3_all", "Part 3, all networks. On the diagonals a network does on unseen images as well as on its training batches.");
        weights(&mut chapter, &all);
        chapter.push(Block::heading("Network by network"));
        for network in &results.part3 {
            let block = one(chapter.pictures, network);
            chapter.push(block);
        }
    }
    chapter.finish("part3", answers::part3::answers(results))
}

fn structures(all: &[Architecture]) -> Block {
    let row = |a: &Architecture| {
        vec![a.name.clone(), a.layers.clone().unwrap_or_else(|| "not one of the tables'".into())]
    };
    Block::words("The networks, from the input on", &["network", "layers"], all.iter().map(row).collect())
}

fn numbers(results: &Results) -> Block {
    let row = |(a, n): (Architecture, &Network<Part3, Part3Details>)| {
        let meta = &n.result.meta;
        let runs = match meta.run_test_accs.len() {
            0 | 1 => "1".to_owned(),
            _ => {
                let least = meta.run_test_accs.iter().copied().fold(f64::INFINITY, f64::min);
                format!("{} (least {})", meta.runs, hundredths(least))
            }
        };
        vec![
            a.name.clone(),
            thousands(a.parameters as u64),
            format!("{:.3}", a.loss),
            hundredths(a.train),
            hundredths(a.validation),
            hundredths(a.test),
            signed(a.gap()),
            runs,
            duration(a.seconds),
        ]
    };
    let rows = architectures(results).into_iter().zip(&results.part3).map(row).collect();
    let head =
        ["network", "parameters", "loss", "training %", "validation %", "test %", "gap", "runs", "time"];
    Block::table(
        "Loss, training and validation accuracy are means of the last 50 records; test accuracy is the best run's; gap: training less test",
        &head,
        rows,
    )
}

fn curves(networks: &[Network<Part3, Part3Details>]) -> Block {
    let results = || networks.iter().map(|n| &n.result).enumerate();
    let losses: Vec<Line> = results().map(|(k, r)| Line::new(&r.name, k, &r.loss_curve)).collect();
    let accuracies: Vec<Line> = results()
        .flat_map(|(k, r)| {
            let training = Line::new(format!("{} training", r.name), k, &r.train_acc_curve);
            [training, Line::new(format!("{} validation", r.name), k, &r.val_acc_curve).dashed()]
        })
        .collect();
    covered(
        vec![
            Chart::over_records("training_loss", "loss", &losses),
            Chart::over_records("train_and_val_accuracies", "accuracy (%)", &accuracies),
        ],
        "All networks. Bold: moving averages; pale: each record.",
    )
}

/// Pictures of first-layer weights, before and after: MLP units are images and want room, filters do not.
fn weights(chapter: &mut Chapter<'_>, all: &[Architecture]) {
    chapter.push(Block::heading("Weights"));
    let groups = [
        (Family::Mlp, 2, "First-layer weights of the MLPs before and after training: a cell a unit"),
        (Family::Cnn, 4, "First-layer weights of the CNNs before and after training: a cell a filter"),
    ];
    for (family, columns, caption) in groups {
        let mut figures = Vec::new();
        for a in all.iter().filter(|a| a.family == family) {
            for when in ["before", "after"] {
                let picture = chapter.pictures.take(&format!("part3/weights_{}_{when}", a.name));
                let caption = format!("{}, {when}", a.name);
                figures.extend(picture.map(|picture| Figure { picture, caption, pixelated: false }));
            }
        }
        if figures.is_empty() {
            chapter.push(Block::note(format!("{caption}: there are no pictures in this folder.")));
        } else {
            chapter.push(Block::Gallery { figures, caption: caption.into(), columns });
        }
    }
}

fn one(pictures: &mut Pictures, network: &Network<Part3, Part3Details>) -> Block {
    let name = &network.result.name;
    let mut blocks = Vec::new();
    blocks.extend(super::figure(pictures, &format!("part3/part3_{name}"), &format!("Part 3, {name}.")));
    match &network.details {
        Some(details) => {
            blocks.push(evaluation::confusion(name, &details.test));
            blocks.push(evaluation::classes(name, &details.test));
            let still = pictures.take(&format!("part3/part3_{name}_rankings"));
            blocks.extend(evaluation::rankings(name, &details.test, still));
        }
        None => blocks.push(Block::note(format!(
            "Answers class by class: not run (`part3_{name}_details.json` is absent)."
        ))),
    }
    let rest = pictures.take_all(&format!("part3/part3_{name}_"));
    blocks.extend(rest.into_iter().map(|p| super::shown(p, None)));
    Block::Fold { title: format!("{name}: curves, confusion matrix, classes"), blocks }
}
