//! The slope of the roofline: bytes a second from each level of the memory.
use crate::timing::median;
use ferrotape_kernels::Pool;
use std::{fs, hint::black_box};

/// A level of the memory and how fast it is.
#[derive(Clone, Debug)]
pub struct Level {
    /// `L2`, `L3` or `DRAM`.
    pub name: &'static str,
    /// What the threads together can keep in it.
    pub capacity: u64,
    /// GB/s of reading.
    pub read: f64,
    /// GB/s of copying: bytes read plus bytes written.
    pub copy: f64,
}

impl Level {
    /// GB/s of the faster of the two: no instruction does better.
    pub fn best(&self) -> f64 {
        self.read.max(self.copy)
    }
}

/// The levels behind the first, as `threads` threads see them, each working on memory of its own. Medians of
/// several passes; about half a second.
pub fn levels(threads: usize) -> Vec<Level> {
    let (l2, l3) = (cache(2).unwrap_or(1 << 20), cache(3).unwrap_or(32 << 20));
    let l3 = l3.max(2 * threads * l2);
    let level = |name, capacity: usize, measured: usize| {
        let pool = Pool::new(threads);
        let (read, copy) = measure(&pool, measured / threads);
        Level { name, capacity: capacity as u64, read, copy }
    };
    vec![
        level("L2", threads * l2, threads * l2 / 2),
        level("L3", l3, l3 / 4),
        level("DRAM", usize::MAX, 4 * l3),
    ]
}

/// Size of this processor's cache of level `level`, where the system tells.
fn cache(level: usize) -> Option<usize> {
    let file = |name: String| fs::read_to_string(format!("/sys/devices/system/cpu/cpu0/cache/{name}")).ok();
    let size = (0..8).find_map(|i| {
        let found = file(format!("index{i}/level"))?.trim() == level.to_string();
        found.then(|| file(format!("index{i}/size")))?
    })?;
    let size = size.trim();
    let (number, unit) = size.split_at(size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len()));
    Some(number.parse::<usize>().ok()? << if unit == "M" { 20 } else { 10 })
}

/// Two cache lines: enough independent words to keep both load units busy, few enough to stay in registers.
type Block = [u64; 16];

/// GB/s of reading and of copying `bytes` (both sides of the copy together) on every thread: the sum over threads of what
/// each does in its median sample.
fn measure(pool: &Pool, bytes: usize) -> (f64, f64) {
    let blocks = (bytes / size_of::<Block>() / 2).max(1);
    let passes = ((1 << 22) / bytes).max(1);
    let mut memory = vec![[1u64; 16]; 2 * blocks * pool.threads()];
    let mut rates = vec![0.0; pool.threads()];
    let mut all = |pass: &(dyn Fn(&mut [Block]) + Sync)| -> f64 {
        pool.for_each_chunk2((&mut memory, 2 * blocks), (&mut rates, 1), |_, part, rate| {
            let ns = median(15, || (0..passes).for_each(|_| pass(part)));
            rate[0] = (size_of_val(part) * passes) as f64 / ns;
        });
        rates.iter().sum()
    };
    let read = all(&|part| {
        let mut sum = [0u64; 16];
        for block in black_box(part).iter() {
            for (sum, word) in sum.iter_mut().zip(block) {
                *sum ^= word;
            }
        }
        black_box(sum);
    });
    let copy = all(&|part| {
        let (from, to) = black_box(part).split_at_mut(blocks);
        to.copy_from_slice(from);
    });
    (read, copy)
}
