//! Convolution with SIMD and threads.
//!
//! | pass | rows of a tile | lanes of a vector | sum |
//! |---|---|---|---|
//! | forward | output pixels of a row | output channels | kernel rows, each one run of x |
//! | dgrad | images | input channels | the taps a pixel has, each kernel row one run of dy |
//! | wgrad | taps or output channels | output channels or taps | images, rows, pixels |
//!
//! Layouts: activations NHWC, weights HWIO. With padding, forward and wgrad read a copy of x with zeros around it: a
//! weight that is not finite reaches every border pixel then, where the reference skips the taps outside.
mod dgrad;
mod forward;
mod panel;
mod wgrad;

use super::Conv2d;
use crate::{Cpu, Isa, reduce, simd::tile};
use panel::{Form, Paired, Wide};
use std::marker::PhantomData;

/// Chunks that the weight gradient sums separately, whatever the number of threads.
const CHUNKS: usize = 16;

/// Below this many floating-point operations a pass runs on one thread.
const SERIAL: u64 = 500_000;

/// `y[n,i,j,o] = b[o] + Σ_{p,q,c} x[n, i·stride + p - padding, j·stride + q - padding, c] · w[p,q,c,o]`
///
/// x (N, H, W, C_in), w (kh, kw, C_in, C_out), b (C_out), y (N, oh, ow, C_out), each contiguous in this order.
pub fn forward(s: &Conv2d, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!([x.len(), w.len(), b.len(), y.len()], [s.x().len(), s.weight().len(), s.co, s.y().len()]);
    padded(s, x, cpu, |s, x| match paired(s.co) {
        true => forward_as::<Paired>(s, x, w, b, y, cpu),
        false => forward_as::<Wide>(s, x, w, b, y, cpu),
    });
}

/// Input gradient: `dx[n,r,t,c] = Σ_{o,p,q : r = i·stride + p - padding, …} dy[n,i,j,o] · w[p,q,c,o]`
///
/// dy (N, oh, ow, C_out), w (kh, kw, C_in, C_out), dx (N, H, W, C_in), each contiguous in this order.
pub fn dgrad(s: &Conv2d, dy: &[f32], w: &[f32], dx: &mut [f32], cpu: &Cpu) {
    assert_eq!([dy.len(), w.len(), dx.len()], [s.y().len(), s.weight().len(), s.x().len()]);
    match paired(s.ci) && s.co.is_multiple_of(2) {
        true => dgrad_as::<Paired>(s, dy, w, dx, cpu),
        false => dgrad_as::<Wide>(s, dy, w, dx, cpu),
    }
}

/// Weight gradient: `dw[p,q,c,o] = Σ_{n,i,j} dy[n,i,j,o] · x[n, i·stride + p - padding, j·stride + q - padding, c]`
///
/// x (N, H, W, C_in), dy (N, oh, ow, C_out), dw (kh, kw, C_in, C_out), each contiguous in this order. The images are
/// summed in at most sixteen chunks, and these as a tree.
pub fn wgrad(s: &Conv2d, x: &[f32], dy: &[f32], dw: &mut [f32], cpu: &Cpu) {
    assert_eq!([x.len(), dy.len(), dw.len()], [s.x().len(), s.y().len(), s.weight().len()]);
    padded(s, x, cpu, |s, x| {
        let token = cpu.token();
        let (image, out, chunks) = (s.h * s.w * s.ci, s.oh() * s.ow() * s.co, s.n.min(CHUNKS));
        if dw.is_empty() || chunks == 0 {
            return dw.fill(0.0);
        }
        cpu.scratch(chunks * dw.len(), |partials| {
            cpu.workers(s.flops() > SERIAL).for_each_chunk(partials, dw.len(), |g, dw| {
                let (from, to) = (g * s.n / chunks, (g + 1) * s.n / chunks);
                let s = Conv2d { n: to - from, ..*s };
                let (x, dy) = (&x[from * image..to * image], &dy[from * out..to * out]);
                token.run(wgrad::Correlation { s, x, dy, dw });
            });
            reduce::cpu::tree(partials, dw, cpu);
        });
    });
}

