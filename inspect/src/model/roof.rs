//! What a machine can do at most.
use ferrotape_benches::{bandwidth, peak};
use ferrotape_kernels::Isa;
use serde::{Deserialize, Serialize};

/// The roofline: no instruction takes less time than its FLOPs do at the peak, nor than its bytes do at the bandwidth of the
/// nearest level of memory that holds them.
///
/// It flatters the machine: the bytes may well come from further away. FLOPs are those of the definition: an instruction that
/// skips work nobody reads may exceed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roof {
    /// GFLOP/s of multiply-adds in registers.
    pub peak: f64,
    /// Levels of memory, nearest first; the last holds all.
    pub levels: Vec<Level>,
}

/// A level of memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// `L2`, `L3` or `DRAM`.
    pub name: String,
    /// Bytes it holds.
    pub capacity: u64,
    /// GB/s.
    pub bandwidth: f64,
}

impl Roof {
    /// Measures this processor with its best instruction set on `threads` threads: about half a second.
    pub fn calibrate(threads: usize) -> Self {
        let level = |l: bandwidth::Level| {
            let (name, bandwidth) = (l.name.to_owned(), l.best());
            Level { name, capacity: l.capacity, bandwidth }
        };
        let levels = bandwidth::levels(threads).into_iter().map(level).collect();
        Self { peak: peak::peak_of(Isa::best(), threads), levels }
    }

    /// Nanoseconds at least, and what sets them: `FMA` or a level of memory.
    pub fn bound(&self, flops: u64, bytes: u64) -> Option<(f64, &str)> {
        let level = self.levels.iter().find(|level| bytes <= level.capacity).or(self.levels.last())?;
        let (compute, memory) = (flops as f64 / self.peak, bytes as f64 / level.bandwidth);
        let (ns, by) = if compute > memory { (compute, "FMA") } else { (memory, &*level.name) };
        ns.is_finite().then_some((ns, by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_of_the_two() {
        let level = |name: &str, capacity, bandwidth| Level { name: name.into(), capacity, bandwidth };
        let roof = Roof { peak: 100.0, levels: vec![level("L2", 1000, 50.0), level("DRAM", 10_000, 10.0)] };
        assert_eq!(roof.bound(5000, 1000), Some((50.0, "FMA")));
        assert_eq!(roof.bound(50, 1000), Some((20.0, "L2")));
        assert_eq!(roof.bound(50, 1_000_000), Some((100_000.0, "DRAM")), "the last holds all");
        assert_eq!(Roof { peak: 0.0, levels: vec![] }.bound(1, 1), None);
    }
}
