//! Part 1: activation functions, XOR, concepts by numbers.
use super::{
    Chapter, Charting, Pictures,
    charts::{Line, charts},
};
use crate::report::{
    answers,
    curves::mean,
    document::{Block, Chart, Section},
    load::{ParameterCount, Part1, Results, Xor},
    words::{hundredths, magnitude, percent, thousands},
};

pub(super) fn section(results: &Results, pictures: &mut Pictures) -> Section {
    let part = results.part1.as_ref();
    let mut chapter = Chapter::new("part1", "Part 1: basics", part.is_some(), pictures);
    chapter.push(Block::heading("Activation functions"));
    chapter.push(formulas());
    if let Some(part) = part {
        activations(&mut chapter, part);
        xor(&mut chapter, part);
        concepts(&mut chapter, part);
    }
    chapter.finish("part1", answers::part1::answers(results))
}

fn formulas() -> Block {
    let rows = [
        ["tanh", "(e²ˣ − 1) / (e²ˣ + 1)", "1 − tanh² x", "(−1, 1)"],
        ["sigmoid σ", "1 / (1 + e⁻ˣ)", "σ(x) (1 − σ(x))", "(0, 1)"],
        ["ReLU", "max(0, x)", "1 for x > 0, else 0", "[0, ∞)"],
    ];
    let rows = rows.map(|row| row.map(str::to_owned).into()).into();
    Block::words(
        "Definitions and derivatives; at 0 ReLU's derivative is taken as 0",
        &["function", "f(x)", "f′(x)", "range"],
        rows,
    )
}

fn activations(chapter: &mut Chapter<'_>, part: &Part1) {
    for picture in chapter.pictures.take_all("part1/part1_activation") {
        chapter.push(super::shown(picture, Some("The functions and their derivatives over [−5, 5].")));
    }
    let rows = part
        .activations
        .iter()
        .map(|a| vec![a.name.clone(), magnitude(a.value_error), magnitude(a.derivative_error)]);
    chapter.push(Block::table(
        "Largest difference of the tape's float32 values and derivatives from the formulas",
        &["function", "value", "derivative"],
        rows.collect(),
    ));
}

fn xor(chapter: &mut Chapter<'_>, part: &Part1) {
    chapter.push(Block::heading("XOR"));
    let row = |x: &Xor| {
        let a = &x.accuracy;
        vec![
            x.network.clone(),
            x.reduction.clone(),
            x.runs.len().to_string(),
            hundredths(a.mean),
            hundredths(a.min),
            hundredths(a.max),
            x.dead_runs.to_string(),
            x.boundary_change.map_or("–".into(), percent),
        ]
    };
    let head =
        ["network", "gradient of the", "runs", "mean", "least", "most", "dead runs", "boundary differs on"];
    chapter.push(Block::table(
        "Validation accuracy in percent. A run is dead when it gives every point the same output",
        &head,
        part.xor.iter().map(row).collect(),
    ));
    chapter.push(Block::text(reductions(&part.xor)));
    let panels: Vec<Chart> =
        ["sum", "mean"].into_iter().filter_map(|reduction| losses_chart(part, reduction)).collect();
    if !panels.is_empty() {
        let still = chapter.pictures.take("part1/part1_losses");
        let caption =
            "XOR: mean squared error, mean of all runs, by the gradient of half the sum and of half the mean";
        chapter.push(charts(panels, caption, still));
    }
    for (reduction, folded) in [("sum", false), ("mean", true)] {
        let printed = losses(part, reduction);
        if folded {
            chapter.push(Block::Fold {
                title: format!("Losses by the gradient of the {reduction}"),
                blocks: vec![printed],
            });
        } else {
            chapter.push(printed);
        }
    }
    for picture in chapter.pictures.take_all("part1/part1_boundary_") {
        let which = picture.name.trim_start_matches("part1/part1_boundary_").replace('_', " ");
        let caption =
            format!("Decision boundaries: {which}. Light coral and light blue are the sides of 0.5.");
        chapter.push(super::shown(picture, Some(&caption)));
    }
}

/// Each network's loss, averaged over its runs, under one reduction; absent where it was not run.
fn losses_chart(part: &Part1, reduction: &str) -> Option<Chart> {
    let networks = part.xor.iter().filter(|x| x.reduction == reduction && !x.runs.is_empty());
    let curves: Vec<(&str, Vec<f64>)> = networks.map(|x| (x.network.as_str(), mean_loss(x))).collect();
    let longest = curves.iter().map(|(_, curve)| curve.len()).max().filter(|&n| n > 0)?;
    let epochs: Vec<f64> = (0..longest as u64).map(|i| (i * part.curve_every) as f64).collect();
    let lines: Vec<Line> =
        curves.iter().enumerate().map(|(k, (name, curve))| Line::new(*name, k, curve)).collect();
    let title = format!("loss by the gradient of half the {reduction}");
    let chart = Chart::over(&title, ["epoch", "mean squared error"], &epochs, &lines).log();
    Some(Chart { classes: true, ..chart })
}

/// Losses of all runs averaged, as far as the shortest goes.
fn mean_loss(x: &Xor) -> Vec<f64> {
    let records = x.runs.iter().map(|run| run.loss_curve.len()).min().unwrap_or(0);
    (0..records).map(|i| mean(&x.runs.iter().map(|run| run.loss_curve[i]).collect::<Vec<_>>())).collect()
}

