//! How well what was learnt holds for images never seen.
use super::TIE;
use crate::report::{
    facts::{Architecture, Family, best_of},
    words::{list, percent, points, signed},
};

pub(super) fn what(all: &[Architecture]) -> Vec<String> {
    let textbook = "How well a trained network does on data that it has not learnt from, drawn from the same distribution: \
                    estimated by the accuracy on the test images, which no choice may depend on. The difference between training \
                    and test accuracy is the generalisation gap; a gap that grows while training goes on is overfitting.";
    let example = best_of(all, None).map(|best| {
        format!(
            "Here {} has the best: {} on the test images, against {} on its last training batches (gap {} points).",
            best.name,
            percent(best.test),
            percent(best.train),
            signed(best.gap())
        )
    });
    vec![textbook.into(), example.unwrap_or_else(|| "In numbers: not run.".into())]
}

pub(super) fn plots(all: &[Architecture]) -> Vec<String> {
    let textbook = "*test_vs_training_accuracy* and *validation_vs_training_accuracy* show it at once: points on the diagonal generalise as \
                    well as they fit, points below it overfit. *train_and_val_accuracies* shows when the two part. The training loss \
                    alone says nothing of it. Validation accuracy is a stand-in that may be looked at during training, the test accuracy is the \
                    measure.";
    let widest = all.iter().max_by(|a, b| a.gap().total_cmp(&b.gap()));
    let example = widest.map(|w| match w.gap() {
        gap if gap > TIE => format!(
            "In this run {} lies farthest below the diagonal: training {}, validation {}, test {}.",
            w.name,
            percent(w.train),
            percent(w.validation),
            percent(w.test)
        ),
        _ => format!(
            "In this run no network lies more than {} below the diagonal: none overfits yet.",
            points(TIE)
        ),
    });
    vec![textbook.into(), example.unwrap_or_else(|| "In numbers: not run.".into())]
}

pub(super) fn compare(all: &[Architecture]) -> Vec<String> {
    let mut ranked: Vec<&Architecture> = all.iter().collect();
    ranked.sort_by(|a, b| b.test.total_cmp(&a.test));
    if ranked.is_empty() {
        return Vec::new();
    }
    let ranking = format!("By test accuracy: {}.", list(ranked.iter().map(|a| a.with_test())));
    vec![ranking, families(all), gaps(all), list_of_falls(all)]
}

/// CNNs against MLPs.
fn families(all: &[Architecture]) -> String {
    let members = |family| all.iter().filter(move |a| a.family == family);
    let (Some(mlp), Some(cnn)) = (best_of(all, Some(Family::Mlp)), best_of(all, Some(Family::Cnn))) else {
        return "Only one family was run, so MLPs and CNNs cannot be compared.".into();
    };
    let worst_cnn = members(Family::Cnn).map(|a| a.test).fold(f64::INFINITY, f64::min);
    let lead = cnn.test - mlp.test;
    if worst_cnn > mlp.test + TIE {
        format!(
            "Every CNN generalises better than every MLP: the worst of them has {}, the best MLP, {}, has {}; the best CNN, {}, leads by {}.",
            percent(worst_cnn),
            mlp.name,
            percent(mlp.test),
            cnn.name,
            points(lead)
        )
    } else if lead > TIE {
        format!(
            "The best CNN, {}, leads the best MLP, {}, by {}, but not every CNN beats every MLP here: the worst has {}.",
            cnn.name,
            mlp.name,
            points(lead),
            percent(worst_cnn)
        )
    } else if lead < -TIE {
        format!(
            "CNNs do *not* beat MLPs in this run: the best MLP, {}, leads the best CNN, {}, by {}. With short training or few \
             images that happens: shared weights learn slowly at first.",
            mlp.name,
            cnn.name,
            points(-lead)
        )
    } else {
        format!(
            "CNNs and MLPs cannot be told apart in this run: {} against {}.",
            cnn.with_test(),
            mlp.with_test()
        )
    }
}

fn gaps(all: &[Architecture]) -> String {
    let each = list(all.iter().map(|a| format!("{} {}", a.name, signed(a.gap()))));
    let mean = |family| {
        let gaps: Vec<f64> = all.iter().filter(|a| a.family == family).map(Architecture::gap).collect();
        (!gaps.is_empty()).then(|| gaps.iter().sum::<f64>() / gaps.len() as f64)
    };
    let verdict = match (mean(Family::Mlp), mean(Family::Cnn)) {
        (Some(mlp), Some(cnn)) if mlp > cnn + TIE => ": MLPs overfit more",
        (Some(mlp), Some(cnn)) if cnn > mlp + TIE => ": CNNs overfit more in this run",
        (Some(_), Some(_)) => ": the families hardly differ in that",
        _ => "",
    };
    format!("Generalisation gap, training less test accuracy in points: {each}{verdict}.")
}

fn list_of_falls(all: &[Architecture]) -> String {
    let fallen: Vec<&Architecture> = all.iter().filter(|a| a.fall() > TIE && a.best_at < 0.9).collect();
    if fallen.is_empty() {
        let flat: Vec<String> = all
            .iter()
            .map(|a| {
                format!(
                    "validation of {} ends at {} while training reaches {}",
                    a.name,
                    percent(a.validation),
                    percent(a.train)
                )
            })
            .collect();
        return format!(
            "No validation curve falls by more than {} from its best: {}.",
            points(TIE),
            list(flat)
        );
    }
    let each = fallen.iter().map(|a| {
        format!(
            "{} is best ({}) after {:.0} % of its training and ends at {}",
            a.name,
            percent(a.best_validation),
            100.0 * a.best_at,
            percent(a.validation)
        )
    });
    format!("Validation accuracy falls after a point: {}.", list(each))
}
