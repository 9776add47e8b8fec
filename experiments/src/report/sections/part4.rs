//! Part 4: activation functions.
use super::{
    Chapter, Charting, Pictures,
    charts::{Line, charts},
};
use crate::{
    report::{
        answers,
        document::{Block, Chart, Section},
        facts::descents,
        load::Results,
        words::{hundredths, magnitude},
    },
    results::{Part4, Part4Inputs},
};

pub(super) fn section(results: &Results, pictures: &mut Pictures) -> Section {
    let run = !(results.part4.is_empty() && results.inputs.is_empty());
    let mut chapter = Chapter::new("part4", "Part 4: activation functions", run, pictures);
    if !results.part4.is_empty() {
        chapter.extend(super::ended_early(results, "part 4"));
        chapter.push(numbers(results));
        let all: Vec<&Part4> = results.part4.iter().map(|n| &n.result).collect();
        let still = chapter.pictures.take("part4/part4_all");
        chapter.push(charts(panels(&all), "All networks: ReLU solid, sigmoid dashed; gradient norms of the first layer's weights on a logarithmic axis", still));
        chapter.figure("part4/part4_depth", "Depth and the size of gradients.");
        figures(&mut chapter, &all);
    }
    for inputs in &results.inputs {
        chapter.push(Block::heading(format!("Range of the input: {}", inputs.name)));
        chapter.push(ranges(inputs));
        let still = chapter.pictures.take(&format!("part4/part4_inputs_{}", inputs.name));
        chapter.push(charts(
            input_panels(inputs),
            "ReLU solid, sigmoid dashed; a training that diverged ends early",
            still,
        ));
    }
    chapter.finish("part4", answers::part4::answers(results))
}

fn numbers(results: &Results) -> Block {
    let rows = descents(results).into_iter().map(|d| {
        let test = |k: usize| d.test.map_or("–".into(), |t| hundredths(t[k]));
        let decay = |k: usize| d.decay().map_or("–".into(), |r| magnitude(r[k]));
        vec![
            d.name.clone(),
            format!("{:.3}", d.loss[0]),
            format!("{:.3}", d.loss[1]),
            magnitude(d.gradient[0]),
            magnitude(d.gradient[1]),
            decay(0),
            decay(1),
            test(0),
            test(1),
        ]
    });
    let head = [
        "network",
        "loss ReLU",
        "sigmoid",
        "|grad| ReLU",
        "sigmoid",
        "decay ReLU",
        "sigmoid",
        "test % ReLU",
        "sigmoid",
    ];
    Block::table(
        "Losses and gradient norms are means of the last 50 records; decay: the first layer's gradient norm over the last one's, mean of the first 50 records",
        &head,
        rows.collect(),
    )
}

fn panels(results: &[&Part4]) -> Vec<Chart> {
    let lines = |of: fn(&Part4) -> [&Vec<f64>; 2]| -> Vec<Line> {
        let pair = |(k, r): (usize, &&'_ Part4)| (k, r.name.clone());
        results
            .iter()
            .enumerate()
            .flat_map(|(k, r)| {
                let (colour, name) = pair((k, r));
                let [relu, sigmoid] = of(r);
                [
                    Line::new(format!("{name} ReLU"), colour, relu),
                    Line::new(format!("{name} sigmoid"), colour, sigmoid).dashed(),
                ]
            })
            .collect()
    };
    let losses = lines(|r| [&r.relu_loss_curve, &r.sigmoid_loss_curve]);
    let gradients = lines(|r| [&r.relu_grad_curve, &r.sigmoid_grad_curve]);
    vec![
        Chart::over_records("training_losses", "loss", &losses),
        Chart::over_records("gradient_magnitudes", "|grad_loss|", &gradients).log(),
    ]
}

/// The figures handed in for groups and single networks.
fn figures(chapter: &mut Chapter<'_>, results: &[&Part4]) {
    let mut blocks = Vec::new();
    for (group, caption) in [("mlps", "MLPs only."), ("cnns", "CNNs only.")] {
        blocks.extend(super::figure(chapter.pictures, &format!("part4/part4_{group}"), caption));
    }
    for r in results {
        for (suffix, what) in
            [("", "losses and first-layer gradients"), ("_layers", "gradients of every layer")]
        {
            let name = format!("part4/part4_{}{suffix}", r.name);
            blocks.extend(super::figure(chapter.pictures, &name, &format!("{}: {what}.", r.name)));
        }
    }
    if !blocks.is_empty() {
        chapter
            .push(Block::Fold { title: "Figures of MLPs, of CNNs, and network by network".into(), blocks });
    }
}

fn ranges(r: &Part4Inputs) -> Block {
    let end = |tests: &[f64], diverged: &[u64], k: usize| match diverged[k] {
        0 => hundredths(tests[k]),
        step => format!("diverged at step {step}"),
    };
    let rows = r.inputs.iter().enumerate().map(|(k, input)| {
        vec![
            format!("`{input}`"),
            end(&r.relu_test_accs, &r.relu_diverged_at, k),
            end(&r.sigmoid_test_accs, &r.sigmoid_diverged_at, k),
        ]
    });
    Block::table("Test accuracy in percent by form of input", &["input", "ReLU", "sigmoid"], rows.collect())
}

fn input_panels(r: &Part4Inputs) -> Vec<Chart> {
    let lines = |relu: &'_ [Vec<f64>], sigmoid: &'_ [Vec<f64>], log: bool| {
        let mut lines = Vec::new();
        for (k, input) in r.inputs.iter().enumerate() {
            lines.push(Line::new(format!("{input} ReLU"), k, &relu[k]));
            lines.push(Line::new(format!("{input} sigmoid"), k, &sigmoid[k]).dashed());
        }
        let [title, label] =
            if log { ["gradient_magnitudes", "|grad_loss|"] } else { ["training_losses", "loss"] };
        Chart::over_records(title, label, &lines).log()
    };
    vec![
        lines(&r.relu_loss_curves, &r.sigmoid_loss_curves, false),
        lines(&r.relu_grad_curves, &r.sigmoid_grad_curves, true),
    ]
}