fn reductions(xor: &[Xor]) -> String {
    let best = |reduction: &str| {
        let accuracies =
            xor.iter().filter(|x| !x.is_single_layer() && x.reduction == reduction).map(|x| x.accuracy.mean);
        accuracies.fold(f64::NAN, f64::max)
    };
    let (sum, mean) = (best("sum"), best("mean"));
    match (sum.is_finite(), mean.is_finite()) {
        (true, true) => format!(
            "The update uses the gradient of half the sum of squared errors: with it the best network with a hidden layer gets {} on \
             average. With that of the mean, a thousandth of it at the same rate, the best gets {}.",
            percent(sum),
            percent(mean)
        ),
        _ => "Only one of the reductions, sum and mean, was run.".into(),
    }
}

/// Losses at the printed epochs, first run of each network.
fn losses(part: &Part1, reduction: &str) -> Block {
    let networks: Vec<&Xor> =
        part.xor.iter().filter(|x| x.reduction == reduction && !x.runs.is_empty()).collect();
    let mut head = vec!["epoch"];
    head.extend(networks.iter().map(|x| x.network.as_str()));
    let row = |(k, epoch): (usize, &u64)| {
        let loss = |x: &&Xor| x.runs[0].printed.get(k).map_or("–".into(), |l| format!("{l:.4}"));
        std::iter::once(thousands(*epoch)).chain(networks.iter().map(loss)).collect()
    };
    let rows = part.printed_epochs.iter().enumerate().map(row).collect();
    let right: Vec<String> = std::iter::once("% right".to_owned())
        .chain(networks.iter().map(|x| hundredths(x.runs[0].val_acc)))
        .collect();
    let mut rows: Vec<Vec<String>> = rows;
    rows.push(right);
    Block::table(
        format!("Mean squared error of the first run, by the gradient of the {reduction}"),
        &head,
        rows,
    )
}

fn concepts(chapter: &mut Chapter<'_>, part: &Part1) {
    chapter.push(Block::heading("Concepts by numbers"));
    let s = &part.snapshots;
    chapter.push(Block::text(format!(
        "(a) **Gradients from weights.** (Wₖ − Wₖ₊₁) / lr of two snapshots differs from `backward`'s gradient by at most {} of its \
         largest entry in float32 and {} in float64, over {} steps and {} parameters: the same but for rounding.",
        magnitude(s.difference),
        magnitude(s.difference_f64),
        s.steps,
        thousands(s.parameters as u64)
    )));
    let rows = part.batches.iter().map(|b| {
        let numbers = [
            b.images,
            b.batch,
            b.epochs,
            b.formula_an_epoch,
            b.counted_an_epoch,
            b.formula_steps,
            b.counted_steps,
        ];
        numbers.map(|n| thousands(n as u64)).into()
    });
    let head = ["N", "B", "epochs E", "⌈N/B⌉", "counted", "E ⌈N/B⌉", "counted"];
    chapter.push(Block::table(
        "(b) Batches an epoch and steps in all, by formula and counted",
        &head,
        rows.collect(),
    ));
    chapter.push(Block::text(
        "(c) **Parameters.** MLP: D_in H₁ + H₁ + Σₖ₌₂ (Hₖ₋₁ Hₖ + Hₖ) + H_K D_out + D_out. CNN: Σₖ (Hₖ Wₖ Cₖ₋₁ Cₖ + Cₖ) with C₀ = C_in, plus \
         the prediction layer. (The formulas in the published reports are wrong.) A layer without bias lacks its last term."
            .to_owned(),
    ));
    chapter.extend(parameters(part));
    let c = &part.calibration;
    chapter.push(Block::text(format!(
        "(d) **Cross-entropy approximates P(y|x).** On {} fresh points whose true probabilities are known the softmax is off by {:.3} on average \
         (before training {:.3}); its cross-entropy is {:.4}, the least possible {:.4}; expected calibration error {:.3}.",
        thousands(c.points as u64),
        c.mean_difference,
        c.mean_difference_untrained,
        c.cross_entropy,
        c.least_cross_entropy,
        c.reliability.error
    )));
    let rows = c.reliability.bins.iter().filter(|b| b.count > 0);
    let rows =
        rows.map(|b| vec![format!("{:.3}", b.predicted), format!("{:.3}", b.observed), thousands(b.count)]);
    chapter.figure("part1/part1_calibration", "Predicted probabilities against shares that came true.");
    chapter.push(Block::table(
        "Predicted probability against the share that came true",
        &["predicted", "came true", "points"],
        rows.collect(),
    ));
}

/// Formula against built networks: a sentence, and all of them folded away.
fn parameters(part: &Part1) -> [Block; 2] {
    let (all, wrong) =
        (part.parameters.len(), part.parameters.iter().filter(|p| p.formula != p.built).count());
    let verdict = Block::text(match wrong {
        0 => format!("All {all} networks that were built have as many parameters as the formula says."),
        _ => {
            format!("**{wrong} of {all} networks have another number of parameters than the formula says.**")
        }
    });
    let row = |p: &ParameterCount| {
        let bias = if p.prediction_bias { "" } else { ", no prediction bias" };
        let same = if p.formula == p.built { "equal" } else { "**different**" };
        vec![
            format!("{}, table {}{bias}", p.network, p.table),
            p.input.clone(),
            thousands(p.formula as u64),
            thousands(p.built as u64),
            same.into(),
        ]
    };
    let table = Block::table(
        "Parameters by formula and of the built network",
        &["network", "input", "formula", "built", ""],
        part.parameters.iter().map(row).collect(),
    );
    [verdict, Block::Fold { title: "Every network's parameters".into(), blocks: vec![table] }]
}
