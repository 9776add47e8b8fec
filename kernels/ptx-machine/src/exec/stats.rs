//! What is counted while blocks run.
use crate::{
    counters::{Count, Counters, Requests, Wavefronts},
    module::Kernel,
    op::Pc,
};

/// Counts of one worker.
#[derive(Debug)]
pub(crate) struct Stats {
    /// How often each instruction ran.
    issued: Vec<Count>,
    pub counters: Counters,
}

impl Stats {
    pub fn new(kernel: &Kernel) -> Self {
        Self { issued: vec![Count::default(); kernel.code.len()], counters: Counters::default() }
    }

    #[inline(always)]
    pub fn issue(&mut self, pc: Pc, lanes: u32) {
        let count = &mut self.issued[pc as usize];
        count.warps += 1;
        count.lanes += u64::from(lanes.count_ones());
    }

    pub fn add(&mut self, other: &Stats) {
        self.issued.iter_mut().zip(&other.issued).for_each(|(mine, other)| *mine += *other);
        self.counters += &other.counters;
    }

    /// Sums over classes and lines.
    pub fn finish(mut self, kernel: &Kernel) -> Counters {
        for (note, count) in kernel.notes.iter().zip(&self.issued) {
            self.counters.classes[note.class as usize] += *count;
            if count.warps == 0 {
                continue;
            }
            match self.counters.lines.last_mut() {
                Some((line, sum)) if *line == note.line => *sum += *count,
                _ => self.counters.lines.push((note.line, *count)),
            }
        }
        self.counters
    }
}

/// Counts the sectors of a request to global memory; an access is aligned and at most 16 bytes, so it lies in one.
#[inline(always)]
pub(super) fn count_sectors(requests: &mut Requests, at: &[u64; 32], mask: u32, bytes: u32) {
    requests.requests += 1;
    requests.bytes += u64::from(bytes * mask.count_ones());
    let (mut sectors, mut last, mut rising) = (0, 0, true);
    for (lane, at) in at.iter().enumerate() {
        if mask >> lane & 1 == 1 {
            let sector = (at >> 5) + 1;
            rising &= sector >= last;
            sectors += u64::from(sector != last);
            last = sector;
        }
    }
    requests.sectors += if rising { sectors } else { different(at, mask) };
}

/// Different sectors of addresses in any order.
#[cold]
fn different(at: &[u64; 32], mask: u32) -> u64 {
    let mut sectors = [0; 32];
    let mut count = 0;
    for lane in (0..32).filter(|lane| mask >> lane & 1 == 1) {
        sectors[count] = at[lane] >> 5;
        count += 1;
    }
    let sectors = &mut sectors[..count];
    sectors.sort_unstable();
    1 + sectors.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64
}

/// Counts the passes that an access of shared memory takes: see [`Wavefronts`].
#[inline(always)]
pub(super) fn count_wavefronts(waves: &mut Wavefronts, at: &[u64; 32], mask: u32, bytes: u32) {
    waves.requests += 1;
    let group = match bytes {
        16 => 8,
        8 => 16,
        _ => 32,
    };
    let words = bytes.div_ceil(4) as u64;
    for first in (0..32).step_by(group) {
        let here = mask >> first & if group == 32 { u32::MAX } else { (1 << group) - 1 };
        if here == 0 {
            continue;
        }
        let passes = passes(&at[first..first + group], here, words);
        waves.wavefronts += passes;
        waves.conflicts += passes - 1;
    }
}

/// Different words of the bank that most are wanted of.
#[inline(always)]
fn passes(at: &[u64], mask: u32, words: u64) -> u64 {
    let mut first_of = [u64::MAX; 32];
    let mut clash = false;
    for (lane, at) in at.iter().enumerate() {
        if mask >> lane & 1 == 1 {
            for word in at / 4..at / 4 + words {
                let first = &mut first_of[(word % 32) as usize];
                clash |= *first != word && *first != u64::MAX;
                *first = word;
            }
        }
    }
    if clash { passes_of_clash(at, mask, words) } else { 1 }
}

#[cold]
fn passes_of_clash(at: &[u64], mask: u32, words: u64) -> u64 {
    let lanes = (0..at.len()).filter(|lane| mask >> lane & 1 == 1);
    let mut wanted: Vec<u64> = lanes.flat_map(|lane| at[lane] / 4..at[lane] / 4 + words).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut banks = [0; 32];
    wanted.iter().for_each(|word| banks[(word % 32) as usize] += 1);
    banks.into_iter().max().unwrap_or(0)
}
