//! NEON (Advanced SIMD of AArch64): the sixteen numbers are four q registers.
use super::{Kernel, LANES, Simd};
use std::arch::aarch64::*;

/// Proof that the processor has NEON.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Neon(());

impl Neon {
    /// The token, if the processor has the instructions.
    pub fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

/// An intrinsic applied to the four quarters.
macro_rules! quarters {
    (|$i:ident| $call:expr) => {
        quarters!(@each $i, $call, [0, 1, 2, 3])
    };
    (@each $i:ident, $call:expr, [$($quarter:literal),*]) => {
        [$({
            let $i = $quarter;
            // SAFETY: the token proves that the processor has the instruction; the one that reads memory, in
            // `load`, reads four of sixteen f32.
            unsafe { $call }
        }),*]
    };
}

/// Four q registers.
type V = [float32x4_t; 4];

impl Simd for Neon {
    type V = V;
    const ROWS: usize = 6;

    #[inline(always)]
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        #[target_feature(enable = "neon")]
        fn inner<K: Kernel>(s: Neon, kernel: K) -> K::Output {
            kernel.run(s)
        }
        // SAFETY: the token proves that the processor has the features.
        unsafe { inner(self, kernel) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> V {
        // SAFETY: the token proves that the processor has the instruction.
        [unsafe { vdupq_n_f32(x) }; 4]
    }
    #[inline(always)]
    fn splat_pair(self, x: &[f32; 2]) -> V {
        let bits: u64 = bytemuck::cast(*x);
        // SAFETY: the token proves that the processor has the instruction.
        [unsafe { vreinterpretq_f32_u64(vdupq_n_u64(bits)) }; 4]
    }
    #[inline(always)]
    fn load(self, x: &[f32; LANES]) -> V {
        quarters!(|i| vld1q_f32(x.as_ptr().add(4 * i)))
    }
    #[inline(always)]
    fn store(self, v: V, y: &mut [f32; LANES]) {
        for (v, y) in v.into_iter().zip(y.as_chunks_mut::<4>().0) {
            // SAFETY: the token proves the instruction; `y` is four writable f32.
            unsafe { vst1q_f32(y.as_mut_ptr(), v) }
        }
    }
    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        quarters!(|i| vaddq_f32(a[i], b[i]))
    }
    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        quarters!(|i| vsubq_f32(a[i], b[i]))
    }
    #[inline(always)]
    fn mul(self, a: V, b: V) -> V {
        quarters!(|i| vmulq_f32(a[i], b[i]))
    }
    #[inline(always)]
    fn div(self, a: V, b: V) -> V {
        quarters!(|i| vdivq_f32(a[i], b[i]))
    }
    #[inline(always)]
    fn fma(self, a: V, b: V, c: V) -> V {
        quarters!(|i| vfmaq_f32(c[i], a[i], b[i]))
    }
    #[inline(always)]
    fn max(self, a: V, b: V) -> V {
        // Not `vmaxq_f32`, which returns NaN where either operand is one.
        self.select_lt(b, a, a, b)
    }
    #[inline(always)]
    fn min(self, a: V, b: V) -> V {
        self.select_lt(a, b, a, b)
    }
    #[inline(always)]
    fn select_lt(self, a: V, b: V, x: V, y: V) -> V {
        quarters!(|i| vbslq_f32(vcltq_f32(a[i], b[i]), x[i], y[i]))
    }
    #[inline(always)]
    fn pow2(self, k: V) -> V {
        quarters!(|i| {
            let exponent = vaddq_s32(vcvtq_s32_f32(k[i]), vdupq_n_s32(127));
            vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent))
        })
    }
    #[inline(always)]
    fn pair_sums(self, a: V, b: V) -> V {
        let pairs = [[a[0], a[1]], [a[2], a[3]], [b[0], b[1]], [b[2], b[3]]];
        quarters!(|i| vpaddq_f32(pairs[i][0], pairs[i][1]))
    }
}
