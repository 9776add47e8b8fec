//! Convolution with SIMD and threads.
//!
//! | pass | rows of a tile | lanes of a vector | sum |
//! |---|---|---|---|
//! | forward | output pixels of a row | output channels | kernel rows, each one run of x |
//! | forward of 1 or 3 to 8 channels, AVX-512 | output channels | output pixels of a row | kernel rows, planes of x |
//! | dgrad | images | input channels | the taps a pixel has, each kernel row one run of dy |
//! | wgrad | taps or output channels | output channels or taps | images, rows, pixels |
//!
//! Layouts: activations NHWC, weights HWIO. With padding, forward and wgrad read a copy of x with zeros around it: a
//! weight that is not finite reaches every border pixel then, where the reference skips the taps outside.
mod dgrad;
mod forward;
mod panel;
mod planes;
mod sums;
mod wgrad;

use super::{Conv2d, Epilogue, Pass};
use crate::{Cpu, Isa, Parts, reduce, simd::tile};
use panel::{Form, Paired, Wide};
use planes::Planes;

/// Below this many floating-point operations a pass runs on one thread.
const SERIAL: u64 = 500_000;

/// `y[n,i,j,o] = b[o] + Σ_{p,q,c} x[n, i·stride + p - padding, j·stride + q - padding, c] · w[p,q,c,o]`
///
/// x (N, H, W, C_in), w (kh, kw, C_in, C_out), b (C_out), y (N, oh, ow, C_out), each contiguous in this order.
pub fn forward(s: &Conv2d, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], cpu: &Cpu) {
    forward_fused(s, &Epilogue::default(), x, w, b, y, None, cpu);
}

/// [`forward`], then what `epilogue` asks for; the same bits as one after the other.
///
/// `y` and `winner` are the output and the winners of the pooling, (N, oh', ow', C_out), where there is one.
#[expect(clippy::too_many_arguments, reason = "the operands of three operations")]
pub fn forward_fused(
    s: &Conv2d,
    epilogue: &Epilogue,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    y: &mut [f32],
    winner: Option<&mut [u32]>,
    cpu: &Cpu,
) {
    assert_eq!([x.len(), w.len(), b.len(), y.len()], [s.x().len(), s.weight().len(), s.co, epilogue.len(s)]);
    assert!(epilogue.fits(s), "{epilogue:?} cannot follow {s:?}");
    let winner = winner.unwrap_or_default();
    assert!(
        winner.is_empty() || epilogue.pool.is_some() && winner.len() == y.len(),
        "winners without a pooling"
    );
    if y.is_empty() {
        return;
    }
    padded(s, x, cpu, |s, x| match paired(s.co) {
        _ if planes::fit(s, cpu.isa()) => forward_planes(s, epilogue, x, w, b, y, winner, cpu),
        true => forward_as::<Paired>(s, epilogue, x, w, b, y, winner, cpu),
        false => forward_as::<Wide>(s, epilogue, x, w, b, y, winner, cpu),
    });
}

/// Input gradient: `dx[n,r,t,c] = Σ_{o,p,q : r = i·stride + p - padding, …} dy[n,i,j,o] · w[p,q,c,o]`
///
/// dy (N, oh, ow, C_out), w (kh, kw, C_in, C_out), dx (N, H, W, C_in), each contiguous in this order.
pub fn dgrad(s: &Conv2d, dy: &[f32], w: &[f32], dx: &mut [f32], cpu: &Cpu) {
    assert_eq!([dy.len(), w.len(), dx.len()], [s.y().len(), s.weight().len(), s.x().len()]);
    match dgrad_is_paired(s) {
        true => dgrad_as::<Paired>(s, dy, w, dx, cpu),
        false => dgrad_as::<Wide>(s, dy, w, dx, cpu),
    }
}

/// Weight gradient: `dw[p,q,c,o] = Σ_{n,i,j} dy[n,i,j,o] · x[n, i·stride + p - padding, j·stride + q - padding, c]`
///
/// x (N, H, W, C_in), dy (N, oh, ow, C_out), dw (kh, kw, C_in, C_out), each contiguous in this order. The images are
/// summed in [`Parts`], and these as a tree.
pub fn wgrad(s: &Conv2d, x: &[f32], dy: &[f32], dw: &mut [f32], cpu: &Cpu) {
    assert_eq!(dw.len(), s.weight().len());
    let parts = Parts::of(s.n);
    if dw.is_empty() || parts.is_empty() {
        return dw.fill(0.0);
    }
    cpu.scratch(parts.len() * dw.len(), |partials| {
        wgrad_parts(s, &parts, x, dy, partials, cpu);
        reduce::cpu::tree(partials, dw, cpu);
    });
}

