//! Data of CIFAR's form, where CIFAR cannot be carried, and the programs that read it.
use ferrotape_autograd::{Input, Source, Tape, Var};
use ferrotape_nn::{Adam, Module, Sequential, Step};
use std::sync::Arc;

/// Images (3, 32, 32) of bytes that look random, a little brighter for higher labels: there is something to learn.
#[derive(Debug)]
pub struct Noise {
    bytes: Vec<u8>,
}

const RECORD: usize = 3 * 32 * 32;

impl Noise {
    /// `count` images, always the same.
    pub fn images(count: usize) -> Arc<dyn Source> {
        let byte = |i: usize| {
            let hash = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (hash >> 57) as u8 + 12 * label(i / RECORD)
        };
        Arc::new(Self { bytes: (0..count * RECORD).map(byte).collect() })
    }
}

fn label(record: usize) -> u8 {
    (record % 10) as u8
}

impl Source for Noise {
    fn len(&self) -> usize {
        self.bytes.len() / RECORD
    }

    fn shape(&self) -> [usize; 3] {
        [3, 32, 32]
    }

    fn classes(&self) -> usize {
        10
    }

    fn pixels(&self, record: usize) -> &[u8] {
        &self.bytes[record * RECORD..][..RECORD]
    }

    fn label(&self, record: usize) -> u8 {
        label(record)
    }
}

/// A training step as the experiments make it: loss and right answers of a batch, its gradients, Adam.
pub fn training<'m>(
    model: &'m Sequential,
    source: &'m Arc<dyn Source>,
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + 'm> {
    Step::new(|tape, n| {
        let (x, labels) = tape.batch(source, Input::Signed, n);
        let logits = model.forward(x);
        let loss = logits.cross_entropy(labels);
        let gradients = loss.backward();
        let keep = vec![loss, logits.count_correct(labels)];
        gradients.step(Adam::default());
        keep
    })
}

/// Loss and right answers of a batch.
pub fn validation<'m>(
    model: &'m Sequential,
    source: &'m Arc<dyn Source>,
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + 'm> {
    Step::evaluation(|tape, n| {
        let (x, labels) = tape.batch(source, Input::Signed, n);
        let logits = model.forward(x);
        vec![logits.cross_entropy(labels), logits.count_correct(labels)]
    })
}
