//! Numbers that are the same for ever.

/// SplitMix64 (Steele, Lea, Flood, 2014): enough to choose places and bytes.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of case `case` under `seed`.
    pub fn of(seed: u64, case: u64) -> Self {
        let mut random = Self(seed);
        random.0 = random.next() ^ case;
        random
    }

    /// 64 bits.
    #[expect(clippy::should_implement_trait, reason = "it has no end")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, or 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of `all`.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A part of `0..=length`, seldom long.
    pub fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let most = if self.once_in(4) { length } else { 16 };
        let start = self.below(length + 1);
        start..(start + self.below(most + 1)).min(length)
    }
}
