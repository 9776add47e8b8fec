//! Part 5: learning rates.
use super::question;
use crate::report::{
    document::Question,
    facts::{Course, Courses},
    load::{Rates, Results},
    words::{duration, list, percent, points, signed, thousands},
};

/// Differences of accuracies that a second run could turn round, in points.
const TIE: f64 = 1.0;

/// All questions of the part.
pub fn answers(results: &Results) -> Vec<Question> {
    let all: Vec<(Courses, &Rates)> = results.part5.iter().map(|r| (Courses::of(r), r)).collect();
    let each = |answer: fn(&Courses, &Rates) -> Vec<String>| {
        all.iter().flat_map(|(c, r)| answer(c, r)).collect::<Vec<_>>()
    };
    vec![
        question("How does the learning rate change the speed of convergence?", each(speed)),
        question("How does it change the final point?", each(end)),
        question("Does the schedule work, and in what sense?", each(schedule)),
        question("How does it compare with Adam, in accuracy and convergence?", each(adam)),
    ]
}

fn speed(c: &Courses, _: &Rates) -> Vec<String> {
    let each =
        list(c.constant.iter().map(|course| format!("at {} {}", course.label, c.time_to_goal(course))));
    let [high, middle, low] =
        [0, 1, 2].map(|k| c.constant[k].records_to_goal.map_or(f64::INFINITY, |r| r as f64));
    // A tenth more or less is a matter of the seed.
    let earlier = |a: f64, b: f64| a < 0.9 * b;
    let verdict = match [high, middle, low] {
        all if all.iter().all(|r| r.is_infinite()) => "none of the constant rates gets there",
        _ if earlier(low, middle) && earlier(low, high) => "the lowest rate is the fastest in this run",
        _ if earlier(middle, high) => "the middle rate is the fastest: 0.1 is too high to settle",
        _ if earlier(high, middle) && earlier(middle, low) => "the higher the rate, the faster",
        _ if !earlier(high, middle) && earlier(middle, low) => {
            "0.1 and 0.01 are about equally fast, 0.001 is slow"
        }
        _ => "there is no clear order in this run",
    };
    vec![format!(
        "{} reaches a validation accuracy of {} (95 % of the best of all its trainings) {each}: {verdict}.",
        c.name,
        percent(c.goal)
    )]
}

fn end(c: &Courses, _: &Rates) -> Vec<String> {
    let of = |course: &Course| {
        let test = course.test.map_or(String::new(), |t| format!(", test {}", percent(t)));
        format!("{} ends at validation {}{test}", course.label, percent(course.validation))
    };
    let mut answer = vec![format!("{}.", c.constant.iter().map(of).collect::<Vec<_>>().join("; "))];
    let [high, middle, low] = &c.constant;
    let best = c.constant.iter().max_by(|a, b| a.validation.total_cmp(&b.validation)).unwrap_or(middle);
    answer.push(match low.validation {
        v if v < best.validation - TIE => format!(
            "0.001 is {} behind {} when the epochs are over: too slow for so many epochs.",
            points(best.validation - v),
            best.label
        ),
        _ => format!(
            "0.001 is not behind: {} against {} at {}.",
            percent(low.validation),
            percent(best.validation),
            best.label
        ),
    });
    let calm = low.unrest.min(middle.unrest);
    answer.push(if high.unrest > 1.5 * calm && high.unrest > 0.3 {
        format!(
            "0.1 is restless: its last validation records scatter by {:.2} points (0.01: {:.2}, 0.001: {:.2}); steps of that size jump over the minimum they circle.",
            high.unrest, middle.unrest, low.unrest
        )
    } else {
        format!(
            "0.1 is no more restless than the others here (scatter of the last validation records {:.2}, {:.2} and {:.2} points).",
            high.unrest, middle.unrest, low.unrest
        )
    });
    if high.best - high.validation > TIE {
        answer.push(format!(
            "At 0.1 validation accuracy ends below its best: {} after {}.",
            percent(high.validation),
            percent(high.best)
        ));
    }
    answer
}

