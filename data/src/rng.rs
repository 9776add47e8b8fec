//! Keyed generators: the same numbers on every machine, whatever the order in which they are asked for.
//!
//! Only raw 32-bit words are taken from `rand`, because its own ranges and shuffles may change between
//! versions.
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// What a generator is for; generators of different purposes are independent under one seed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Shuffle = 1,
    Split = 2,
    Limit = 3,
    Labels = 4,
    Image = 5,
    Blobs = 6,
}

/// The ChaCha8 generator whose key is (`seed`, `stream`, `index`).
pub(crate) fn keyed(seed: u64, stream: Stream, index: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(stream as u64).to_le_bytes());
    key[16..24].copy_from_slice(&index.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A uniform integer in `0..n`, without bias (Lemire, "Fast random integer generation in an interval", 2019).
///
/// # Panics
/// If `n == 0`.
pub(crate) fn below(rng: &mut impl Rng, n: u32) -> u32 {
    let rejected = n.wrapping_neg() % n;
    loop {
        let wide = u64::from(rng.next_u32()) * u64::from(n);
        if wide as u32 >= rejected {
            return (wide >> 32) as u32;
        }
    }
}

/// A uniform multiple of 2^-24 in `[low, high)`, up to one rounding.
pub(crate) fn between(rng: &mut impl Rng, low: f32, high: f32) -> f32 {
    let unit = (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
    low + (high - low) * unit
}

/// Shuffles `items` (Fisher-Yates).
///
/// # Panics
/// If there are 2^32 items or more.
pub(crate) fn shuffle<T>(rng: &mut impl Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let n = u32::try_from(last + 1).expect("fewer than 2^32 items are shuffled");
        items.swap(last, below(rng, n) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_of_a_key_never_change() {
        let mut rng = keyed(7, Stream::Shuffle, 3);
        let words = [rng.next_u32(), rng.next_u32()];
        assert_eq!(words, [3_019_902_159, 1_362_428_128]);
    }

    #[test]
    fn seed_stream_and_index_each_matter() {
        let word = |seed, stream, index| keyed(seed, stream, index).next_u64();
        let base = word(1, Stream::Shuffle, 0);
        assert_ne!(base, word(2, Stream::Shuffle, 0));
        assert_ne!(base, word(1, Stream::Split, 0));
        assert_ne!(base, word(1, Stream::Shuffle, 1));
    }

    #[test]
    fn integers_are_uniform_within_five_sigma() {
        let mut rng = keyed(1, Stream::Shuffle, 0);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[below(&mut rng, 6) as usize] += 1;
        }
        // sigma = sqrt(60,000 * 1/6 * 5/6) = 91
        assert!(counts.iter().all(|&n| n.abs_diff(10_000) < 456), "{counts:?}");
    }

    #[test]
    fn a_shuffle_is_a_permutation() {
        let mut items: Vec<u32> = (0..1000).collect();
        shuffle(&mut keyed(1, Stream::Shuffle, 0), &mut items);
        assert_ne!(items, (0..1000).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..1000).collect::<Vec<_>>());
    }
}
