//! Forward-only passes over a set of images: loss and accuracy while training, every answer afterwards.
use anyhow::Result;
use ferrotape_autograd::{Device, Feed, Input, Outputs, Params, Part, Sequence, Source, Tape, Var};
use ferrotape_nn::{Module, Sequential, Step};
use std::sync::Arc;

/// Images a forward-only program takes at a time. On a CPU enough that threads seldom wait for each other: a chain works on
/// few of them at once, so more would not leave the cache. On a GPU enough to fill it.
fn batch(device: &Device) -> usize {
    if device.runs_ahead() { 5_000 } else { 250 }
}

/// Images of a source by index.
#[derive(Clone, Debug)]
pub struct Images {
    /// Where they lie.
    pub source: Arc<dyn Source>,
    /// Which of them.
    pub indices: Vec<u32>,
}

impl Images {
    /// All images of `source`.
    pub fn all(source: Arc<dyn Source>) -> Self {
        let indices = (0..source.len() as u32).collect();
        Self { source, indices }
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// Their labels, in the order of the indices.
    pub fn labels(&self) -> Vec<u8> {
        self.indices.iter().map(|&i| self.source.label(i as usize)).collect()
    }
}

/// Mean loss of a set of images, and the share of them classified right.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Cross-entropy, natural logarithm, mean over the images.
    pub loss: f64,
    /// Percent.
    pub accuracy: f64,
}

/// A pass that scores a set of images, compiled once and used again and again, for several stores side by side.
pub(crate) struct Evaluation<'a, F> {
    /// The store that the pass is recorded with; others are like it.
    params: &'a Params,
    images: &'a Images,
    batch: usize,
    /// All whole batches, for each store.
    feeds: Vec<Feed<'a>>,
    step: Step<F>,
    /// Runs the images that are left.
    rest: Sequence,
}

impl<F> Evaluation<'_, F>
where
    F: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    /// All whole batches for so many stores, as part of a sequence.
    pub(crate) fn part(&mut self, stores: usize) -> Result<Part<'_>> {
        let runs = self.images.len() / self.batch;
        while self.feeds.len() < stores * runs {
            self.feeds.extend_from_within(..runs);
        }
        let program = self.step.program(self.params, self.batch)?;
        Ok(Part { program, runs, feeds: &self.feeds[..stores * runs] })
    }

    pub(crate) fn scores(&mut self, stores: &[&Params]) -> Result<Vec<Score>> {
        let mut sequence = Sequence::default();
        let whole = sequence.run_side_by_side(stores, &mut [self.part(stores.len())?])?;
        self.scores_of(stores, whole.iter().map(|parts| &parts[0][..]))
    }

    /// The score of each store, from what the [part](Self::part) gave for it, and from the images that are left.
    pub(crate) fn scores_of<'o>(
        &mut self,
        stores: &[&Params],
        whole: impl Iterator<Item = &'o [Outputs]>,
    ) -> Result<Vec<Score>> {
        let (n, batch) = (self.images.len() as f64, self.batch);
        let left = self.images.indices.chunks_exact(batch).remainder();
        let rest = if left.is_empty() {
            vec![None; stores.len()]
        } else {
            let feeds = vec![Feed::U32(left); stores.len()];
            let program = self.step.program(self.params, left.len())?;
            let mut part = [Part { program, runs: 1, feeds: &feeds }];
            let outputs = self.rest.run_side_by_side(stores, &mut part)?;
            outputs.iter().map(|parts| Some(parts[0][0].clone())).collect()
        };
        let score = |(whole, rest): (&[Outputs], &Option<Outputs>)| {
            let whole = whole.iter().map(|outputs| (outputs, batch));
            let all = whole.chain(rest.iter().map(|outputs| (outputs, left.len())));
            let (loss, correct) = all.fold((0.0, 0.0), |(loss, correct), (outputs, images)| {
                (loss + f64::from(outputs[0]) * images as f64, correct + f64::from(outputs[1]))
            });
            Score { loss: loss / n, accuracy: 100.0 * correct / n }
        };
        Ok(whole.zip(&rest).map(score).collect())
    }
}

/// The evaluation of `model`, whose parameters are in `params`, on `images`; to be asked for scores as they change, and for those
/// of stores like it.
pub(crate) fn evaluation<'a>(
    model: &'a Sequential,
    params: &'a Params,
    images: &'a Images,
    input: Input,
    device: &Device,
) -> Evaluation<'a, impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + use<'a>> {
    let step = Step::evaluation(move |tape, n| {
        let (x, labels) = tape.batch(&images.source, input, n);
        let logits = model.forward(x);
        vec![logits.cross_entropy(labels), logits.count_correct(labels)]
    });
    let batch = batch(device).min(images.len()).max(1);
    let feeds = images.indices.chunks_exact(batch).map(Feed::U32).collect();
    Evaluation { params, images, batch, feeds, step: step.on(device.clone()), rest: Sequence::default() }
}

/// Loss and accuracy of `model` on `images`.
///
/// # Errors
/// Where the machine fails.
pub fn score(
    model: &Sequential,
    params: &Params,
    images: &Images,
    input: Input,
    device: &Device,
) -> Result<Score> {
    Ok(evaluation(model, params, images, input, device).scores(&[params])?.remove(0))
}

/// What a network says of every image: the softmax of its logits, a row of as many numbers as there are classes.
///
/// # Errors
/// Where the machine fails.
pub fn probabilities(
    model: &Sequential,
    params: &Params,
    images: &Images,
    input: Input,
    device: &Device,
) -> Result<Vec<f64>> {
    let step = Step::evaluation(|tape, n| {
        let (x, _) = tape.batch(&images.source, input, n);
        vec![model.forward(x)]
    });
    let mut step = step.on(device.clone());
    let mut all = Vec::new();
    for batch in images.indices.chunks(batch(device)) {
        let logits = step.run(params, batch)?.values(0);
        all.extend(logits.chunks(logits.len() / batch.len()).flat_map(softmax));
    }
    Ok(all)
}

/// `exp(z_k - max z) / Σ_j exp(z_j - max z)`; zeros where that is no number, because a diverged network's logits overflow.
fn softmax(logits: &[f32]) -> Vec<f64> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|&z| f64::from(z - max).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| if sum.is_finite() { p / sum } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::softmax;

    #[test]
    fn probabilities_sum_to_one_whatever_the_size_of_the_logits() {
        assert_eq!(softmax(&[3.0, 3.0]), [0.5, 0.5]);
        let large = softmax(&[1e4, 1e4 + 1.0, -1e4]);
        assert!((large.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert_eq!(softmax(&[f32::INFINITY, 1.0]), [0.0, 0.0]);
        assert_eq!(softmax(&[f32::NAN, 1.0]), [0.0, 0.0]);
        assert!((large[1] / large[0] - 1f64.exp()).abs() < 1e-12 && large[2] == 0.0);
    }
}
