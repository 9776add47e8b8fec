//! What the fourth source reports of its networks.
use super::rule::{judged, not_run};
use crate::{
    report::{
        document::Verdict,
        facts::Protocol,
        load::Results,
        words::{list, percent},
    },
    results::{Evaluation, Task},
};

const SOURCE: &str = "fourth source";
/// Points within which an accuracy agrees: widths, rates and the split into images are not all given.
const NEAR: f64 = 5.0;

/// A claim, and what a network's result says to it.
type Claim<'a> = (&'a str, Option<(String, bool)>);

pub(super) fn one(results: &Results) -> Vec<Verdict> {
    let task = results.task(1);
    let of = |k: u32| task.iter().copied().find(|t| t.network == k);
    let (first, second, third) = (of(1), of(2), of(3));
    let mut found = judge(
        first,
        300.0,
        "fashion-mnist",
        &[
            (
                "(1) about 10 % right at first",
                first.map(|t| (percent(start(t)), (start(t) - 10.0).abs() < NEAR)),
            ),
            ("(1) steep until iteration 50 (half of the rise)", first.map(|t| rise_until(t, 50.0))),
            ("(1) about 78 % test accuracy (±5 points)", first.map(|t| accuracy(t, 78.0))),
            ("(1) trousers are recognised best", first.and_then(|t| extreme(&t.test, "Trouser", true))),
            ("(1) shirts are recognised worst", first.and_then(|t| extreme(&t.test, "Shirt", false))),
            (
                "(1) shirts are taken for pullovers and T-shirts",
                first.and_then(|t| taken(&t.test, "Shirt", &["Pullover", "T-shirt/top"])),
            ),
            (
                "(1) sandals are taken for sneakers",
                first.and_then(|t| taken(&t.test, "Sandal", &["Sneaker"])),
            ),
        ],
    );
    let pair = first.zip(second);
    found.extend(judge(
        second,
        300.0,
        "fashion-mnist",
        &[
            (
                "(2) ReLU has the sigmoid's accuracy earlier (271 against 291)",
                pair.map(|(a, b)| earlier(a, b)),
            ),
            ("(2) its activations are sparser (share near zero)", pair.and_then(|(a, b)| sparser(a, b))),
            (
                "(2) then the loss rises on training and test alike",
                second.map(|t| rising(t, |train, test| train && test)),
            ),
        ],
    ));
    found.extend(judge(
        third,
        300.0,
        "fashion-mnist",
        &[
            (
                "(3) slow until iteration 50 (less than half of the rise)",
                third.map(|t| {
                    let (text, steep) = rise_until(t, 50.0);
                    (text, !steep)
                }),
            ),
            ("(3) about 70 % test accuracy (±5 points)", third.map(|t| accuracy(t, 70.0))),
            (
                "(3) shirts are taken for dresses, pullovers, coats",
                third.and_then(|t| taken(&t.test, "Shirt", &["Dress", "Pullover", "Coat"])),
            ),
        ],
    ));
    found
}

pub(super) fn two(results: &Results) -> Vec<Verdict> {
    let task = results.task(2);
    let of = |k: u32| task.iter().copied().find(|t| t.network == k);
    let (first, second, third) = (of(1), of(2), of(3));
    let mut found = judge(
        first,
        20.0,
        "cifar10",
        &[
            ("(1) 63.1 % test accuracy (±5 points)", first.map(|t| accuracy(t, 63.1))),
            (
                "(1) test loss rises while training loss falls",
                first.map(|t| rising(t, |train, test| test && !train)),
            ),
        ],
    );
    let pair = first.zip(second);
    found.extend(judge(
        second,
        200.0,
        "cifar10",
        &[
            (
                "(2) dropout and L2: lower test accuracy than (1)",
                pair.map(|(a, b)| {
                    (
                        format!(
                            "{} against {}",
                            percent(end(&b.test_acc_curve)),
                            percent(end(&a.test_acc_curve))
                        ),
                        end(&b.test_acc_curve) < end(&a.test_acc_curve),
                    )
                }),
            ),
            ("(2) no overfitting: the test loss does not rise", second.map(|t| rising(t, |_, test| !test))),
        ],
    ));
    let others = first.zip(second).zip(third);
    found.extend(judge(
        third,
        40.0,
        "cifar10",
        &[
            ("(3) 65 % test accuracy (±5 points)", third.map(|t| accuracy(t, 65.0))),
            (
                "(3) it is the best of the three",
                others.map(|((a, b), c)| {
                    let [a, b, c] = [a, b, c].map(|t| end(&t.test_acc_curve));
                    (format!("{}, {}, {}", percent(a), percent(b), percent(c)), c > a && c > b)
                }),
            ),
        ],
    ));
    found
}