/// [`wgrad`] of each of `parts` by itself, whose images `x` and `dy` hold: `s.n` is their number.
///
/// partials (parts, kh, kw, C_in, C_out)
pub fn wgrad_parts(s: &Conv2d, parts: &Parts, x: &[f32], dy: &[f32], partials: &mut [f32], cpu: &Cpu) {
    let weights = s.weight().len();
    assert_eq!([x.len(), dy.len(), partials.len()], [s.x().len(), s.y().len(), parts.len() * weights]);
    assert_eq!(parts.images().len(), s.n);
    padded(s, x, cpu, |s, x| {
        let (token, wide) = (cpu.token(), wgrad::len(s));
        let (image, out) = (s.h * s.w * s.ci, s.oh() * s.ow() * s.co);
        let part = |g: usize, dw: &mut [f32]| {
            let images = parts.part(g);
            let (x, dy) =
                (&x[images.start * image..images.end * image], &dy[images.start * out..images.end * out]);
            token.run(wgrad::Correlation { s: Conv2d { n: images.len(), ..*s }, x, dy, dw });
        };
        let workers = cpu.workers(s.flops() > SERIAL);
        if wgrad::pixels(s) == 1 {
            return workers.for_each_chunk(partials, weights, part);
        }
        cpu.scratch(parts.len() * wide, |wides| {
            workers.for_each_chunk2((partials, weights), (wides, wide), |g, dw, wide| {
                part(g, wide);
                wgrad::fold(s, wide, dw);
            });
        });
    });
}

/// Which kernel runs: the instruction set, what the rows of its tiles are, and whether eight channels share a vector with
/// their neighbours in the sum.
pub fn variant(pass: Pass, s: &Conv2d, isa: Isa) -> &'static str {
    if pass == Pass::Forward && planes::fit(s, isa) {
        return "avx512 planes";
    }
    let paired = match pass {
        Pass::Forward => paired(s.co),
        Pass::Dgrad => dgrad_is_paired(s),
        Pass::Wgrad => false,
    };
    macro_rules! names {
        ($($isa:ident $name:literal),*) => {
            match (isa, pass, paired) {
                $(
                    (Isa::$isa, Pass::Forward, false) => concat!($name, " rows"),
                    (Isa::$isa, Pass::Forward, true) => concat!($name, " rows, paired"),
                    (Isa::$isa, Pass::Dgrad, false) => concat!($name, " images"),
                    (Isa::$isa, Pass::Dgrad, true) => concat!($name, " images, paired"),
                    (Isa::$isa, Pass::Wgrad, _) => concat!($name, " taps"),
                )*
            }
        };
    }
    names!(Scalar "scalar", Neon "neon", Avx2 "avx2", Avx512 "avx512")
}

/// Whether the input gradient's vectors hold eight channels and two terms of each.
fn dgrad_is_paired(s: &Conv2d) -> bool {
    paired(s.ci) && s.co.is_multiple_of(2)
}

/// Whether `channels` would leave half of a vector idle.
fn paired(channels: usize) -> bool {
    channels <= Paired::CHANNELS
}

#[expect(clippy::too_many_arguments, reason = "the operands of three operations")]
fn forward_as<F: Form>(
    s: &Conv2d,
    epilogue: &Epilogue,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    y: &mut [f32],
    winner: &mut [u32],
    cpu: &Cpu,
) {
    let (token, packing) = (cpu.token(), forward::packing(s));
    cpu.scratch(packing.size::<F>(), |panels| {
        let panels = panels.as_chunks_mut().0;
        packing.pack::<F>(panels, Some(b), w, |r| r * packing.len * s.co, [s.co, 1]);
        forward::images(s, epilogue, x, y, winner, 0, cpu, |image, _| {
            forward::image::<F>(token, image, panels)
        });
    });
}

#[expect(clippy::too_many_arguments, reason = "the operands of three operations")]
fn forward_planes(
    s: &Conv2d,
    epilogue: &Epilogue,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    y: &mut [f32],
    winner: &mut [u32],
    cpu: &Cpu,
) {
    let token = cpu.token();
    let (w, b) = (w.as_chunks().0, b.first_chunk().expect("a number for each channel"));
    forward::images(s, epilogue, x, y, winner, planes::ring(s), cpu, |image, ring| match s.ci {
        1 => token.run(Planes::<1> { image, w, b, ring }),
        3 => token.run(Planes::<3> { image, w, b, ring }),
        ci => unreachable!("no planes of {ci} channels"),
    });
}

fn dgrad_as<F: Form>(s: &Conv2d, dy: &[f32], w: &[f32], dx: &mut [f32], cpu: &Cpu) {
    if dx.is_empty() || dy.is_empty() {
        return dx.fill(0.0);
    }
    let (from, to) = (s.oh() * s.ow() * s.co, s.h * s.w * s.ci);
    let token = cpu.token();
    let images = tile::group(s.n, cpu.threads(), dgrad::tallest::<F>(s, token.rows()), F::BESIDE);
    let (panels, ring) = (dgrad::packing(s).size::<F>(), dgrad::ring(s, images));
    cpu.scratch(panels + s.n.div_ceil(images) * ring, |scratch| {
        let (panels, rings) = scratch.split_at_mut(panels);
        let panels = panels.as_chunks_mut().0;
        dgrad::pack::<F>(s, w, panels);
        cpu.workers(s.flops() > SERIAL).for_each_chunk2((dx, images * to), (rings, ring), |g, dx, ring| {
            let dy = &dy[g * images * from..][..dx.len() / to * from];
            dgrad::group::<F>(token, dgrad::Group { s, dy, panels, ring, dx });
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
