//! The SIMD layer: one token an instruction set, each computing on sixteen f32 at a time.
//!
//! A kernel is written once, safely, generic over [`Simd`]; [`Simd::vectorize`] inlines it into a `#[target_feature]`
//! function for each instruction set. Two rules make that work:
//!
//! 1. **A token is a proof.** The only way to obtain an `Avx512` value is [`Token::new`], which asks the processor
//!    first. Its methods may therefore execute AVX-512 instructions. That is the whole safety argument of the
//!    `unsafe` blocks in this folder; loads and stores take arrays and slices, so no other one is needed.
//! 2. **Everything is `#[inline(always)]`.** A vector that crosses a real call goes through memory, and a function
//!    that was not inlined is compiled without the features of its caller.
//!
//! The vector is sixteen wide for every token: one zmm, two ymm, four q registers, or an array. Sums therefore split
//! over lanes in one way, and a kernel gives the same bits on all instruction sets with a fused multiply-add; but the
//! forward pass of some convolutions has a kernel of its own for AVX-512.
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod isa;
pub(crate) mod math;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
pub(crate) mod tile;

pub use isa::Isa;
pub(crate) use isa::Token;

/// Numbers in a vector.
pub const LANES: usize = 16;

/// Arithmetic on vectors of sixteen f32, of one instruction set.
pub trait Simd: Copy + Send + Sync {
    /// Sixteen f32 in registers.
    type V: Copy;
    /// Accumulators of sixteen that a register tile may hold beside its operands.
    const ROWS: usize;

