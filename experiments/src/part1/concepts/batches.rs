//! (b) An epoch has ceil(N / B) batches, a training E ceil(N / B) steps: counted on the loader.
use crate::results::part1::Batches;
use ferrotape_data::Loader;

/// Passes that are counted.
const EPOCHS: usize = 3;

/// Images and batch size: the homework's data sets, a remainder of one, a batch larger than the data.
const CASES: [(usize, usize); 6] =
    [(45_000, 50), (54_000, 50), (45_000, 64), (1_001, 50), (1_000, 1_000), (30, 50)];

/// Counts batches of the loader that all trainings draw from.
pub fn count(seed: u64) -> Vec<Batches> {
    CASES.map(|(images, batch)| count_one(images, batch, seed)).into()
}

fn count_one(images: usize, batch: usize, seed: u64) -> Batches {
    let mut loader = Loader::new((0..images as u32).collect(), batch, seed);
    let sizes: Vec<Vec<usize>> =
        (0..EPOCHS).map(|epoch| loader.epoch(epoch as u64).map(<[u32]>::len).collect()).collect();
    Batches {
        images,
        batch,
        epochs: EPOCHS,
        formula_an_epoch: images.div_ceil(batch),
        formula_steps: EPOCHS * images.div_ceil(batch),
        counted_an_epoch: sizes[0].len(),
        counted_steps: sizes.iter().map(Vec::len).sum(),
        last_batch: sizes[0].last().copied().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_keeps_to_the_formula() {
        for found in count(1) {
            assert_eq!(found.counted_an_epoch, found.formula_an_epoch, "{found:?}");
            assert_eq!(found.counted_steps, found.formula_steps, "{found:?}");
        }
        let odd = count_one(1_001, 50, 1);
        assert_eq!((odd.counted_an_epoch, odd.counted_steps, odd.last_batch), (21, 63, 1));
    }
}
