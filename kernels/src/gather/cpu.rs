//! Gather with threads: a byte has 256 values, so a table a channel holds what each stands for. The reference's bits.
use super::{Gather, Input, LUMA};
use crate::{Cpu, elementwise::cpu::SERIAL};
use std::array::from_fn;

/// `y[n,i,j,c] = value(c, planes(n)[c,i,j])`; for `gray`, `y[n,i,j] = Σ_c LUMA[c] · value(c, planes(n)[c,i,j])`
///
/// `planes(n)` are the bytes (C, H, W) of the record that becomes row `n`, y (N, H, W, channels), contiguous.
pub fn batch<'a>(s: &Gather, planes: impl Fn(usize) -> &'a [u8] + Sync, y: &mut [f32], cpu: &Cpu) {
    each(s, planes, y, cpu, |planes, y, tables| match s.c {
        3 => interleave::<3>(planes, y, tables),
        _ => interleave::<1>(planes, y, tables),
    });
}

/// The same, flattened: `y[n, (c·H + h)·W + w] = value(c, planes(n)[c,h,w])`, the order of the bytes; y (N, channels·H·W).
pub fn rows<'a>(s: &Gather, planes: impl Fn(usize) -> &'a [u8] + Sync, y: &mut [f32], cpu: &Cpu) {
    let plane = s.h * s.w;
    each(s, planes, y, cpu, |planes, y, tables| {
        for ((planes, y), table) in planes.chunks_exact(plane).zip(y.chunks_exact_mut(plane)).zip(tables) {
            planes.iter().zip(y).for_each(|(&byte, y)| *y = table[usize::from(byte)]);
        }
    });
}

/// Calls `write` for each image of the batch with its bytes, its part of y, and what a byte of each channel stands for.
/// `gray` has one channel, so that every order is the same; it needs no `write`.
fn each<'a>(
    s: &Gather,
    planes: impl Fn(usize) -> &'a [u8] + Sync,
    y: &mut [f32],
    cpu: &Cpu,
    write: impl Fn(&[u8], &mut [f32], &[[f32; 256]; 3]) + Sync,
) {
    let image = s.channels() * s.h * s.w;
    assert_eq!(y.len(), s.n * image);
    let tables: [[f64; 256]; 3] =
        from_fn(|c| from_fn(|byte| if c < s.c { s.value(c, byte as u8) } else { 0.0 }));
    let rounded = tables.map(|table| table.map(|x| x as f32));
    let luma: [[f64; 256]; 3] = from_fn(|c| tables[c].map(|x| LUMA[c] * x));
    cpu.workers(y.len() > SERIAL / 2).for_each_chunk(y, image, |n, y| {
        let planes = planes(n);
        assert_eq!(planes.len(), s.record(), "a record of {}x{}x{} bytes", s.c, s.h, s.w);
        match s.input {
            Input::Gray => gray(planes, y, &luma),
            _ => write(planes, y, &rounded),
        }
    });
}

/// The planes `planes[c]`, all as long as the first.
fn split<const C: usize>(planes: &[u8]) -> [&[u8]; C] {
    let len = planes.len() / C;
    from_fn(|c| &planes[c * len..][..len])
}

fn interleave<const C: usize>(planes: &[u8], y: &mut [f32], tables: &[[f32; 256]; 3]) {
    let planes: [&[u8]; C] = split(planes);
    for (i, y) in y.as_chunks_mut::<C>().0.iter_mut().enumerate() {
        *y = from_fn(|c| tables[c][usize::from(planes[c][i])]);
    }
}

fn gray(planes: &[u8], y: &mut [f32], tables: &[[f64; 256]; 3]) {
    let planes: [&[u8]; 3] = split(planes);
    for (i, y) in y.iter_mut().enumerate() {
        *y = (0..3).map(|c| tables[c][usize::from(planes[c][i])]).sum::<f64>() as f32;
    }
}
