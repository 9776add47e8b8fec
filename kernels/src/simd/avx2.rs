//! AVX2 with FMA: the sixteen numbers are two ymm registers.
use super::{Kernel, LANES, Simd};
use std::arch::x86_64::*;

/// Proof that the processor has AVX2 and FMA.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// The token, if the processor has the instructions.
    pub fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        has.then_some(Self(()))
    }
}

/// An intrinsic without memory operands, applied to both halves.
macro_rules! halves {
    (|$i:ident| $call:expr) => {
        halves!(@each $i, $call, [0, 1])
    };
    (@each $i:ident, $call:expr, [$($half:literal),*]) => {
        [$({
            let $i = $half;
            // SAFETY: the token proves that the processor has the instruction.
            unsafe { $call }
        }),*]
    };
}

/// Two ymm registers.
type V = [__m256; 2];

impl Simd for Avx2 {
    type V = V;
    const ROWS: usize = 6;

    #[inline(always)]
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        #[target_feature(enable = "avx2,fma")]
        fn inner<K: Kernel>(s: Avx2, kernel: K) -> K::Output {
            kernel.run(s)
        }
        // SAFETY: the token proves that the processor has the features.
        unsafe { inner(self, kernel) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> V {
        // SAFETY: the token proves that the processor has the instruction.
        [unsafe { _mm256_set1_ps(x) }; 2]
    }
    #[inline(always)]
    fn splat_pair(self, x: &[f32; 2]) -> V {
        let bits: u64 = bytemuck::cast(*x);
        // SAFETY: the token proves that the processor has the instruction.
        [unsafe { _mm256_castsi256_ps(_mm256_set1_epi64x(bits as i64)) }; 2]
    }
    #[inline(always)]
    fn load(self, x: &[f32; LANES]) -> V {
        // SAFETY: the token proves the instruction; `x` is sixteen readable f32.
        unsafe { [_mm256_loadu_ps(x.as_ptr()), _mm256_loadu_ps(x.as_ptr().add(8))] }
    }
    #[inline(always)]
    fn store(self, v: V, y: &mut [f32; LANES]) {
        // SAFETY: the token proves the instruction; `y` is sixteen writable f32.
        unsafe {
            _mm256_storeu_ps(y.as_mut_ptr(), v[0]);
            _mm256_storeu_ps(y.as_mut_ptr().add(8), v[1]);
        }
    }
    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        halves!(|i| _mm256_add_ps(a[i], b[i]))
    }
    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        halves!(|i| _mm256_sub_ps(a[i], b[i]))
    }
    #[inline(always)]
    fn mul(self, a: V, b: V) -> V {
        halves!(|i| _mm256_mul_ps(a[i], b[i]))
    }
    #[inline(always)]
    fn div(self, a: V, b: V) -> V {
        halves!(|i| _mm256_div_ps(a[i], b[i]))
    }
    #[inline(always)]
    fn fma(self, a: V, b: V, c: V) -> V {
        halves!(|i| _mm256_fmadd_ps(a[i], b[i], c[i]))
    }
    #[inline(always)]
    fn max(self, a: V, b: V) -> V {
        halves!(|i| _mm256_max_ps(a[i], b[i]))
    }
    #[inline(always)]
    fn min(self, a: V, b: V) -> V {
        halves!(|i| _mm256_min_ps(a[i], b[i]))
    }
    #[inline(always)]
    fn select_lt(self, a: V, b: V, x: V, y: V) -> V {
        halves!(|i| _mm256_blendv_ps(y[i], x[i], _mm256_cmp_ps::<_CMP_LT_OQ>(a[i], b[i])))
    }
    #[inline(always)]
    fn pow2(self, k: V) -> V {
        halves!(|i| {
            let exponent = _mm256_add_epi32(_mm256_cvtps_epi32(k[i]), _mm256_set1_epi32(127));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent))
        })
    }
    #[inline(always)]
    fn pair_sums(self, a: V, b: V) -> V {
        let v = [a, b];
        halves!(|i| {
            let mixed = _mm256_castps_pd(_mm256_hadd_ps(v[i][0], v[i][1]));
            _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(mixed))
        })
    }
}
