//! The token that needs nothing: arrays, which the compiler maps to what the architecture always has.
use super::{Kernel, LANES, Simd};
use std::array::from_fn;

/// Sixteen f32 in an array. Its `fma` rounds twice: without the instruction a fused one would be a library call.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Portable;

impl Simd for Portable {
    type V = [f32; LANES];
    const ROWS: usize = 2;

    #[inline(never)]
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        [x; LANES]
    }
    #[inline(always)]
    fn splat_pair(self, x: &[f32; 2]) -> Self::V {
        from_fn(|i| x[i % 2])
    }
    #[inline(always)]
    fn load(self, x: &[f32; LANES]) -> Self::V {
        *x
    }
    #[inline(always)]
    fn store(self, v: Self::V, y: &mut [f32; LANES]) {
        *y = v;
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| a[i] - b[i])
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| a[i] * b[i])
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| a[i] / b[i])
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        from_fn(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        self.select_lt(b, a, a, b)
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        self.select_lt(a, b, a, b)
    }
    #[inline(always)]
    fn select_lt(self, a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        from_fn(|i| if a[i] < b[i] { x[i] } else { y[i] })
    }
    #[inline(always)]
    fn pow2(self, k: Self::V) -> Self::V {
        from_fn(|i| f32::from_bits(((k[i] as i32).wrapping_add(127) as u32) << 23))
    }
    #[inline(always)]
    fn pair_sums(self, a: Self::V, b: Self::V) -> Self::V {
        let half = LANES / 2;
        from_fn(|i| if i < half { a[2 * i] + a[2 * i + 1] } else { b[2 * i - LANES] + b[2 * i - LANES + 1] })
    }
}
