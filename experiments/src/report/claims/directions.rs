//! Claims of a direction: tested on any complete run on real images.
use super::rule::{judged, not_run};
use crate::{
    report::{
        document::Verdict,
        facts::{
            Architecture, Courses, Descent, Family, Protocol, architectures, best_of, correlation_with,
            descents, learns,
        },
        load::Results,
        words::{coefficient, hundredths, list, magnitude, percent, points, signed},
    },
    results::Meta,
};

const ADAM: Protocol = Protocol { data: "", edition: 0, flags: &[("epochs", "15")], runs: 0 };
const DESCENT: Protocol =
    Protocol { data: "", edition: 0, flags: &[("epochs", "15"), ("lr", "0.01")], runs: 0 };
const RATES: Protocol = Protocol { data: "", edition: 0, flags: &[("epochs", "20")], runs: 0 };

/// Networks that a comparison of all needs.
const ALL: usize = 5;

pub(super) fn claims(results: &Results) -> Vec<Verdict> {
    let mut found = part3(results);
    found.extend(part4(results));
    found.extend(part5(results));
    found
}

fn differences<'a>(protocol: Protocol, metas: impl Iterator<Item = &'a Meta>) -> Vec<String> {
    let mut all: Vec<String> = metas.flat_map(|meta| protocol.differences(meta)).collect();
    all.sort();
    all.dedup();
    all
}

fn part3(results: &Results) -> Vec<Verdict> {
    let all = architectures(results);
    let unlike = differences(ADAM, results.part3.iter().map(|n| &n.result.meta));
    let of = |name: &str| all.iter().find(|a| a.name == name);
    let say = |source: &str, claim: &str, ours: Option<(String, bool)>| match ours {
        Some((ours, holds)) => judged(source, claim, &ours, holds, &unlike),
        None => not_run(source, claim),
    };
    let complete = all.len() >= ALL;
    let best = best_of(&all, None).filter(|_| complete);
    let is_best = |name: &str| best.map(|b| (format!("best is {}", b.with_test()), b.name == name));
    let size = correlation_with(&all, |a| Some((a.parameters as f64).ln())).filter(|_| complete);
    let by_size = |sign: f64| {
        size.map(|r| {
            (format!("correlation of test accuracy with log parameters {}", coefficient(r)), sign * r > 0.3)
        })
    };
    let pair = of("mlp_1").zip(of("mlp_2"));
    vec![
        say("2023 text", "cnn_5 is the best", is_best("cnn_5")),
        say("2022, and 2023's data", "cnn_4 is the best", is_best("cnn_4")),
        say("2023", "more parameters help", by_size(1.0)),
        say("2022", "more parameters hurt", by_size(-1.0)),
        say(
            "reports",
            "mlp_2's weights show clearer curves than mlp_1's (correlation of neighbouring weights)",
            pair.and_then(clearer),
        ),
        say(
            "reports",
            "MLP weights are readable, 3×3 filters are not (correlation of neighbouring weights)",
            readable(&all),
        ),
        say(
            "reports",
            "MLP validation accuracy falls after a point (by more than a point from its best)",
            falls(&all),
        ),
        say(
            "2022",
            "mlp_2 has a smaller train-test gap than mlp_1",
            pair.map(|(one, two)| {
                (
                    format!("mlp_1 {}, mlp_2 {} points", signed(one.gap()), signed(two.gap())),
                    two.gap() < one.gap(),
                )
            }),
        ),
    ]
}

fn clearer((one, two): (&Architecture, &Architecture)) -> Option<(String, bool)> {
    let (a, b) = (one.smoothness?, two.smoothness?);
    Some((format!("mlp_1 {}, mlp_2 {}", coefficient(a), coefficient(b)), b > a + 0.03))
}

fn readable(all: &[Architecture]) -> Option<(String, bool)> {
    let mean = |family| {
        let found: Vec<f64> =
            all.iter().filter(|a| a.family == family).filter_map(|a| a.smoothness).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    };
    let (mlp, cnn) = (mean(Family::Mlp)?, mean(Family::Cnn)?);
    Some((
        format!("MLPs {}, filters {} on average", coefficient(mlp), coefficient(cnn)),
        mlp > 0.3 && mlp > cnn + 0.1,
    ))
}

