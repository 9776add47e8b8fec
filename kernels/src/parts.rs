//! The parts of a batch: how a sum over images is split.
use std::ops::Range;

/// Parts that a batch has at most, whatever the number of threads.
pub const PARTS: usize = 16;

/// Some consecutive parts of a batch.
///
/// A sum over images is at most sixteen sums over fixed parts and a tree over those: its bits depend on the batch
/// alone. A kernel may be called for all parts at once or for some of them, on any thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    images: usize,
    range: Range<usize>,
}

impl Parts {
    /// All parts of a batch of `images`: one an image up to sixteen.
    pub fn of(images: usize) -> Self {
        Self { images, range: 0..images.min(PARTS) }
    }

    /// How many parts.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The images that they cover, of the batch.
    pub fn images(&self) -> Range<usize> {
        self.bound(self.range.start)..self.bound(self.range.end)
    }

    /// The images of each part, counted from the first one covered.
    pub fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        (0..self.len()).map(|g| self.part(g))
    }

    /// The images of part `g`, counted from the first one covered.
    pub fn part(&self, g: usize) -> Range<usize> {
        let (first, g) = (self.images().start, self.range.start + g);
        self.bound(g) - first..self.bound(g + 1) - first
    }

    /// Shares them out among `count` runs of neighbours, at most one a part.
    pub fn split(&self, count: usize) -> impl ExactSizeIterator<Item = Self> + '_ {
        let (first, len) = (self.range.start, self.len());
        let count = count.min(len);
        (0..count).map(move |c| {
            let range = first + c * len / count..first + (c + 1) * len / count;
            Self { images: self.images, range }
        })
    }

    /// The first image of part `g`.
    fn bound(&self, g: usize) -> usize {
        g * self.images / self.images.clamp(1, PARTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_each_image_once() {
        for images in 0..60 {
            let all = Parts::of(images);
            assert_eq!(all.images(), 0..images);
            assert!(all.iter().flatten().eq(0..images));
            for count in 1..20 {
                assert!(all.split(count).flat_map(|some| some.images()).eq(0..images));
                let parts = all.split(count).flat_map(|some| {
                    let first = some.images().start;
                    some.iter().map(|r| r.start + first..r.end + first).collect::<Vec<_>>()
                });
                assert!(parts.eq(all.iter()), "{images} images, {count} runs");
            }
        }
    }
}
