//! Copies with threads. Flattening images, its inverse and a transpose are changes of layout too:
//!
//! | copy | is the change of layout |
//! |---|---|
//! | flatten | to rows |
//! | unflatten | from rows |
//! | transpose of (r, c) | of (r, c) from rows to `in_out` |
//!
//! After neighbouring dimensions that one stride walks are joined, what is left of these is to transpose a matrix a
//! chunk.
use super::Relayout;
use crate::{
    Cpu, MAX_RANK,
    elementwise::cpu::SERIAL,
    simd::{Kernel, Simd},
};
use std::array::from_fn;

/// `y[i] = x[i]` at every spoken index `i`; y is written in memory order.
pub fn relayout(s: &Relayout, x: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!([x.len(), y.len()], [s.shape.len(); 2]);
    if y.is_empty() {
        return;
    }
    let ([_, sizes @ ..], [step, strides @ ..]) = walk(s);
    let (token, len) = (cpu.token(), sizes.iter().product());
    let (sizes, strides) = join(sizes, strides);
    cpu.workers(y.len() > SERIAL).for_each_chunk(y, len, |a, y| {
        token.run(Copy { sizes, strides, x: &x[a * step..], y });
    });
}

/// The same walk with fewer dimensions: two that one stride walks become one.
fn join([b, c, d]: [usize; 3], [sb, sc, sd]: [usize; 3]) -> ([usize; 3], [usize; 3]) {
    if sc == d * sd {
        ([1, b, c * d], [0, sb, sd])
    } else if sb == c * sc {
        ([1, b * c, d], [0, sc, sd])
    } else {
        ([b, c, d], [sb, sc, sd])
    }
}

/// `y[b,c,d] = x[b · sb + c · sc + d · sd]`
struct Copy<'a> {
    sizes: [usize; 3],
    strides: [usize; 3],
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Copy<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { sizes: [_, rows, columns], strides: [sb, sc, sd], x, y } = self;
        for (b, y) in y.chunks_exact_mut(rows * columns).enumerate() {
            let x = &x[b * sb..];
            match (sc, sd) {
                (1, 2..) if rows < columns => tall(x, sd, columns, y),
                (1, 2..) => wide(x, sd, columns, y),
                _ => {
                    for (c, y) in y.chunks_exact_mut(columns).enumerate() {
                        y.iter_mut().zip(x[c * sc..].iter().step_by(sd)).for_each(|(y, x)| *y = *x);
                    }
                }
            }
        }
    }
}

/// Does `body` for the blocks that make up `count`: where one begins, and its size, the constant `L`.
macro_rules! blocks {
    ($count:expr, |$first:ident, $l:ident| $body:expr) => {
        let (count, mut $first) = ($count, 0);
        blocks!(@while count, $first, $l, 16, $body);
        blocks!(@while count, $first, $l, 8, $body);
        blocks!(@while count, $first, $l, 4, $body);
        blocks!(@while count, $first, $l, 3, $body);
        blocks!(@while count, $first, $l, 1, $body);
    };
    (@while $count:ident, $first:ident, $l:ident, $size:literal, $body:expr) => {
        while $count - $first >= $size {
            const $l: usize = $size;
            $body;
            $first += $size;
        }
    };
}

/// `y[r,d] = x[d · pitch + r]`, for fewer rows of y than columns.
#[inline(always)]
fn tall(x: &[f32], pitch: usize, columns: usize, y: &mut [f32]) {
    blocks!(y.len() / columns, |r, L| rows::<L>(&x[r..], pitch, columns, &mut y[r * columns..]));
}

/// `L` rows of y: all columns of x are read in runs of `L`.
#[inline(always)]
fn rows<const L: usize>(x: &[f32], pitch: usize, columns: usize, y: &mut [f32]) {
    let mut rest = y;
    let rows: [&mut [f32]; L] = from_fn(|_| rest.split_off_mut(..columns).expect("a row"));
    for (d, x) in x.chunks(pitch).take(columns).enumerate() {
        let x: &[f32; L] = x.first_chunk().expect("a run");
        for l in 0..L {
            rows[l][d] = x[l];
        }
    }
}

/// `y[r,d] = x[d · pitch + r]`, for no more columns of y than rows.
#[inline(always)]
fn wide(x: &[f32], pitch: usize, columns: usize, y: &mut [f32]) {
    blocks!(columns, |d, L| runs::<L>(&x[d * pitch..], pitch, columns, &mut y[d..]));
}

/// `L` columns of y: its rows are written in runs of `L`.
#[inline(always)]
fn runs<const L: usize>(x: &[f32], pitch: usize, columns: usize, y: &mut [f32]) {
    let count = y.len().div_ceil(columns);
    let x: [&[f32]; L] = from_fn(|l| &x[l * pitch..][..count]);
    if L == columns {
        // The same loop where runs are neighbours, which the compiler vectorises.
        for (r, y) in y.as_chunks_mut::<L>().0.iter_mut().enumerate() {
            *y = from_fn(|l| x[l][r]);
        }
        return;
    }
    for (r, y) in y.chunks_mut(columns).enumerate() {
        *y.first_chunk_mut::<L>().expect("a run") = from_fn(|l| x[l][r]);
    }
}

/// Sizes in the order the output lies in memory, slowest first, and the input's stride along each; ones and zeros
/// before them where the rank is lower.
pub(super) fn walk(s: &Relayout) -> ([usize; MAX_RANK], [usize; MAX_RANK]) {
    let rank = s.shape.rank();
    let (from, to) = (s.from.strides(&s.shape), s.to.strides(&s.shape));
    let mut order: [usize; MAX_RANK] = std::array::from_fn(|d| d);
    // Dimensions of one element tie; any order of theirs is the same walk.
    order[..rank].sort_by_key(|&d| std::cmp::Reverse(to[d]));
    let (mut sizes, mut strides) = ([1; MAX_RANK], [1; MAX_RANK]);
    for (at, &d) in order[..rank].iter().enumerate() {
        sizes[MAX_RANK - rank + at] = s.shape.dim(d);
        strides[MAX_RANK - rank + at] = from[d];
    }
    (sizes, strides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Shape, layout::reference};

    /// Every pair of layouts, sizes of one among them, bit for bit.
    #[test]
    fn equals_the_definition() {
        let shapes = [
            vec![2, 3, 4, 5],
            vec![2, 40, 3, 3],
            vec![3, 16, 4, 5],
            vec![1, 8, 9, 9],
            vec![37, 70],
            vec![70, 35],
            vec![1, 3, 1, 7],
            vec![5, 1, 1, 1],
            vec![3, 8],
            vec![1, 9],
            vec![6],
            vec![],
        ];
        let layouts = [Layout::Rows, Layout::Nhwc, Layout::Hwio, Layout::InOut];
        for shape in shapes.iter().map(|s| Shape::new(s)) {
            for (from, to) in layouts.iter().flat_map(|&a| layouts.map(|b| (a, b))) {
                let Ok(s) = Relayout::new(&shape, from, to) else { continue };
                let x: Vec<f32> = (0..shape.len()).map(|i| i as f32).collect();
                let [mut expected, mut got] = [(); 2].map(|()| vec![f32::NAN; x.len()]);
                reference::relayout(&s, &x, &mut expected);
                relayout(&s, &x, &mut got, &Cpu::new(2).unwrap());
                assert_eq!(expected, got, "{shape} from {from} to {to}");
            }
        }
    }
}