fn falls(all: &[Architecture]) -> Option<(String, bool)> {
    let mlps: Vec<&Architecture> = all.iter().filter(|a| a.family == Family::Mlp).collect();
    let each =
        mlps.iter().map(|a| format!("{} {} → {}", a.name, percent(a.best_validation), percent(a.validation)));
    (!mlps.is_empty()).then(|| (list(each), mlps.iter().all(|a| a.fall() > 1.0 && a.best_at < 0.9)))
}

fn part4(results: &Results) -> Vec<Verdict> {
    let all = descents(results);
    let unlike = differences(DESCENT, results.part4.iter().map(|n| &n.result.meta));
    let of = |name: &str| all.iter().find(|d| d.name == name);
    let say = |source: &str, claim: &str, ours: Option<(String, bool)>| match ours {
        Some((ours, holds)) => judged(source, claim, &ours, holds, &unlike),
        None => not_run(source, claim),
    };
    let sigmoid = |name: &str, wanted: bool| {
        of(name).map(|d| (format!("loss {:.3} (guessing: 2.303)", d.loss[1]), learns(d.loss[1]) == wanted))
    };
    let lower = |d: &Descent| d.loss[1] < d.loss[0];
    let count = all.iter().filter(|d| lower(d)).count();
    let mlps = of("mlp_1").zip(of("mlp_2")).and_then(|(one, two)| Some((one.decay()?, two.decay()?)));
    vec![
        say("2022", "the sigmoid cnn_4 learns", sigmoid("cnn_4", true)),
        say("2022", "the sigmoid cnn_5 does not learn", sigmoid("cnn_5", false)),
        say("2023 data", "the sigmoid cnn_4 does not learn", sigmoid("cnn_4", false)),
        say(
            "2023 text",
            "the sigmoid has the lower loss (the opposite of its own data)",
            (!all.is_empty())
                .then(|| (format!("in {count} of {} networks", all.len()), 2 * count > all.len())),
        ),
        say(
            "2022",
            "MLPs show no gradient decay with depth (first layer's gradient over the last one's, within a factor of 3)",
            mlps.map(|([_, one], [_, two])| {
                let text = format!("sigmoid: mlp_1 {}, mlp_2 {}", magnitude(one), magnitude(two));
                (text, one < 3.0 * two)
            }),
        ),
    ]
}

fn part5(results: &Results) -> Vec<Verdict> {
    let claims = [
        ("reports", "0.1 is unstable (its last records scatter more than 1.5 times as much as at 0.01)"),
        ("reports", "0.001 is very slow (more than a point behind when the epochs are over)"),
        ("reports", "scheduled descent is as good as Adam (test accuracy not more than a point below)"),
        ("reports", "scheduled descent is steadier than Adam (scatter of the last validation records)"),
    ];
    let Some(rates) = results.part5.first() else {
        return claims.map(|(source, claim)| not_run(source, claim)).into();
    };
    let c = Courses::of(rates);
    let unlike = differences(RATES, std::iter::once(&rates.constant.meta));
    let [high, middle, low] = &c.constant;
    let best = c.constant.iter().map(|k| k.validation).fold(0.0, f64::max);
    let tests = c.two_falls.as_ref().and_then(|s| s.test).zip(c.adam.as_ref().and_then(|a| a.test));
    let unrest = c.two_falls.as_ref().zip(c.adam.as_ref()).map(|(s, a)| (s.unrest, a.unrest));
    let ours = [
        Some((
            format!("{} against {}", points2(high.unrest), points2(middle.unrest)),
            high.unrest > 1.5 * middle.unrest,
        )),
        Some((format!("{} behind", points(best - low.validation)), best - low.validation > 1.0)),
        tests.map(|(s, a)| (format!("{} against {}", hundredths(s), hundredths(a)), s > a - 1.0)),
        unrest.map(|(s, a)| (format!("{} against {}", points2(s), points2(a)), s < a)),
    ];
    let say = |((source, claim), ours): ((&str, &str), Option<(String, bool)>)| match ours {
        Some((ours, holds)) => judged(source, claim, &format!("{}: {ours}", c.name), holds, &unlike),
        None => not_run(source, claim),
    };
    claims.into_iter().zip(ours).map(say).collect()
}

fn points2(value: f64) -> String {
    format!("{value:.2} points")
}
