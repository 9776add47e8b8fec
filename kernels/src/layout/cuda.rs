//! Copies on a GPU. As on the CPU, flattening images, its inverse and a transpose are changes of layout:
//!
//! | copy | is |
//! |---|---|
//! | flatten | [`relayout`] to rows |
//! | unflatten | [`relayout`] from rows |
//! | transpose of (r, c) | [`relayout`] of (r, c) from rows to `in_out` |
//! | reshape | [`copy`] |
use super::{Relayout, cpu};
use crate::{
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    elementwise::cuda::{THREADS, fours},
};

const TEXT: Text = ptx!("layout/ptx/layout.ptx");

/// Rows and columns of the tile that a block transposes.
const TILE: usize = 32;
/// A narrower matrix would leave most of a tile's threads without work.
const NARROW: usize = TILE / 2;

/// `y[i] = x[i]`, n elements. X(0): x, Y(0): y.
pub fn copy(n: usize) -> Launches {
    fours(TEXT, "copy", n, &[Arg::X(0), Arg::Y(0)])
}

/// `y[i] = x[i]` at every spoken index `i`. X(0): x, Y(0): y.
pub fn relayout(s: &Relayout) -> Launches {
    let (n, walk, operands) = (s.shape.len(), Walk::new(s), [Arg::X(0), Arg::Y(0)]);
    if n == 0 || walk.is_in_order() {
        copy(n)
    } else if let Some([matrices, rows, columns]) = walk.transposes()
        && rows.min(columns) >= NARROW
    {
        let (down, across) = (rows.div_ceil(TILE), columns.div_ceil(TILE));
        let sizes = [rows, columns, down, across].map(|n| Arg::U32(size(n)));
        let args = [&operands[..], &sizes].concat();
        let mut launch = Launch::new(TEXT, "transpose", size(matrices * down * across), THREADS, args);
        launch.block = [TILE as u32, THREADS / TILE as u32, 1];
        launch.into()
    } else {
        let args = [&operands[..], &[Arg::U32(size(n))], &walk.args()].concat();
        Launch::each(TEXT, "relayout", n, THREADS, args).into()
    }
}

/// One order in memory as seen from another: what lies at `(a · sizes[1] + b) · sizes[2] + c` of the second lies at
/// `a · strides[0] + b · strides[1] + c · strides[2]` of the first.
pub(crate) struct Walk {
    sizes: [usize; 3],
    strides: [usize; 3],
}

impl Walk {
    /// The order `s.to` as seen from `s.from`: dimensions of one element are left out, and two that one stride walks are
    /// one. There are never more than three then, since every layout has height and width as neighbours.
    pub(crate) fn new(s: &Relayout) -> Self {
        let (sizes, strides) = cpu::walk(s);
        let mut walk = Self { sizes: [1; 3], strides: [0; 3] };
        let mut at = 2;
        for (&size, &stride) in sizes.iter().zip(&strides).rev().filter(|(size, _)| **size != 1) {
            if walk.sizes[at] != 1 && stride == walk.sizes[at] * walk.strides[at] {
                walk.sizes[at] *= size;
                continue;
            }
            at -= usize::from(walk.sizes[at] != 1);
            (walk.sizes[at], walk.strides[at]) = (size, stride);
        }
        walk
    }

    /// Whether both orders are the same.
    pub(crate) fn is_in_order(&self) -> bool {
        let [_, b, c] = self.sizes;
        self.sizes[0] == 1 && b == 1 && (c == 1 || self.strides[2] == 1)
    }

    /// Where it transposes dense matrices: their number, rows and columns, of the second order.
    fn transposes(&self) -> Option<[usize; 3]> {
        let ([a, b, c], [sa, sb, sc]) = (self.sizes, self.strides);
        (sb == 1 && sc == b && (a == 1 || sa == b * c)).then_some(self.sizes)
    }

    /// The parameters size_b, size_c, stride_a, stride_b, stride_c.
    pub(crate) fn args(&self) -> [Arg; 5] {
        let ([_, b, c], [sa, sb, sc]) = (self.sizes, self.strides);
        [b, c, sa, sb, sc].map(|n| Arg::U32(size(n)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Shape};

    /// Which kernel does what: runs of memory where there are any.
    #[test]
    fn kernels() {
        let by = |shape: &[usize], from, to| {
            let launches = relayout(&Relayout::new(&Shape::new(shape), from, to).unwrap());
            let launch = &launches.list[0];
            (launch.entry.to_string(), launch.grid[0])
        };
        use Layout::*;
        assert_eq!(by(&[50, 16, 8, 8], Nhwc, Rows), ("transpose".into(), 50 * 2), "16 x 64 each");
        assert_eq!(by(&[50, 40, 8, 8], Rows, Nhwc), ("transpose".into(), 50 * 2 * 2));
        assert_eq!(by(&[784, 100], Rows, InOut), ("transpose".into(), 25 * 4));
        assert_eq!(by(&[32, 16, 3, 3], Nhwc, Hwio), ("transpose".into(), 5), "144 x 32");
        assert_eq!(by(&[32, 16, 3, 3], Rows, Hwio), ("relayout".into(), 18));
        assert_eq!(by(&[50, 8, 8, 8], Nhwc, Rows), ("relayout".into(), 100), "8 channels are narrow");
        assert_eq!(by(&[50, 1, 8, 8], Nhwc, Rows), ("copy".into(), 4));
        assert_eq!(by(&[50, 8, 1, 1], Rows, Nhwc), ("copy".into(), 1));
    }
}
