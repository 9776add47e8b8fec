//! A trained network's answers on the test images, class by class.
use super::{Run, Session};
use crate::{
    evaluate,
    figure::{self, Bars, Ranking},
    metrics::{self, ClassScores, Confusion, one_against_rest, precision_recall, roc},
    results::{Curve, Evaluation},
};
use anyhow::Result;

/// The most points of a curve that are written.
const POINTS: usize = 200;

impl Session {
    /// Confusion, scores and rankings of `run` on the test images; drawn too, in files that begin with `stem`.
    ///
    /// # Errors
    /// Where the machine fails, or a file cannot be written.
    pub fn answers(&self, run: &Run, stem: &str, title: &str) -> Result<Evaluation> {
        let test = &self.splits.test;
        let labels = test.labels();
        let scores = evaluate::probabilities(&run.model, &run.params, test, self.splits.input, &self.device)?;
        let classes = self.variant.classes;
        let predictions: Vec<u8> = scores.chunks(classes).map(first_largest).collect();
        let confusion = Confusion::new(&labels, &predictions, classes)?;
        let of_class = confusion.scores();
        let all = |score: fn(&ClassScores) -> f64| of_class.iter().map(score).collect();
        let ranked = |curve: fn(&[f64], &[bool]) -> metrics::Result<metrics::Curve>| {
            let of = |class| {
                let (scores, positive) = one_against_rest(&scores, &labels, classes, class)?;
                curve(&scores, &positive)
            };
            (0..classes).map(of).collect::<metrics::Result<Vec<_>>>()
        };
        let (roc, precision_recall) = (ranked(roc)?, ranked(precision_recall)?);
        let found = Evaluation {
            classes: self.data.class_names.iter().map(|name| (*name).into()).collect(),
            confusion: confusion.rows().map(<[u64]>::to_vec).collect(),
            precision: all(|s| s.precision),
            recall: all(|s| s.recall),
            f1: all(|s| s.f1),
            roc: roc.iter().map(stored).collect(),
            precision_recall: precision_recall.iter().map(stored).collect(),
        };
        self.draw(&found, &confusion, [&roc, &precision_recall], stem, title)?;
        Ok(found)
    }

    fn draw(
        &self,
        found: &Evaluation,
        confusion: &Confusion,
        [roc, precision_recall]: [&[metrics::Curve]; 2],
        stem: &str,
        title: &str,
    ) -> Result<()> {
        let names = &self.data.class_names;
        let file = |what: &str| self.out.file(&format!("{stem}_{what}"));
        figure::confusion(&self.title(&format!("{title}: confusion")), confusion, names)?
            .write(&file("confusion"))?;
        let bars = Bars {
            title: "one class against the rest",
            y_label: "share",
            groups: names,
            series: &[("precision", &found.precision), ("recall", &found.recall), ("F1", &found.f1)],
            full: 1.0,
        };
        figure::bars(&self.title(&format!("{title}: classes")), &bars)?.write(&file("classes"))?;
        let curves = roc.iter().zip(precision_recall);
        let ranking = |(name, (roc, precision_recall))| Ranking { name, roc, precision_recall };
        let rankings: Vec<Ranking<'_>> = names.iter().copied().zip(curves).map(ranking).collect();
        figure::rankings(&self.title(&format!("{title}: rankings")), &rankings)?.write(&file("rankings"))?;
        Ok(())
    }
}

/// The index of the largest value, the first of equals: what `count_correct` takes for the answer.
fn first_largest(row: &[f64]) -> u8 {
    let largest = row.iter().enumerate().reduce(|best, x| if x.1 > best.1 { x } else { best });
    largest.map_or(0, |(class, _)| class as u8)
}

fn stored(curve: &metrics::Curve) -> Curve {
    let (x, y) = curve.thinned(POINTS).points.iter().map(|&[x, y]| (x, y)).unzip();
    Curve { x, y, area: curve.area }
}
