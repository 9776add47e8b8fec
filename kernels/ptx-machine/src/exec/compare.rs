//! Comparisons, selections, predicates, and what lanes of a warp tell each other.
use super::{
    Done, Exec, LANES, Stop,
    lanes::{Lanes, bits, map, map2},
    scalar,
};
use crate::{
    fault::FaultKind,
    op::{Compare, Guard, Kind, Of, P2, Reg, Shuffle, Test, Vote},
};

/// Lanes in which a comparison of numbers is true.
#[inline(always)]
fn lanes<T: Copy, U: PartialOrd>(
    a: &Lanes<T>,
    b: &Lanes<T>,
    how: Compare,
    as_number: impl Fn(T) -> U,
) -> u32 {
    #[inline(always)]
    fn with<T: Copy, U>(
        a: &Lanes<T>,
        b: &Lanes<T>,
        number: impl Fn(T) -> U,
        f: impl Fn(&U, &U) -> bool,
    ) -> u32 {
        bits(&map2(a, b, |a, b| f(&number(a), &number(b))))
    }
    match how {
        Compare::Eq => with(a, b, as_number, |a, b| a == b),
        Compare::Ne => with(a, b, as_number, |a, b| (a < b) | (a > b)),
        Compare::Lt => with(a, b, as_number, |a, b| a < b),
        Compare::Le => with(a, b, as_number, |a, b| a <= b),
        Compare::Gt => with(a, b, as_number, |a, b| a > b),
        Compare::Ge => with(a, b, as_number, |a, b| a >= b),
        Compare::Num => with(a, b, as_number, |a, b| a.partial_cmp(b).is_some()),
        // Unordered ones are the opposites of ordered ones.
        Compare::Equ => !lanes(a, b, Compare::Ne, as_number),
        Compare::Neu => !lanes(a, b, Compare::Eq, as_number),
        Compare::Ltu => !lanes(a, b, Compare::Ge, as_number),
        Compare::Leu => !lanes(a, b, Compare::Gt, as_number),
        Compare::Gtu => !lanes(a, b, Compare::Le, as_number),
        Compare::Geu => !lanes(a, b, Compare::Lt, as_number),
        Compare::Nan => !lanes(a, b, Compare::Num, as_number),
    }
}