fn judge(task: Option<&Task>, length: f64, data: &'static str, claims: &[Claim<'_>]) -> Vec<Verdict> {
    let mut differences =
        task.map_or(Vec::new(), |t| Protocol { data, ..Protocol::default() }.differences(&t.meta));
    if let Some(t) = task {
        let made = t.x.last().copied().unwrap_or(0.0);
        if made < 0.98 * length {
            differences.push(format!("{made} instead of {length} {}s", t.x_label));
        }
    }
    let verdict = |(claim, ours): &Claim<'_>| match ours {
        Some((ours, holds)) => judged(SOURCE, claim, ours, *holds, &differences),
        None => not_run(SOURCE, claim),
    };
    claims.iter().map(verdict).collect()
}

fn start(t: &Task) -> f64 {
    t.test_acc_curve.first().copied().unwrap_or(0.0)
}

fn end(curve: &[f64]) -> f64 {
    curve.last().copied().unwrap_or(0.0)
}

fn accuracy(t: &Task, theirs: f64) -> (String, bool) {
    let ours = end(&t.test_acc_curve);
    (percent(ours), (ours - theirs).abs() <= NEAR)
}

/// Whether half of all the rise of test accuracy is made by `x`.
fn rise_until(t: &Task, x: f64) -> (String, bool) {
    let at = t.x.iter().rposition(|&v| v <= x).unwrap_or(0);
    let (from, by, to) = (start(t), t.test_acc_curve[at], end(&t.test_acc_curve));
    (format!("{} → {} at {x} → {}", percent(from), percent(by), percent(to)), by - from > 0.5 * (to - from))
}

/// Whether `name` has the highest (or lowest) recall.
fn extreme(e: &Evaluation, name: &str, highest: bool) -> Option<(String, bool)> {
    let wanted = e.classes.iter().position(|c| c == name)?;
    let by = |a: &usize, b: &usize| e.recall[*a].total_cmp(&e.recall[*b]);
    let classes = 0..e.recall.len();
    let found = if highest { classes.max_by(by)? } else { classes.min_by(by)? };
    let text = |at: usize| format!("{} {}", e.classes[at], percent(100.0 * e.recall[at]));
    let ours = if found == wanted { text(found) } else { format!("{}, but {}", text(found), text(wanted)) };
    Some((ours, found == wanted))
}

/// Whether the classes that `name` is most often mistaken for are `others`.
fn taken(e: &Evaluation, name: &str, others: &[&str]) -> Option<(String, bool)> {
    let class = e.classes.iter().position(|c| c == name)?;
    let mut wrong: Vec<usize> = (0..e.classes.len()).filter(|&k| k != class).collect();
    wrong.sort_by_key(|&k| std::cmp::Reverse(e.confusion[class][k]));
    wrong.truncate(others.len());
    let ours = list(wrong.iter().map(|&k| format!("{} ({})", e.classes[k], e.confusion[class][k])));
    Some((format!("most often: {ours}"), wrong.iter().all(|&k| others.contains(&e.classes[k].as_str()))))
}

/// Where ReLU first has the accuracy that the sigmoid ends with.
fn earlier(sigmoid: &Task, relu: &Task) -> (String, bool) {
    let goal = end(&sigmoid.test_acc_curve);
    let first = |t: &Task| t.test_acc_curve.iter().position(|&v| v >= goal).map(|at| t.x[at]);
    match (first(relu), first(sigmoid)) {
        (Some(relu), Some(sigmoid)) => {
            (format!("{} at {relu} against {sigmoid}", percent(goal)), relu < sigmoid)
        }
        _ => (format!("ReLU never has {}", percent(goal)), false),
    }
}

fn sparser(sigmoid: &Task, relu: &Task) -> Option<(String, bool)> {
    let share = |t: &Task| {
        let all = &t.activations;
        (!all.is_empty()).then(|| 100.0 * all.iter().map(|h| h.near_zero).sum::<f64>() / all.len() as f64)
    };
    let (s, r) = (share(sigmoid)?, share(relu)?);
    Some((format!("{} against {}", percent(r), percent(s)), r > s))
}

/// What `claim` says of whether training and test loss end clearly above their minimum.
fn rising(t: &Task, claim: fn(bool, bool) -> bool) -> (String, bool) {
    let curves = [&t.train_loss_curve, &t.test_loss_curve];
    let ends = curves.map(|c| (c.iter().copied().fold(f64::INFINITY, f64::min), end(c)));
    let [train, test] = ends.map(|(least, last)| last > 1.02 * least);
    let words = ends.map(|(least, last)| format!("least {least:.3}, last {last:.3}"));
    (format!("training loss: {}; test loss: {}", words[0], words[1]), claim(train, test))
}