fn schedule(c: &Courses, rates: &Rates) -> Vec<String> {
    let Some(two) = &c.two_falls else {
        return vec![format!("{}: the schedules were not run.", c.name)];
    };
    let mut answer = Vec::new();
    if let Some(d) = &rates.details {
        let falls = d.plateaus.iter().zip(["0.01", "0.001"]).map(|(p, to)| {
            let how = match p.how.as_str() {
                "found" => "found",
                "given" => "given by a flag",
                _ => "forced, no plateau showed",
            };
            format!("to {to} after epoch {} ({how})", p.epoch)
        });
        answer.push(format!("The rate falls {}. How plateaus are found: {}.", list(falls), d.method));
    }
    let constant =
        c.constant.iter().max_by(|a, b| a.validation.total_cmp(&b.validation)).unwrap_or(&c.constant[0]);
    let gain = two.validation - constant.validation;
    let one = c
        .one_fall
        .as_ref()
        .map_or(String::new(), |one| format!(", 0.1 → 0.01 at {}", percent(one.validation)));
    let sense = match (gain, two.unrest < 0.7 * c.constant[0].unrest) {
        (g, true) if g > TIE => "It works in both senses, higher and steadier",
        (g, false) if g > TIE => "It works: higher, though not steadier",
        (g, true) if g >= -TIE => "It works in the sense of steadiness, not of accuracy",
        (g, true) if g < -TIE => "It is steadier, but ends lower",
        _ => "It does not help in this run",
    };
    answer.push(format!(
        "{sense}: 0.1 → 0.01 → 0.001 ends at validation {}{one}; the best constant rate, {}, ends at {} ({} points). Scatter of the last \
         records: {:.2} points against {:.2} at a constant 0.1.",
        percent(two.validation),
        constant.label,
        percent(constant.validation),
        signed(gain),
        two.unrest,
        c.constant[0].unrest
    ));
    if let (Some(one), Some(_)) = (&c.one_fall, &rates.details) {
        let second = two.validation - one.validation;
        answer.push(match second {
            s if s > 0.5 => format!("The second fall adds {}.", points(s)),
            s if s < -0.5 => format!(
                "The second fall costs {}: it came too early, or 0.001 is too slow to make up for it.",
                points(-s)
            ),
            _ => "The second fall changes hardly anything.".into(),
        });
    }
    answer
}

fn adam(c: &Courses, rates: &Rates) -> Vec<String> {
    let (Some(adam), Some(two)) = (&c.adam, &c.two_falls) else {
        return vec![format!("{}: the comparison with Adam was not run.", c.name)];
    };
    let mut answer = Vec::new();
    if let (Some(a), Some(s)) = (adam.test, two.test) {
        let verdict = match s - a {
            d if d > TIE => "better than Adam",
            d if d < -TIE => "worse than Adam",
            _ => "as good as Adam",
        };
        answer.push(format!(
            "Accuracy: the scheduled descent has {} on the test images, Adam {} ({} points): {verdict}.",
            percent(s),
            percent(a),
            signed(s - a)
        ));
    }
    let first = match (adam.records_to_goal, two.records_to_goal) {
        (Some(a), Some(s)) if 10 * a < 9 * s => "Adam is faster",
        (Some(a), Some(s)) if 9 * a > 10 * s => "the schedule is faster",
        (Some(_), Some(_)) => "about the same",
        (Some(_), None) => "only Adam gets there",
        (None, Some(_)) => "only the schedule gets there",
        (None, None) => "neither gets there",
    };
    answer.push(format!(
        "Convergence to validation {}: Adam {}, the schedule {}; {first}. Steadiness: the last records scatter by {:.2} points with Adam and {:.2} with the schedule.",
        percent(c.goal),
        c.time_to_goal(adam),
        c.time_to_goal(two),
        adam.unrest,
        two.unrest
    ));
    if let (Some(a), Some(s), Some(d)) = (adam.seconds, two.seconds, &rates.details) {
        answer.push(format!(
            "Cost: {} steps in {} against {} steps in {}, and the schedule needed two trainings before it to find its points; Adam needed no rate to be looked for.",
            thousands(d.adam.steps),
            duration(a),
            thousands(d.scheduled_steps[1]),
            duration(s)
        ));
    }
    answer
}
