//! An operation on all lanes of a warp: loops that the compiler turns into vector instructions.
use super::{Exec, LANES};
use crate::op::Reg;

/// A value for each lane.
pub(super) type Lanes<T> = [T; LANES];

#[inline(always)]
pub(super) fn map<A: Copy, D: Copy + Default>(a: &Lanes<A>, f: impl Fn(A) -> D) -> Lanes<D> {
    let mut d = [D::default(); LANES];
    for i in 0..LANES {
        d[i] = f(a[i]);
    }
    d
}

#[inline(always)]
pub(super) fn map2<A: Copy, B: Copy, D: Copy + Default>(
    a: &Lanes<A>,
    b: &Lanes<B>,
    f: impl Fn(A, B) -> D,
) -> Lanes<D> {
    let mut d = [D::default(); LANES];
    for i in 0..LANES {
        d[i] = f(a[i], b[i]);
    }
    d
}

#[inline(always)]
pub(super) fn map3<A: Copy, B: Copy, C: Copy, D: Copy + Default>(
    a: &Lanes<A>,
    b: &Lanes<B>,
    c: &Lanes<C>,
    f: impl Fn(A, B, C) -> D,
) -> Lanes<D> {
    let mut d = [D::default(); LANES];
    for i in 0..LANES {
        d[i] = f(a[i], b[i], c[i]);
    }
    d
}

/// A bit for each lane.
#[inline(always)]
pub(super) fn bits(flags: &Lanes<bool>) -> u32 {
    let mut mask = 0;
    for (i, flag) in flags.iter().enumerate() {
        mask |= u32::from(*flag) << i;
    }
    mask
}

#[inline(always)]
fn put<T: Copy>(target: &mut Lanes<T>, value: &Lanes<T>, mask: u32) {
    if mask == u32::MAX {
        *target = *value;
        return;
    }
    for i in 0..LANES {
        target[i] = if mask >> i & 1 == 1 { value[i] } else { target[i] };
    }
}

impl Exec<'_> {
    #[inline(always)]
    pub(super) fn word(&self, reg: Reg) -> &Lanes<u32> {
        &self.warp.words[usize::from(reg)]
    }

    #[inline(always)]
    pub(super) fn wide(&self, reg: Reg) -> &Lanes<u64> {
        &self.warp.wides[usize::from(reg)]
    }

    /// Writes the lanes of `mask`.
    #[inline(always)]
    pub(super) fn put_word(&mut self, reg: Reg, value: &Lanes<u32>, mask: u32) {
        put(&mut self.warp.words[usize::from(reg)], value, mask);
    }

    #[inline(always)]
    pub(super) fn put_wide(&mut self, reg: Reg, value: &Lanes<u64>, mask: u32) {
        put(&mut self.warp.wides[usize::from(reg)], value, mask);
    }

    #[inline(always)]
    pub(super) fn put_pred(&mut self, reg: Reg, value: u32, mask: u32) {
        let pred = &mut self.warp.preds[usize::from(reg)];
        *pred = *pred & !mask | value & mask;
    }
}
