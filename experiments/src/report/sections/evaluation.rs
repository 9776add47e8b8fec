//! A network's answers on the test images: confusion, classes, rankings.
use super::charts::charts;
use crate::{
    report::{
        document::{Block, Cell, Chart, Confusion, Series},
        pictures::Picture,
        words::hundredths,
    },
    results::{Curve, Evaluation},
};

/// Which class was taken for which.
pub(super) fn confusion(name: &str, test: &Evaluation) -> Block {
    let row = |counts: &Vec<u64>| {
        let all = counts.iter().sum::<u64>().max(1) as f64;
        counts.iter().map(|&count| Cell { count, share: 100.0 * count as f64 / all }).collect()
    };
    Block::Confusion(Confusion {
        caption: format!(
            "Confusion matrix of {name}: rows are true classes, columns answers; images and percent of the class"
        ),
        classes: test.classes.clone(),
        rows: test.confusion.iter().map(row).collect(),
    })
}

/// Precision, recall, F1 and areas of every class.
pub(super) fn classes(name: &str, test: &Evaluation) -> Block {
    let ranked = !test.roc.is_empty() && !test.precision_recall.is_empty();
    let rows = (0..test.classes.len()).map(|k| {
        let shares = [test.precision[k], test.recall[k], test.f1[k]];
        let areas = ranked.then(|| [test.roc[k].area, test.precision_recall[k].area]);
        let numbers = shares.into_iter().chain(areas.into_iter().flatten()).map(hundredths);
        std::iter::once(test.classes[k].clone()).chain(numbers).collect()
    });
    let head = ["class", "precision", "recall", "F1", "AUC of ROC", "AUC of PR"];
    let head = if ranked { &head[..] } else { &head[..4] };
    Block::table(format!("{name}, class by class, on the test images (shares)"), head, rows.collect())
}

/// One-against-rest curves of every class; absent where the result has none.
pub(super) fn rankings(name: &str, test: &Evaluation, still: Option<Picture>) -> Option<Block> {
    if test.roc.is_empty() || test.precision_recall.is_empty() {
        return None;
    }
    let roc = ranking("ROC", ["false-positive rate", "true-positive rate"], &test.classes, &test.roc);
    let pr = ranking("precision and recall", ["recall", "precision"], &test.classes, &test.precision_recall);
    Some(charts(vec![roc, pr], &format!("{name}: each class against the rest"), still))
}

/// Points of a common abscissa.
const GRID: usize = 101;

fn ranking(title: &str, [x_label, y_label]: [&str; 2], classes: &[String], curves: &[Curve]) -> Chart {
    let x: Vec<f64> = (0..GRID).map(|i| i as f64 / (GRID - 1) as f64).collect();
    let series = classes.iter().zip(curves).enumerate().map(|(colour, (class, curve))| Series {
        label: class.clone(),
        colour,
        dashed: false,
        raw: false,
        y: x.iter().map(|&x| at(curve, x)).collect(),
    });
    let [title, x_label, y_label] = [title, x_label, y_label].map(str::to_owned);
    Chart {
        title,
        x_label,
        y_label,
        log: false,
        series: series.collect(),
        x,
        marks: Vec::new(),
        classes: true,
    }
}

/// The curve at `x`, by a straight line between neighbours; absent beside it. On a vertical step its upper end.
fn at(curve: &Curve, x: f64) -> Option<f64> {
    let right = curve.x.partition_point(|&v| v <= x);
    let (x0, y0) = (*curve.x.get(right.checked_sub(1)?)?, curve.y[right - 1]);
    let y = match (curve.x.get(right), curve.y.get(right)) {
        (Some(&x1), Some(&y1)) if x1 > x0 => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        _ if x <= x0 + 1e-9 => y0,
        _ => return None,
    };
    Some((y * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_points_is_a_line() {
        let curve = Curve { x: vec![0.0, 0.0, 0.5, 1.0], y: vec![0.0, 0.4, 0.8, 1.0], area: 0.0 };
        assert_eq!(at(&curve, 0.0), Some(0.4));
        assert_eq!(at(&curve, 0.25), Some(0.6));
        assert_eq!(at(&curve, 1.0), Some(1.0));
        let short = Curve { x: vec![0.2, 0.4], y: vec![1.0, 0.5], area: 0.0 };
        assert_eq!((at(&short, 0.1), at(&short, 0.9)), (None, None));
    }
}