/// tmp
#[allow(clippy::too_many_arguments)]
pub fn forward_fused(
    s: &Conv2d,
    e: &super::Epilogue,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    y: &mut [f32],
    winner: Option<&mut [u32]>,
    cpu: &Cpu,
) {
    let mut c = vec![0.0; s.y().len()];
    forward(s, x, w, b, &mut c, cpu);
    let mut d = c.clone();
    if e.relu {
        crate::activation::cpu::relu(&c, &mut d, cpu);
    }
    match e.pool {
        None => y.copy_from_slice(&d),
        Some(p) => {
            let mut dummy = vec![0; y.len()];
            crate::max_pool2d::cpu::forward(&p, &d, y, winner.unwrap_or(&mut dummy), cpu)
        }
    }
}

/// tmp
pub fn wgrad_parts(s: &Conv2d, parts: &crate::Parts, x: &[f32], dy: &[f32], partials: &mut [f32], cpu: &Cpu) {
    let (image, out) = (s.h * s.w * s.ci, s.oh() * s.ow() * s.co);
    for (p, dw) in parts.iter().zip(partials.chunks_exact_mut(s.weight().len())) {
        let s = Conv2d { n: p.len(), ..*s };
        let (x, dy) = (&x[p.start * image..p.end * image], &dy[p.start * out..p.end * out]);
        cpu.token().run(wgrad::Correlation { s, x, dy, dw });
    }
}

/// Which kernels run: the instruction set, and how forward fills its vectors.
pub fn variant(s: &Conv2d, isa: Isa) -> &'static str {
    match (isa, paired(s.co)) {
        (Isa::Scalar, false) => "scalar rows",
        (Isa::Scalar, true) => "scalar rows, paired",
        (Isa::Neon, false) => "neon rows",
        (Isa::Neon, true) => "neon rows, paired",
        (Isa::Avx2, false) => "avx2 rows",
        (Isa::Avx2, true) => "avx2 rows, paired",
        (Isa::Avx512, false) => "avx512 rows",
        (Isa::Avx512, true) => "avx512 rows, paired",
    }
}

/// Whether `channels` would leave half of a vector idle.
fn paired(channels: usize) -> bool {
    channels <= Paired::CHANNELS
}

fn forward_as<F: Form>(s: &Conv2d, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    let (token, packing) = (cpu.token(), forward::packing(s));
    let (from, to) = (s.h * s.w * s.ci, s.oh() * s.ow() * s.co);
    cpu.scratch(packing.size::<F>(), |panels| {
        let panels = panels.as_chunks_mut().0;
        packing.pack::<F>(panels, Some(b), w, |r| r * packing.len * s.co, [s.co, 1]);
        cpu.workers(s.flops() > SERIAL).for_each_chunk(y, to, |n, y| {
            forward::image::<F>(token, s, &x[n * from..][..from], panels, y);
        });
    });
}

fn dgrad_as<F: Form>(s: &Conv2d, dy: &[f32], w: &[f32], dx: &mut [f32], cpu: &Cpu) {
    let (from, to) = (s.oh() * s.ow() * s.co, s.h * s.w * s.ci);
    let token = cpu.token();
    let group = tile::group(s.n, cpu.threads(), token.rows().min(tile::POINTERS));
    cpu.scratch(dgrad::packing(s).size::<F>(), |panels| {
        let panels = panels.as_chunks_mut().0;
        dgrad::pack::<F>(s, w, panels);
        cpu.workers(s.flops() > SERIAL).for_each_chunk(dx, group * to, |g, dx| {
            let dy = &dy[g * group * from..][..dx.len() / to * from];
            token.run(dgrad::Images::<F> { s: *s, dy, panels, dx, form: PhantomData });
        });
    });
}

/// Calls `f` with `x` and its sizes, or with a copy that has the zeros of the padding around each image.
fn padded<R>(s: &Conv2d, x: &[f32], cpu: &Cpu, f: impl FnOnce(&Conv2d, &[f32]) -> R) -> R {
    if s.padding == 0 {
        return f(s, x);
    }
    let (h, w) = (s.h + 2 * s.padding, s.w + 2 * s.padding);
    let (row, wide, image) = (s.w * s.ci, w * s.ci, h * w * s.ci);
    cpu.scratch(s.n * image, |copy| {
        cpu.workers(s.flops() > SERIAL).for_each_chunk(copy, image, |n, copy| {
            copy.fill(0.0);
            for i in 0..s.h {
                let to = (s.padding + i) * wide + s.padding * s.ci;
                copy[to..to + row].copy_from_slice(&x[(n * s.h + i) * row..][..row]);
            }
        });
        f(&Conv2d { h, w, padding: 0, ..*s }, copy)
    })
}
