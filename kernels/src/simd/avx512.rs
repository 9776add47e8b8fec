//! AVX-512: the sixteen numbers are one zmm register.
use super::{Kernel, LANES, Simd};
use std::arch::x86_64::*;

/// Proof that the processor has AVX-512 F, VL and DQ (2017 on), and AVX2 and FMA with them. Without VL, a value of
/// which the lower half is used could not live in the upper sixteen registers.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// The token, if the processor has the instructions.
    pub fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma");
        has.then_some(Self(()))
    }
}

/// The lanes below `n`.
#[inline(always)]
fn mask(n: usize) -> __mmask16 {
    if n >= LANES { !0 } else { (1 << n) - 1 }
}

/// An intrinsic without memory operands.
macro_rules! op {
    ($call:expr) => {
        // SAFETY: the token proves that the processor has the instruction.
        unsafe { $call }
    };
}

impl Simd for Avx512 {
    type V = __m512;
    const ROWS: usize = 15;

    #[inline(always)]
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx2,fma")]
        fn inner<K: Kernel>(s: Avx512, kernel: K) -> K::Output {
            kernel.run(s)
        }
        // SAFETY: the token proves that the processor has the features.
        unsafe { inner(self, kernel) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        op!(_mm512_set1_ps(x))
    }
    #[inline(always)]
    fn splat_pair(self, x: &[f32; 2]) -> __m512 {
        let bits: u64 = bytemuck::cast(*x);
        op!(_mm512_castsi512_ps(_mm512_set1_epi64(bits as i64)))
    }
    #[inline(always)]
    fn load(self, x: &[f32; LANES]) -> __m512 {
        // SAFETY: the token proves the instruction; `x` is sixteen readable f32.
        unsafe { _mm512_loadu_ps(x.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, v: __m512, y: &mut [f32; LANES]) {
        // SAFETY: the token proves the instruction; `y` is sixteen writable f32.
        unsafe { _mm512_storeu_ps(y.as_mut_ptr(), v) }
    }
    #[inline(always)]
    fn load_partial(self, x: &[f32]) -> __m512 {
        // SAFETY: the token proves the instruction; lanes beyond the slice are masked, so they are not read.
        unsafe { _mm512_maskz_loadu_ps(mask(x.len()), x.as_ptr()) }
    }
    #[inline(always)]
    fn store_partial(self, v: __m512, y: &mut [f32]) {
        // SAFETY: the token proves the instruction; lanes beyond the slice are masked, so they are not written.
        unsafe { _mm512_mask_storeu_ps(y.as_mut_ptr(), mask(y.len()), v) }
    }
    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        op!(_mm512_add_ps(a, b))
    }
    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        op!(_mm512_sub_ps(a, b))
    }
    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        op!(_mm512_mul_ps(a, b))
    }
    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        op!(_mm512_div_ps(a, b))
    }
    #[inline(always)]
    fn fma(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        op!(_mm512_fmadd_ps(a, b, c))
    }
    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        op!(_mm512_max_ps(a, b))
    }
    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        op!(_mm512_min_ps(a, b))
    }
    #[inline(always)]
    fn select_lt(self, a: __m512, b: __m512, x: __m512, y: __m512) -> __m512 {
        op!(_mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b), y, x))
    }
    #[inline(always)]
    fn pow2(self, k: __m512) -> __m512 {
        self.scale(self.splat(1.0), k)
    }
    #[inline(always)]
    fn scale(self, x: __m512, k: __m512) -> __m512 {
        op!(_mm512_scalef_ps(x, k))
    }
    #[inline(always)]
    fn pair_sums(self, a: __m512, b: __m512) -> __m512 {
        op!({
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            _mm512_add_ps(_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b))
        })
    }
    #[inline(always)]
    fn transpose(self, r: [__m512; LANES]) -> [__m512; LANES] {
        // Pairs of rows within quarters, pairs of pairs, and then the quarters, those of even and of odd number.
        let (mut a, mut b, mut c, mut y) = (r, r, r, r);
        for i in [0, 2, 4, 6, 8, 10, 12, 14] {
            a[i] = op!(_mm512_unpacklo_ps(r[i], r[i + 1]));
            a[i + 1] = op!(_mm512_unpackhi_ps(r[i], r[i + 1]));
        }
        for i in [0, 1, 4, 5, 8, 9, 12, 13] {
            let (low, high) = op!((_mm512_castps_pd(a[i]), _mm512_castps_pd(a[i + 2])));
            let at = i / 4 * 4 + i % 4 * 2;
            b[at] = op!(_mm512_castpd_ps(_mm512_unpacklo_pd(low, high)));
            b[at + 1] = op!(_mm512_castpd_ps(_mm512_unpackhi_pd(low, high)));
        }
        for i in [0, 1, 2, 3, 8, 9, 10, 11] {
            c[i] = op!(_mm512_shuffle_f32x4::<0x88>(b[i], b[i + 4]));
            c[i + 4] = op!(_mm512_shuffle_f32x4::<0xdd>(b[i], b[i + 4]));
        }
        for i in 0..8 {
            y[i] = op!(_mm512_shuffle_f32x4::<0x88>(c[i], c[i + 8]));
            y[i + 8] = op!(_mm512_shuffle_f32x4::<0xdd>(c[i], c[i + 8]));
        }
        y
    }
    #[inline(always)]
    fn thirds(self, x: &[f32; 3 * LANES]) -> [__m512; 3] {
        let (x, _) = x.as_chunks::<LANES>();
        let (a, b, c) = (self.load(&x[0]), self.load(&x[1]), self.load(&x[2]));
        // From the first two vectors as many as they have, then the others from the third.
        op!([
            _mm512_permutex2var_ps(
                _mm512_permutex2var_ps(
                    a,
                    _mm512_setr_epi32(0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0),
                    b
                ),
                _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29),
                c
            ),
            _mm512_permutex2var_ps(
                _mm512_permutex2var_ps(
                    a,
                    _mm512_setr_epi32(1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0),
                    b
                ),
                _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30),
                c
            ),
            _mm512_permutex2var_ps(
                _mm512_permutex2var_ps(
                    a,
                    _mm512_setr_epi32(2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0),
                    b
                ),
                _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31),
                c
            ),
        ])
    }
    #[inline(always)]
    fn interleave(self, r: [__m512; LANES / 2]) -> [__m512; LANES / 2] {
        // Four channels of a pixel a quarter, then the quarters transposed.
        let (mut a, mut b, mut c, mut y) = (r, r, r, r);
        for i in [0, 2, 4, 6] {
            a[i] = op!(_mm512_unpacklo_ps(r[i], r[i + 1]));
            a[i + 1] = op!(_mm512_unpackhi_ps(r[i], r[i + 1]));
        }
        for i in [0, 1, 4, 5] {
            // b[i]: channels 0 to 3 of pixels 4Q + i; b[4 + i]: channels 4 to 7.
            let (low, high) = op!((_mm512_castps_pd(a[i]), _mm512_castps_pd(a[i + 2])));
            let at = i / 4 * 4 + i % 4 * 2;
            b[at] = op!(_mm512_castpd_ps(_mm512_unpacklo_pd(low, high)));
            b[at + 1] = op!(_mm512_castpd_ps(_mm512_unpackhi_pd(low, high)));
        }
        for i in 0..4 {
            c[i] = op!(_mm512_shuffle_f32x4::<0x44>(b[i], b[i + 4])); // (A0 A1 B0 B1)
            c[i + 4] = op!(_mm512_shuffle_f32x4::<0xee>(b[i], b[i + 4])); // (A2 A3 B2 B3)
        }
        for q in [0, 4] {
            for i in [0, 2] {
                let at = q + i / 2;
                y[at] = op!(_mm512_shuffle_f32x4::<0x88>(c[q + i], c[q + i + 1]));
                y[at + 2] = op!(_mm512_shuffle_f32x4::<0xdd>(c[q + i], c[q + i + 1]));
            }
        }
        y
    }
}
