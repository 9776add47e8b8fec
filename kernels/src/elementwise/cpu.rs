//! Elementwise operations with SIMD and threads. Every element is one rounding of the reference's: the same bits on
//! every instruction set.
use super::Channels;
use crate::{
    Cpu,
    simd::{Kernel, Simd},
};

/// Elements of a task.
pub(crate) const CHUNK: usize = 1 << 14;
/// Up to so many elements one thread does all.
pub(crate) const SERIAL: usize = 1 << 15;
/// Numbers of a repeated row of channels, at least.
const PATTERN: usize = 128;

/// `y[i] = a[i] + b[i]`
pub fn add(a: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    zip(a, b, y, cpu, |a, b| a + b);
}

/// `y[i] = a[i] - b[i]`
pub fn sub(a: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    zip(a, b, y, cpu, |a, b| a - b);
}

/// `y[i] = a[i] · b[i]`
pub fn mul(a: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    zip(a, b, y, cpu, |a, b| a * b);
}

/// `y[i] = factor · x[i]`
pub fn scale(factor: f64, x: &[f32], y: &mut [f32], cpu: &Cpu) {
    let factor = factor as f32;
    map(x, y, cpu, move |x| factor * x);
}

/// `y[i] = -x[i]`
pub fn neg(x: &[f32], y: &mut [f32], cpu: &Cpu) {
    map(x, y, cpu, |x| -x);
}

/// `y[n,c,…] = x[n,c,…] + b[c]`: x and y as [`Channels`] says, b (C).
pub fn add_channels(s: &Channels, x: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!([x.len(), b.len(), y.len()], [s.len(), s.c, s.len()]);
    if x.is_empty() {
        return;
    }
    let (token, workers) = (cpu.token(), cpu.workers(y.len() > SERIAL));
    if s.inner > 1 {
        return workers.for_each_chunk(y, s.c * s.inner, |o, y| {
            let x = &x[o * y.len()..][..y.len()];
            for ((x, y), &b) in x.chunks_exact(s.inner).zip(y.chunks_exact_mut(s.inner)).zip(b) {
                token.run(Map { x, y, f: |x| x + b });
            }
        });
    }
    // Rows of few channels are added several at a time.
    let pattern = s.c * PATTERN.div_ceil(s.c);
    let chunk = pattern * (CHUNK / pattern).max(1);
    cpu.scratch(pattern, |row| {
        row.chunks_exact_mut(s.c).for_each(|row| row.copy_from_slice(b));
        workers.for_each_chunk(y, chunk, |i, y| {
            token.run(AddRow { x: &x[i * chunk..][..y.len()], row, y });
        });
    });
}

/// `y[i] = f(x[i])`
pub(crate) fn map(x: &[f32], y: &mut [f32], cpu: &Cpu, f: impl Fn(f32) -> f32 + Copy + Sync) {
    assert_eq!(x.len(), y.len());
    let token = cpu.token();
    cpu.workers(y.len() > SERIAL).for_each_chunk(y, CHUNK, |i, y| {
        token.run(Map { x: &x[i * CHUNK..][..y.len()], y, f });
    });
}

/// `y[i] = f(a[i], b[i])`
pub(crate) fn zip(a: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu, f: impl Fn(f32, f32) -> f32 + Copy + Sync) {
    assert_eq!([a.len(), b.len()], [y.len(); 2]);
    let token = cpu.token();
    cpu.workers(y.len() > SERIAL).for_each_chunk(y, CHUNK, |i, y| {
        let [a, b] = [a, b].map(|x| &x[i * CHUNK..][..y.len()]);
        token.run(Zip { a, b, y, f });
    });
}

/// A loop that the compiler vectorises for the instruction set it is inlined into.
struct Map<'a, F> {
    x: &'a [f32],
    y: &'a mut [f32],
    f: F,
}

impl<F: Fn(f32) -> f32> Kernel for Map<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y = (self.f)(x);
        }
    }
}

/// Likewise, of two operands.
struct Zip<'a, F> {
    a: &'a [f32],
    b: &'a [f32],
    y: &'a mut [f32],
    f: F,
}

impl<F: Fn(f32, f32) -> f32> Kernel for Zip<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for ((y, &a), &b) in self.y.iter_mut().zip(self.a).zip(self.b) {
            *y = (self.f)(a, b);
        }
    }
}

/// `y[i] = x[i] + row[i mod len]`
struct AddRow<'a> {
    x: &'a [f32],
    row: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for AddRow<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { x, row, y } = self;
        for (a, y) in x.chunks(row.len()).zip(y.chunks_mut(row.len())) {
            Zip { a, b: &row[..a.len()], y, f: |a, b| a + b }.run(s);
        }
    }
}