    /// Runs `kernel` in a function of its own that is compiled for the instruction set.
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output;
    /// All lanes `x`.
    fn splat(self, x: f32) -> Self::V;
    /// `(x0, x1, x0, x1, …)`
    fn splat_pair(self, x: &[f32; 2]) -> Self::V;
    /// Sixteen numbers from memory.
    fn load(self, x: &[f32; LANES]) -> Self::V;
    /// Sixteen numbers to memory.
    fn store(self, v: Self::V, y: &mut [f32; LANES]);
    /// `a + b`
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a - b`
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a b`
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a / b`
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a b + c`, rounded once; twice in the portable token.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `a > b ? a : b`, that is `b` where either is NaN.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a < b ? a : b`, that is `b` where either is NaN.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a < b ? x : y`
    fn select_lt(self, a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;
    /// `2^k` for whole numbers `k` in [-126, 127].
    fn pow2(self, k: Self::V) -> Self::V;
    /// `(a0 + a1, a2 + a3, …, b0 + b1, b2 + b3, …)`
    fn pair_sums(self, a: Self::V, b: Self::V) -> Self::V;

    /// `x 2^k`, rounded once, for x between 1/2 and 2 and whole numbers `k` in [-252, 254].
    #[inline(always)]
    fn scale(self, x: Self::V, k: Self::V) -> Self::V {
        // In two factors: `2^k` may be beyond the exponents of a float.
        let half = math::round(self, self.mul(k, self.splat(0.5)));
        self.mul(self.mul(x, self.pow2(half)), self.pow2(self.sub(k, half)))
    }

    /// Fewer than sixteen numbers from memory; the other lanes are 0.
    #[inline(always)]
    fn load_partial(self, x: &[f32]) -> Self::V {
        let mut lanes = [0.0; LANES];
        copy_partial(x, &mut lanes);
        self.load(&lanes)
    }

    /// The first `y.len()` lanes, fewer than sixteen, to memory.
    #[inline(always)]
    fn store_partial(self, v: Self::V, y: &mut [f32]) {
        copy_partial(&self.lanes(v), y);
    }

    /// The first sixteen numbers of `x`, or as many as there are and zeros.
    #[inline(always)]
    fn load_some(self, x: &[f32]) -> Self::V {
        match x.first_chunk() {
            Some(full) => self.load(full),
            None => self.load_partial(x),
        }
    }

    /// The lanes to the first sixteen places of `y`, or to as many as there are.
    #[inline(always)]
    fn store_some(self, v: Self::V, y: &mut [f32]) {
        match y.first_chunk_mut() {
            Some(full) => self.store(v, full),
            None => self.store_partial(v, y),
        }
    }

    /// `(m, e)` with `x = m 2^e` and `1 <= m < 2`, for positive normal numbers.
    #[inline(always)]
    fn split(self, x: Self::V) -> (Self::V, Self::V) {
        let (mut m, mut e) = (self.lanes(x), [0.0; LANES]);
        for (m, e) in m.iter_mut().zip(&mut e) {
            let bits = m.to_bits();
            *e = ((bits >> 23) as i32 - 127) as f32;
            *m = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
        }
        (self.load(&m), self.load(&e))
    }

    /// `(rows[0][i], rows[1][i], …)` for every `i`.
    #[inline(always)]
    fn transpose(self, rows: [Self::V; LANES]) -> [Self::V; LANES] {
        let (mut lines, mut columns) = ([[0.0; LANES]; LANES], rows);
        for (row, line) in rows.into_iter().zip(&mut lines) {
            self.store(row, line);
        }
        for (i, column) in columns.iter_mut().enumerate() {
            let mut lanes = [0.0; LANES];
            for (line, lane) in lines.iter().zip(&mut lanes) {
                *lane = line[i];
            }
            *column = self.load(&lanes);
        }
        columns
    }

    /// `(x0, x3, …)`, `(x1, x4, …)` and `(x2, x5, …)`: sixteen pixels of three channels as planes.
    #[inline(always)]
    fn thirds(self, x: &[f32; 3 * LANES]) -> [Self::V; 3] {
        let mut planes = [[0.0; LANES]; 3];
        for i in 0..LANES {
            for c in 0..3 {
                planes[c][i] = x[3 * i + c];
            }
        }
        [self.load(&planes[0]), self.load(&planes[1]), self.load(&planes[2])]
    }

    /// Sixteen pixels of eight planes as pairs of pixels: `(rows[0][2k], …, rows[7][2k], rows[0][2k + 1], …)` for every `k`.
    #[inline(always)]
    fn interleave(self, rows: [Self::V; LANES / 2]) -> [Self::V; LANES / 2] {
        let (mut lines, mut pairs) = ([[0.0; LANES]; LANES / 2], rows);
        for (row, line) in rows.into_iter().zip(&mut lines) {
            self.store(row, line);
        }
        for (k, pair) in pairs.iter_mut().enumerate() {
            let mut lanes = [0.0; LANES];
            for (line, o) in lines.iter().zip(0..) {
                (lanes[o], lanes[o + LANES / 2]) = (line[2 * k], line[2 * k + 1]);
            }
            *pair = self.load(&lanes);
        }
        pairs
    }

    /// The lanes as an array.
    #[inline(always)]
    fn lanes(self, v: Self::V) -> [f32; LANES] {
        let mut lanes = [0.0; LANES];
        self.store(v, &mut lanes);
        lanes
    }

    /// The sum of the lanes, as a tree: first the halves, then the quarters, …
    #[inline(always)]
    fn sum(self, v: Self::V) -> f32 {
        let mut lanes = self.lanes(v);
        for half in [8, 4, 2, 1] {
            for i in 0..half {
                lanes[i] += lanes[i + half];
            }
        }
        lanes[0]
    }
}

/// `to[i] = from[i]` up to the end of the shorter one, which has fewer than sixteen numbers. Not a call of `memcpy`,
/// around which every vector register would have to be saved.
#[inline(always)]
pub(crate) fn copy_partial(from: &[f32], to: &mut [f32]) {
    #[inline(always)]
    fn piece<const N: usize>(from: &[f32], to: &mut [f32], len: usize) {
        if len & N > 0 {
            let at = len & !(2 * N - 1);
            to[at..at + N].copy_from_slice(&from[at..at + N]);
        }
    }
    let len = from.len().min(to.len());
    debug_assert!(len < LANES);
    piece::<8>(from, to, len);
    piece::<4>(from, to, len);
    piece::<2>(from, to, len);
    piece::<1>(from, to, len);
}

/// A computation, written once, that [`Cpu::run`](crate::Cpu::run) has compiled for every instruction set.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The computation. Implementations are `#[inline(always)]`.
    fn run<S: Simd>(self, s: S) -> Self::Output;
}
