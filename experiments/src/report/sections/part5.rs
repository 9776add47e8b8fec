//! Part 5: the learning rate.
use super::{
    Chapter, Charting, Pictures,
    charts::{Line, charts},
};
use crate::{
    report::{
        answers,
        document::{Block, Chart, Section},
        facts::{Course, Courses},
        load::{Rates, Results},
        words::{duration, hundredths, thousands},
    },
    results::{Plateau, Scheduled},
};

pub(super) fn section(results: &Results, pictures: &mut Pictures) -> Section {
    let mut chapter = Chapter::new("part5", "Part 5: learning rate", !results.part5.is_empty(), pictures);
    chapter.extend(super::ended_early(results, "part 5"));
    for rates in &results.part5 {
        network(&mut chapter, rates);
    }
    chapter.finish("part5", answers::part5::answers(results))
}

fn network(chapter: &mut Chapter<'_>, rates: &Rates) {
    let r = &rates.constant;
    let courses = Courses::of(rates);
    chapter.push(numbers(&courses));
    let lines = |curves: [&'_ Vec<f64>; 3]| -> Vec<(String, Vec<f64>)> {
        ["lr=0.1", "lr=0.01", "lr=0.001"]
            .iter()
            .zip(curves)
            .map(|(l, c)| ((*l).to_owned(), c.clone()))
            .collect()
    };
    let panel = |title: &str, label: &str, curves: Vec<(String, Vec<f64>)>| {
        let lines: Vec<Line> =
            curves.iter().enumerate().map(|(k, (name, curve))| Line::new(name, k, curve)).collect();
        Chart::over_records(title, label, &lines)
    };
    let still = chapter.pictures.take(&format!("part5/part5_{}", r.name));
    let panels = vec![
        panel("training_losses", "loss", lines([&r.loss_curve_1, &r.loss_curve_01, &r.loss_curve_001])),
        panel(
            "validation_accuracies",
            "accuracy (%)",
            lines([&r.val_acc_curve_1, &r.val_acc_curve_01, &r.val_acc_curve_001]),
        ),
    ];
    chapter.push(charts(panels, &format!("training of {} with different learning rates", r.name), still));
    let plateaus = rates.details.as_ref().map_or(&[][..], |d| &d.plateaus);
    for (which, scheduled, falls) in [("sch_1", &rates.sch_1, 1), ("sch_01", &rates.sch_01, 2)] {
        match scheduled {
            Some(s) => schedule(chapter, s, which, &plateaus[..falls.min(plateaus.len())]),
            None => chapter.push(Block::note(format!("{}, schedule `{which}`: not run.", r.name))),
        }
    }
    against_adam(chapter, rates);
}

fn numbers(c: &Courses) -> Block {
    let row = |course: &Course| {
        let number = |n: Option<f64>, write: fn(f64) -> String| n.map_or("–".into(), write);
        vec![
            course.label.clone(),
            number(course.loss, |l| format!("{l:.3}")),
            hundredths(course.validation),
            hundredths(course.unrest),
            number(course.test, hundredths),
            c.time_to_goal(course),
            thousands(course.records as u64),
            number(course.seconds, duration),
        ]
    };
    let goal = format!("validation {}", hundredths(c.goal));
    let head = ["rate", "loss", "validation %", "scatter", "test %", &goal, "records", "time"];
    Block::table(
        format!(
            "{}: loss and validation accuracy are means of the last 50 records, scatter their standard deviation from one record to the next in points",
            c.name
        ),
        &head,
        c.all().map(row).collect(),
    )
}

fn schedule(chapter: &mut Chapter<'_>, s: &Scheduled, which: &str, plateaus: &[Plateau]) {
    let still = chapter.pictures.take(&format!("part5/part5_{}_{which}", s.name));
    let to = ["lr=0.01", "lr=0.001"];
    let marks: Vec<(f64, String)> =
        plateaus.iter().zip(to).map(|(p, to)| (p.record as f64, to.to_owned())).collect();
    let chart = |title: &str, label: &str, curve: &[f64], colour| {
        Chart::over_records(title, label, &[Line::new(&s.name, colour, curve)]).marked(marks.clone())
    };
    let panels = vec![
        chart("training_loss", "loss", &s.loss_curve_1, 0),
        chart("validation_accuracy", "accuracy (%)", &s.val_acc_curve_1, 0),
    ];
    let falls = if which == "sch_1" { "0.1 → 0.01" } else { "0.1 → 0.01 → 0.001" };
    chapter.push(charts(
        panels,
        &format!("{} with a falling rate, {falls}; lines mark where it falls", s.name),
        still,
    ));
}

fn against_adam(chapter: &mut Chapter<'_>, rates: &Rates) {
    let name = &rates.constant.name;
    let Some(details) = &rates.details else {
        chapter.push(Block::note(format!("{name}: the comparison with Adam was not run.")));
        return;
    };
    let mut lines = Vec::new();
    for (colour, (label, s)) in
        [("0.1 → 0.01", &rates.sch_1), ("0.1 → 0.01 → 0.001", &rates.sch_01)].into_iter().enumerate()
    {
        lines.extend(s.as_ref().map(|s| Line::new(label, colour, &s.val_acc_curve_1)));
    }
    lines.push(Line::new("Adam", 3, &details.adam.val_acc_curve));
    let still = chapter.pictures.take(&format!("part5/part5_{name}_adam"));
    let chart = Chart::over_records("validation_accuracies", "accuracy (%)", &lines);
    let caption = format!("{name}: falling rates against Adam (from: {})", details.adam.source);
    chapter.push(charts(vec![chart], &caption, still));
}
