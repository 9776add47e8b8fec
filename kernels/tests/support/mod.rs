//! What the tests of the CPU kernels share: every instruction set and number of threads, poisoned outputs between
//! guard bands, tolerances that are derived.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
use ferrotape_kernels::{
    Bound, Cpu, Isa, Pool,
    elementwise::{self, Channels},
    philox, reduce,
};
use std::{fmt::Debug, ops::Range, sync::LazyLock};

/// Pools of 1, 2, 3 and 7 threads.
static POOLS: LazyLock<Vec<Pool>> = LazyLock::new(|| [1, 2, 3, 7].map(Pool::new).into());

/// A context for every number of threads, by instruction set.
pub fn contexts() -> impl Iterator<Item = (Isa, Vec<Cpu>)> {
    Isa::available().map(|isa| (isa, POOLS.iter().map(|pool| Cpu::with_isa(pool, isa).unwrap()).collect()))
}

/// What `kernel` writes into `len` places, for every instruction set: checked to write each place, none beside them,
/// and the same bits with any number of threads.
pub fn on_every_isa(len: usize, mut kernel: impl FnMut(&Cpu, &mut [f32])) -> Vec<(Isa, Vec<f32>)> {
    let one_isa = |(isa, cpus): (Isa, Vec<Cpu>)| {
        let mut runs = cpus.iter().map(|cpu| (cpu.threads(), guarded(len, |y| kernel(cpu, y))));
        let (_, first) = runs.next().expect("one thread");
        for (threads, y) in runs {
            let same = y.iter().zip(&first).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{isa}: {threads} threads give other bits than one");
        }
        (isa, first)
    };
    contexts().map(one_isa).collect()
}

/// The `len` numbers that `write` leaves in a slice of NaNs, after checking that it wrote nothing around it.
pub fn guarded(len: usize, write: impl FnOnce(&mut [f32])) -> Vec<f32> {
    const GUARD: usize = 64;
    let band = f32::from_bits(0x7fc0_beef);
    let mut y = vec![band; len + 2 * GUARD];
    let (head, rest) = y.split_at_mut(GUARD);
    let (body, tail) = rest.split_at_mut(len);
    body.fill(f32::NAN);
    write(body);
    let intact = head.iter().chain(tail.iter()).all(|x| x.to_bits() == band.to_bits());
    assert!(intact, "something was written beside the output");
    body.to_vec()
}

/// Asserts `|fast - bound.re| <= bound.tolerance()` everywhere.
#[track_caller]
pub fn assert_within(fast: &[f32], bounds: &[Bound], what: impl Debug) {
    assert_eq!(fast.len(), bounds.len());
    for (i, (&y, bound)) in fast.iter().zip(bounds).enumerate() {
        let (error, tolerance) = ((f64::from(y) - bound.re).abs(), bound.tolerance());
        assert!(error <= tolerance, "{what:?}: [{i}] = {y}, expected {} ± {tolerance:e}", bound.re);
    }
}

/// The broadcast of a number a channel equals the reference, its gradient is within the bound, on every instruction set.
#[track_caller]
pub fn check_channels(s: &Channels, random: &mut Random) {
    let (x, b) = (random.numbers(s.len()), random.numbers(s.c));
    let mut y = vec![0.0; x.len()];
    elementwise::reference::add_channels(s, &x, &b, &mut y);
    for (isa, fast) in on_every_isa(y.len(), |cpu, y| elementwise::cpu::add_channels(s, &x, &b, y, cpu)) {
        assert_eq!(fast, y, "{isa}: {s:?}");
    }
    let mut sums = vec![Bound::default(); s.c];
    reduce::reference::channel_sum(s, &bounds(&x), &mut sums);
    for (isa, fast) in on_every_isa(s.c, |cpu, y| reduce::cpu::channel_sum(s, &x, y, cpu)) {
        assert_within(&fast, &sums, (isa, s));
    }
}

/// As exact inputs of a reference kernel.
pub fn bounds(x: &[f32]) -> Vec<Bound> {
    x.iter().map(|&x| Bound::exact(f64::from(x))).collect()
}

/// Reproducible random numbers.
pub struct Random {
    key: u32,
    count: u32,
}

impl Random {
    pub fn new(key: u32) -> Self {
        Self { key, count: 0 }
    }

    pub fn word(&mut self) -> u32 {
        self.count += 1;
        philox::block([self.count, 0, 0, 0], [self.key, 0])[0]
    }

    /// One of `range`.
    pub fn within(&mut self, range: Range<usize>) -> usize {
        range.start + self.word() as usize % range.len()
    }

    /// Uniform in [-1, 1).
    pub fn number(&mut self) -> f32 {
        (self.word() >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    /// `len` numbers.
    pub fn numbers(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.number()).collect()
    }
}
