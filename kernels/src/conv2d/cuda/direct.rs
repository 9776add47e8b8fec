//! Convolutions with kernels so large that no tile fits in shared memory: a thread an output, all loads from global memory. Slow,
//! and simple enough to be read first.
use super::{activation, correlation::Correlation};
use crate::{
    conv2d::Conv2d,
    cuda::{Arg, Launch, Text, size},
    ptx::{F32, Kernel, U32},
};

const THREADS: u32 = 128;

/// The sizes of a sum over weights or pixels, and where it finds what.
/// Its operands x, w, perhaps b, and y are `args`.
pub(super) fn correlation(s: &Correlation, args: Vec<Arg>) -> Launch {
    let name = format!("conv2d_direct_{}", s.pass.name());
    Launch::each(correlation_text(s, &name), name, s.n * s.oh * s.ow * s.co, THREADS, args)
}

fn correlation_text(s: &Correlation, name: &str) -> Text {
    let about = format!(
        "y[n,i,j,o] = b[o] + the sum of x[n,r,t,c] w[p,q,c,o] over p, q, c, for {} x {} weights, with r = i stride + p - padding, t \
         likewise.\nA thread a number of y; neighbours have neighbouring channels.",
        s.kh, s.kw
    );
    let mut kernel = Kernel::new(name, about, THREADS);
    let k = &mut kernel;
    let [x, w] = ["x", "w"].map(|name| k.pointer(name));
    let b = (!s.turned()).then(|| k.pointer("b"));
    let y = k.pointer("y");
    let index = k.thread_of_grid();
    let inside = k.lt(index, size(s.n * s.oh * s.ow * s.co));
    k.when(inside, "inside", |k| {
        let [rest, o] = k.div_rem(["rest", "o"], index, size(s.co));
        let [rest, j] = k.div_rem(["rest", "j"], rest, size(s.ow));
        let [n, i] = k.div_rem(["n", "i"], rest, size(s.oh));
        let [top, left] = [(i, s.padding[0]), (j, s.padding[1])]
            .map(|(at, padding)| k.mad("corner", at, size(s.stride), (-padding) as u32));
        let sum: F32 = k.register("sum");
        k.set_f32(sum, 0.0);
        if let Some(b) = b {
            let b = k.at(b, o, 4);
            k.load_global_or_zero(None, sum, b, 0);
        }
        k.count_to("kernel_row", size(s.kh), |k, p| {
            k.count_to("kernel_column", size(s.kw), |k, q| {
                let (row, column) = (k.add("row", top, p), k.add("column", left, q));
                let image = [s.h, s.w].map(size);
                place(k, [n, row, column], image, size(s.spread), |k, pixel| {
                    let tap = k.mad("tap", p, size(s.kw), q);
                    let x = k.at(x, pixel, size(s.ci * 4));
                    let mut w = w;
                    let mut step = s.co;
                    if s.turned() {
                        let tap = k.reversed("tap", size(s.kh * s.kw - 1), tap);
                        let row = k.mad("weight_row", tap, size(s.co), o);
                        w = k.at(w, row, size(s.ci * 4));
                        step = 1;
                    } else {
                        let row = k.mul("weight_row", tap, size(s.ci * s.co));
                        let row = k.add("weight_row", row, o);
                        w = k.at(w, row, 4);
                    }
                    k.count_to("c", size(s.ci), |k, _| {
                        let [x_value, w_value] = [k.load_global("x_of", x, 0), k.load_global("w_of", w, 0)];
                        k.fma_to(sum, x_value, w_value);
                        k.advance(x, 4);
                        k.advance(w, 4 * step as u64);
                    });
                });
            });
        });
        if let Some(f) = s.activation {
            activation::apply(k, f, sum);
        }
        let y = k.at(y, index, 4);
        k.store_global(y, 0, sum);
    });
    kernel.finish()
}

/// The weight gradient.
pub(super) fn wgrad(s: &Conv2d, x: Arg, dy: Arg, dw: Arg) -> Launch {
    let name = "conv2d_direct_wgrad";
    Launch::each(wgrad_text(s, name), name, s.weight().len(), THREADS, vec![x, dy, dw])
}

fn wgrad_text(s: &Conv2d, name: &str) -> Text {
    let about = "dw[p,q,c,o] = the sum of x[n,r,t,c] dy[n,i,j,o] over n, i, j, with r = i stride + p - padding, t likewise.\n\
                 A thread a number of dw; neighbours have neighbouring channels.";
    let mut kernel = Kernel::new(name, about, THREADS);
    let k = &mut kernel;
    let [x, dy, dw] = ["x", "dy", "dw"].map(|name| k.pointer(name));
    let index = k.thread_of_grid();
    let inside = k.lt(index, size(s.weight().len()));
    k.when(inside, "inside", |k| {
        let [rest, o] = k.div_rem(["rest", "o"], index, size(s.co));
        let [rest, c] = k.div_rem(["rest", "c"], rest, size(s.ci));
        let [p, q] = k.div_rem(["kernel_row", "kernel_column"], rest, size(s.kw));
        let padding = (s.padding as u32).wrapping_neg();
        let [top, left] = [p, q].map(|at| k.add("corner", at, padding));
        let sum: F32 = k.register("sum");
        k.set_f32(sum, 0.0);
        let x = k.at(x, c, 4);
        let dy = k.at(dy, o, 4);
        k.count_to("n", size(s.n), |k, n| {
            k.count_to("i", size(s.oh()), |k, i| {
                k.count_to("j", size(s.ow()), |k, j| {
                    let row = k.mad("row", i, size(s.stride), top);
                    let column = k.mad("column", j, size(s.stride), left);
                    place(k, [n, row, column], [s.h, s.w].map(size), 1, |k, pixel| {
                        let x = k.at(x, pixel, size(s.ci * 4));
                        let value = k.load_global("x_of", x, 0);
                        let dy = k.load_global("dy_of", dy, 0);
                        k.fma_to(sum, value, dy);
                    });
                    k.advance(dy, 4 * s.co as u64);
                });
            });
        });
        let dw = k.at(dw, index, 4);
        k.store_global(dw, 0, sum);
    });
    kernel.finish()
}

/// `body` with the number of the pixel at image, row and column of x, where there is one.
fn place(k: &mut Kernel, at: [U32; 3], extent: [u32; 2], spread: u32, body: impl FnOnce(&mut Kernel, U32)) {
    let [n, row, column] = at;
    let [row, row_rest] = k.div_rem(["row", "between"], row, spread);
    let [column, column_rest] = k.div_rem(["column", "between"], column, spread);
    let conditions =
        [k.lt(row, extent[0]), k.lt(column, extent[1]), k.eq(row_rest, 0), k.eq(column_rest, 0)].map(Some);
    let there = conditions.into_iter().fold(None, |all, one| k.both(all, one));
    let pixel = k.mad("pixel", n, extent[0], row);
    let pixel = k.mad("pixel", pixel, extent[1], column);
    k.when(there.expect("four conditions"), "there", |k| body(k, pixel));
}
