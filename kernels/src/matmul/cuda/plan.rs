//! Into which tiles a product is cut.

/// Blocks that keep a large GPU busy: two for each of an H200's 132 multiprocessors.
const BUSY: usize = 264;
/// The most parts that K is split into.
const MOST_PARTS: usize = 64;

/// How a product is cut.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Rows of a block's tile of C.
    pub bm: usize,
    /// Columns of it.
    pub bn: usize,
    /// Terms that are in shared memory at a time.
    pub bk: usize,
    /// Rows of a thread's tile; it has four columns.
    pub tm: usize,
    /// Parts of K, each a sum of its own.
    pub parts: usize,
    /// Tiles of `bk` terms in a part (the last may have fewer).
    pub tiles: usize,
}

/// Columns of a thread's tile: one vector.
pub(crate) const TN: usize = 4;

impl Plan {
    /// The cut of (m, k) x (k, n): large tiles for large products; for small ones tiles that leave more blocks.
    pub(crate) fn new(m: usize, k: usize, n: usize) -> Self {
        let blocks = |bm: usize, bn: usize| m.div_ceil(bm) * n.div_ceil(bn);
        let (bm, bn, bk, tm) = match n {
            0..=16 if m <= 1024 => (32, 16, 32, 4),
            0..=16 => (64, 16, 32, 4),
            _ if n > 32 && blocks(64, 64) >= BUSY => (64, 64, 16, 8),
            _ if blocks(64, 32) >= BUSY => (64, 32, 32, 8),
            _ if k >= 512 && blocks(64, 32) >= BUSY / 4 => (64, 32, 32, 8),
            _ => (32, 32, 32, 4),
        };
        // Of a sum that is one tile, ptxas would load all at once, into more registers than there are.
        let bk = if k <= bk { 16 } else { bk };
        let tiles = k.div_ceil(bk);
        // A second pass costs about as much as adding up 256 terms.
        let wanted = if k <= 256 { 1 } else { 2 * BUSY / blocks(bm, bn).max(1) };
        let per_part = tiles.div_ceil(wanted.clamp(1, MOST_PARTS)).max(1);
        Self { bm, bn, bk, tm, parts: tiles.div_ceil(per_part).max(1), tiles: per_part }
    }

    /// The cut of a product that is small enough to share a launch with another such: the same tiles for both, K in one part,
    /// its terms as many at a time as in [`Plan::new`].
    pub(crate) fn small(m: usize, k: usize, n: usize) -> Option<Self> {
        let usual = Self::new(m, k, n);
        let plan = Self { bm: 32, bn: 32, tm: 4, ..usual };
        let fits = m * n > 0 && k <= 256 && usual.bk == if k <= 32 { 16 } else { 32 };
        (fits && plan.blocks(m, n) <= 2 * BUSY).then_some(plan)
    }

    /// Tiles of C (m, n).
    pub(crate) fn blocks(&self, m: usize, n: usize) -> usize {
        m.div_ceil(self.bm) * n.div_ceil(self.bn)
    }

    /// Threads of a block.
    pub(crate) fn threads(&self) -> usize {
        self.bm / self.tm * (self.bn / TN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The products of the experiments: whole multiprocessors wait for nobody.
    #[test]
    fn blocks_of_the_networks() {
        let blocks = |m: usize, k, n: usize| {
            let p = Plan::new(m, k, n);
            m.div_ceil(p.bm) * n.div_ceil(p.bn) * p.parts
        };
        assert!(blocks(50, 3072, 32) >= 64, "forward, batch 50");
        assert!(blocks(5000, 3072, 32) >= 132, "forward, validation");
        assert!(blocks(3072, 50, 32) >= 96, "weight gradient");
        assert_eq!(Plan::new(50, 64, 10).parts, 1, "nothing is worth splitting");
    }

    #[test]
    fn parts_cover_k() {
        for k in [0, 1, 31, 32, 33, 256, 257, 511, 512, 3072, 100_000] {
            for [m, n] in [[1, 1], [50, 32], [5000, 32], [600, 700]] {
                let p = Plan::new(m, k, n);
                let tiles = k.div_ceil(p.bk);
                assert!(p.parts * p.tiles >= tiles, "{k} {p:?}");
                assert!(p.parts == 1 || (p.parts - 1) * p.tiles < tiles, "{k}: an empty part in {p:?}");
            }
        }
    }
}
