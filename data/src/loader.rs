//! Batches of record numbers, reshuffled each epoch.
use crate::rng::{Stream, keyed, shuffle};
use std::slice::Chunks;

/// Yields every index once an epoch, in batches; which images they stand for is the source's business.
///
/// The order of an epoch depends on the seed and the epoch's number alone, so that a resumed training sees
/// the batches it would have seen: `loader.epoch(e).skip(k)` costs one shuffle. Nothing is allocated after
/// [`Loader::new`].
#[derive(Clone, Debug)]
pub struct Loader {
    indices: Vec<u32>,
    /// The last epoch's order.
    order: Vec<u32>,
    batch: usize,
    seed: u64,
}

impl Loader {
    /// Batches of `batch` out of `indices`; the last one is smaller where they do not divide.
    ///
    /// # Panics
    /// If `batch == 0`.
    #[track_caller]
    pub fn new(indices: Vec<u32>, batch: usize, seed: u64) -> Self {
        assert!(batch > 0, "loader: a batch holds at least one image, got batch = 0");
        Self { order: indices.clone(), indices, batch, seed }
    }

    /// The batches of epoch number `epoch`, shuffled by ChaCha8 under the key (seed, epoch).
    pub fn epoch(&mut self, epoch: u64) -> Chunks<'_, u32> {
        self.order.copy_from_slice(&self.indices);
        shuffle(&mut keyed(self.seed, Stream::Shuffle, epoch), &mut self.order);
        self.order.chunks(self.batch)
    }

    /// The batches in the order of the indices, for evaluation.
    pub fn sequential(&self) -> Chunks<'_, u32> {
        self.indices.chunks(self.batch)
    }

    /// All indices, in the order given.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// Batches an epoch: `ceil(indices / batch)`.
    pub fn batches(&self) -> usize {
        self.indices.len().div_ceil(self.batch)
    }

    /// Images in every batch but, perhaps, the last.
    pub fn batch_size(&self) -> usize {
        self.batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loader() -> Loader {
        Loader::new((100..203).collect(), 10, 7)
    }

    fn epoch(loader: &mut Loader, number: u64) -> Vec<u32> {
        loader.epoch(number).flatten().copied().collect()
    }

    #[test]
    fn an_epoch_is_a_permutation_in_batches_with_a_smaller_last_one() {
        let mut loader = loader();
        let sizes: Vec<_> = loader.epoch(0).map(<[u32]>::len).collect();
        assert_eq!(sizes, [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 3]);
        assert_eq!(loader.batches(), 11);
        let mut seen = epoch(&mut loader, 0);
        assert_ne!(seen, loader.indices());
        seen.sort_unstable();
        assert_eq!(seen, loader.indices());
    }

    #[test]
    fn an_epoch_does_not_depend_on_the_ones_before() {
        let mut one = loader();
        let first = epoch(&mut one, 0);
        let second = epoch(&mut one, 1);
        assert_ne!(first, second);
        assert_eq!(epoch(&mut loader(), 1), second);
        assert_eq!(epoch(&mut one, 0), first);
        assert_ne!(epoch(&mut Loader::new((100..203).collect(), 10, 8), 0), first);
    }

    #[test]
    fn the_batch_size_does_not_change_the_order() {
        assert_eq!(epoch(&mut Loader::new((100..203).collect(), 64, 7), 5), epoch(&mut loader(), 5));
    }

    #[test]
    fn the_order_is_this_one_for_ever() {
        assert_eq!(epoch(&mut Loader::new((0..8).collect(), 8, 1), 2), [2, 4, 3, 7, 5, 0, 1, 6]);
    }

    #[test]
    fn the_buffer_is_reused() {
        let mut loader = loader();
        let first = loader.epoch(0).next().map(<[u32]>::as_ptr);
        assert_eq!(loader.epoch(1).next().map(<[u32]>::as_ptr), first);
    }

    #[test]
    fn sequential_batches_keep_the_order() {
        let mut loader = loader();
        let _ = loader.epoch(3);
        assert!(loader.sequential().flatten().eq(loader.indices()));
    }

    #[test]
    fn no_index_means_no_batch() {
        let mut empty = Loader::new(Vec::new(), 10, 1);
        assert_eq!((empty.epoch(0).count(), empty.sequential().count(), empty.batches()), (0, 0, 0));
    }

    #[test]
    #[should_panic(expected = "got batch = 0")]
    fn a_batch_of_nothing_is_a_mistake() {
        Loader::new(vec![1], 0, 1);
    }
}