impl Exec<'_> {
    /// Lanes in which a comparison is true.
    fn test(&self, test: &Test) -> u32 {
        let (how, a, b) = (test.compare, test.a, test.b);
        match test.of {
            Of::U32 => lanes(self.word(a), self.word(b), how, |x| x),
            Of::S32 => lanes(self.word(a), self.word(b), how, |x| x as i32),
            Of::F32 if test.ftz => {
                lanes(self.word(a), self.word(b), how, |x| f32::from_bits(scalar::flush(x)))
            }
            Of::F32 => lanes(self.word(a), self.word(b), how, f32::from_bits),
            Of::U64 => lanes(self.wide(a), self.wide(b), how, |x| x),
            Of::S64 => lanes(self.wide(a), self.wide(b), how, |x| x as i64),
            Of::F64 => lanes(self.wide(a), self.wide(b), how, f64::from_bits),
        }
    }

    /// A comparison combined with the predicate of its instruction.
    #[inline(always)]
    fn combined(&self, test: &Test, value: u32) -> u32 {
        match test.with {
            None => value,
            Some((P2::And, pred)) => value & self.guard(pred),
            Some((P2::Or, pred)) => value | self.guard(pred),
            Some((P2::Xor, pred)) => value ^ self.guard(pred),
        }
    }

    #[inline(always)]
    pub(super) fn setp(&mut self, test: &Test, d: Option<Reg>, inverse: Option<Reg>, mask: u32) {
        let value = self.test(test);
        let (yes, no) = (self.combined(test, value), self.combined(test, !value));
        if let Some(d) = d {
            self.put_pred(d, yes, mask);
        }
        if let Some(inverse) = inverse {
            self.put_pred(inverse, no, mask);
        }
    }

    pub(super) fn set(&mut self, test: &Test, float: bool, d: Reg, mask: u32) {
        let yes = self.combined(test, self.test(test));
        let one = if float { 1f32.to_bits() } else { u32::MAX };
        let value = std::array::from_fn(|lane| if yes >> lane & 1 == 1 { one } else { 0 });
        self.put_word(d, &value, mask);
    }

    #[inline(always)]
    pub(super) fn select(&mut self, d: Reg, a: Reg, b: Reg, p: Reg, mask: u32) {
        let p = self.warp.preds[usize::from(p)];
        self.put_word(d, &choose(self.word(a), self.word(b), p), mask);
    }

    #[inline(always)]
    pub(super) fn select64(&mut self, d: Reg, a: Reg, b: Reg, p: Reg, mask: u32) {
        let p = self.warp.preds[usize::from(p)];
        self.put_wide(d, &choose(self.wide(a), self.wide(b), p), mask);
    }

    pub(super) fn select_sign(&mut self, float: bool, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let first = self.at_least_zero(float, c);
        self.put_word(d, &choose(self.word(a), self.word(b), first), mask);
    }

    pub(super) fn select_sign64(&mut self, float: bool, d: Reg, a: Reg, b: Reg, c: Reg, mask: u32) {
        let first = self.at_least_zero(float, c);
        self.put_wide(d, &choose(self.wide(a), self.wide(b), first), mask);
    }

    fn at_least_zero(&self, float: bool, c: Reg) -> u32 {
        let c = self.word(c);
        if float { bits(&map(c, |c| f32::from_bits(c) >= 0.0)) } else { bits(&map(c, |c| c as i32 >= 0)) }
    }

    pub(super) fn testp(&mut self, kind: Kind, d: Reg, a: Reg, mask: u32) {
        let value = bits(&map(self.word(a), |a| is(kind, f32::from_bits(a).classify())));
        self.put_pred(d, value, mask);
    }

    pub(super) fn testp64(&mut self, kind: Kind, d: Reg, a: Reg, mask: u32) {
        let value = bits(&map(self.wide(a), |a| is(kind, f64::from_bits(a).classify())));
        self.put_pred(d, value, mask);
    }

    #[inline(always)]
    pub(super) fn p2(&mut self, f: P2, d: Reg, a: Guard, b: Guard, mask: u32) {
        let (a, b) = (self.guard(a), self.guard(b));
        let value = match f {
            P2::And => a & b,
            P2::Or => a | b,
            P2::Xor => a ^ b,
        };
        self.put_pred(d, value, mask);
    }

    /// `shfl`: each lane reads another's `a`; the predicate says whether that lane is in its segment.
    pub(super) fn shuffle(
        &mut self,
        how: Shuffle,
        d: Reg,
        pred: Option<Reg>,
        [a, b, c]: [Reg; 3],
        mask: u32,
    ) -> Done {
        let (a, b, c) = (*self.word(a), *self.word(b), *self.word(c));
        let (mut value, mut inside) = (a, 0u32);
        for lane in (0..LANES as u32).filter(|lane| mask >> lane & 1 == 1) {
            let (by, clamp) = (b[lane as usize] & 31, c[lane as usize] & 31);
            let segment = c[lane as usize] >> 8 & 31;
            let first = lane & segment;
            let last = first | clamp & !segment;
            let (source, found) = match how {
                Shuffle::Up => (lane.wrapping_sub(by), lane as i32 - by as i32 >= last as i32),
                Shuffle::Down => (lane + by, lane + by <= last),
                Shuffle::Butterfly => (lane ^ by, lane ^ by <= last),
                Shuffle::Index => (first | by & !segment, first | by & !segment <= last),
            };
            let source = if found { source } else { lane };
            if mask >> source & 1 == 0 {
                let kind = FaultKind::InactiveLane { source_lane: source, here: mask };
                return Err(Box::new(Stop { lane, kind }));
            }
            value[lane as usize] = a[source as usize];
            inside |= u32::from(found) << lane;
        }
        self.put_word(d, &value, mask);
        if let Some(pred) = pred {
            self.put_pred(pred, inside, mask);
        }
        Ok(())
    }

    pub(super) fn vote(&mut self, how: Vote, d: Reg, pred: Guard, mask: u32) {
        let votes = self.guard(pred) & mask;
        let result = match how {
            Vote::All => votes == mask,
            Vote::Any => votes != 0,
            Vote::Uniform => votes == 0 || votes == mask,
        };
        self.put_pred(d, if result { u32::MAX } else { 0 }, mask);
    }

    /// `match.any`: the lanes that have one's own value.
    pub(super) fn match_any(&mut self, d: Reg, a: Reg, mask: u32) {
        let a = *self.word(a);
        let value = map(&a, |mine| bits(&map(&a, |other| other == mine)) & mask);
        self.put_word(d, &value, mask);
    }
}

/// `a` in the lanes of `first`, else `b`.
#[inline(always)]
fn choose<T: Copy + Default>(a: &Lanes<T>, b: &Lanes<T>, first: u32) -> Lanes<T> {
    let mut d = [T::default(); LANES];
    for lane in 0..LANES {
        d[lane] = if first >> lane & 1 == 1 { a[lane] } else { b[lane] };
    }
    d
}

fn is(kind: Kind, of: std::num::FpCategory) -> bool {
    use std::num::FpCategory::{Infinite, Nan, Normal, Subnormal};
    match kind {
        Kind::Finite => !matches!(of, Infinite | Nan),
        Kind::Infinite => of == Infinite,
        Kind::Number => of != Nan,
        Kind::NotANumber => of == Nan,
        Kind::Normal => of == Normal,
        Kind::Subnormal => of == Subnormal,
    }
}
