//! Reductions on a GPU: fixed pieces, a block each, and one more block for their sums. What is added in which order follows
//! from the sizes alone, so that the bits do not depend on the card.
use crate::{
    cuda::{Arg, Launch, Launches, Text, ptx, size},
    elementwise::Channels,
};

const TEXT: Text = ptx!("reduce/ptx/reduce.ptx");

/// Up to so many numbers one block sums: a second launch would cost more than it saves.
pub(crate) const ALONE: u32 = 8192;
/// Numbers of a piece, at least.
pub(crate) const PIECE: u32 = 2048;
/// Pieces, at most: they keep a large card busy, and one block sums what they leave.
const PIECES: u32 = 512;
/// Pieces of rows, at most: as many blocks as a large card holds at once.
pub(crate) const ROW_PIECES: u32 = 1024;
/// Rows a thread does one after the other rather than leave the sum of pieces to another launch.
pub(crate) const TURNS: u32 = 4;
/// Threads of a block that has one of many pieces, and of one that is alone.
pub(crate) const THREADS: u32 = 256;
pub(crate) const ALL_THREADS: u32 = 1024;
/// Threads for numbers that have nothing to do with each other.
const EACH: u32 = 256;

/// `n` things in pieces of equal size, the last perhaps smaller.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Pieces {
    /// How many: one at least.
    pub count: u32,
    /// Things of a piece, a multiple of what a block does at once.
    pub each: u32,
}

impl Pieces {
    /// All in one.
    pub fn one(n: u32) -> Self {
        Self { count: 1, each: n }
    }

    /// At most `most` pieces of at least `at_once` things.
    pub fn of(n: u32, at_once: u32, most: u32) -> Self {
        let turns = n.div_ceil(at_once).div_ceil(most).max(1);
        let each = turns.saturating_mul(at_once);
        Self { count: n.div_ceil(each).max(1), each }
    }
}

/// `y = f(Σ_i x[i]^power / divisor)`, f the square root or nothing.
#[derive(Copy, Clone)]
struct Sum {
    squares: bool,
    divisor: f32,
    root: bool,
}

impl Sum {
    const PLAIN: Self = Self { squares: false, divisor: 1.0, root: false };
    const SQUARES: Self = Self { squares: true, ..Self::PLAIN };

    /// X0 -> Y0: n numbers -> one.
    fn launches(self, n: usize) -> Launches {
        let n = size(n);
        if n <= ALONE {
            return self.launch([Arg::X(0), Arg::Y(0)], n, Pieces::one(n)).into();
        }
        let pieces = Pieces::of(n, PIECE, PIECES);
        let first = Self { squares: self.squares, ..Self::PLAIN };
        let last = Self { squares: false, ..self };
        let list = vec![
            first.launch([Arg::X(0), Arg::Scratch(0)], n, pieces),
            last.launch([Arg::Scratch(0), Arg::Y(0)], pieces.count, Pieces::one(pieces.count)),
        ];
        Launches { list, scratch: 4 * pieces.count as usize }
    }

    fn launch(self, [x, y]: [Arg; 2], n: u32, pieces: Pieces) -> Launch {
        let [squares, root] = [self.squares, self.root].map(|flag| Arg::U32(flag.into()));
        let args = vec![x, y, Arg::U32(n), Arg::U32(pieces.each), squares, Arg::F32(self.divisor), root];
        Launch::new(TEXT, "sum", pieces.count, threads(pieces), args)
    }
}

/// Threads of a block for numbers in such pieces.
pub(crate) fn threads(pieces: Pieces) -> u32 {
    if pieces.count == 1 { pieces.each.next_multiple_of(32).clamp(32, ALL_THREADS) } else { THREADS }
}

/// Y0 = the sum of `pieces` numbers from the beginning of the scratch memory, over `divisor`.
pub(crate) fn total(pieces: u32, divisor: f32) -> Launch {
    let sum = Sum { divisor, ..Sum::PLAIN };
    sum.launch([Arg::Scratch(0), Arg::Y(0)], pieces, Pieces::one(pieces))
}

/// `y = Σ_i x[i]`
///
/// X0: x (n). Y0: y, one number.
pub fn sum(n: usize) -> Launches {
    Sum::PLAIN.launches(n)
}

/// `y = (Σ_i x[i]) / n`
///
/// X0: x (n). Y0: y, one number.
pub fn mean(n: usize) -> Launches {
    Sum { divisor: n as f32, ..Sum::PLAIN }.launches(n)
}

/// `y = Σ_i x[i]²`
///
/// X0: x (n). Y0: y, one number.
pub fn sum_of_squares(n: usize) -> Launches {
    Sum::SQUARES.launches(n)
}

/// `y = √(Σ_i x[i]²)`, nothing rescaled.
///
/// X0: x (n). Y0: y, one number.
pub fn l2_norm(n: usize) -> Launches {
    Sum { root: true, ..Sum::SQUARES }.launches(n)
}

/// `y[i] = factor · x`: the gradient of a sum (factor 1) and of a mean (1/n).
///
/// X0: x, one number. Y0: y (n).
pub fn expand(factor: f64, n: usize) -> Launches {
    let args = vec![Arg::X(0), Arg::Y(0), Arg::U32(size(n)), Arg::F32(factor as f32)];
    Launch::each(TEXT, "expand", n, EACH, args).into()
}

/// `dx[i] = 2 x[i] · dy`
///
/// X0: x (n). X1: dy, one number. Y0: dx (n).
pub fn sum_of_squares_grad(n: usize) -> Launches {
    let args = vec![Arg::X(0), Arg::X(1), Arg::Y(0), Arg::U32(size(n))];
    Launch::each(TEXT, "sum_of_squares_grad", n, EACH, args).into()
}

/// `dx[i] = x[i] / y · dy`, and 0 where `y` is 0.
///
/// X0: x (n). X1: y, the norm. X2: dy, one number. Y0: dx (n).
pub fn l2_norm_grad(n: usize) -> Launches {
    let args = vec![Arg::X(0), Arg::X(1), Arg::X(2), Arg::Y(0), Arg::U32(size(n))];
    Launch::each(TEXT, "l2_norm_grad", n, EACH, args).into()
}

/// `y[c] = Σ x[n,c,…]`: the gradient of the channel broadcast.
///
/// X0: x as [`Channels`] says. Y0: y (C).
pub fn channel_sum(s: &Channels) -> Launches {
    size(s.len());
    let [outer, c, inner] = [s.outer, s.c, s.inner].map(size);
    if c == 0 {
        return Launches::default();
    }
    let block = Rows::of(c, THREADS);
    let pieces = match inner {
        1 if outer <= TURNS * Rows::of(c, ALL_THREADS).rows => Pieces::one(outer),
        1 => Pieces::of(outer, block.rows, ROW_PIECES),
        _ => Pieces::of(outer, 1, (PIECES / c).max(1)),
    };
    let partials = if pieces.count == 1 { Arg::Y(0) } else { Arg::Scratch(0) };
    let first = if inner == 1 {
        row_sum([Arg::X(0), partials], outer, c, pieces)
    } else {
        let sizes = [outer, c, inner, pieces.each].map(Arg::U32);
        let args = [vec![Arg::X(0), partials], sizes.to_vec()].concat();
        let grid = [c, pieces.count, 1];
        Launch { grid, ..Launch::new(TEXT, "plane_sum", 1, THREADS, args) }
    };
    with_total(first, pieces.count, c, Arg::Y(0))
}

/// How many rows [`channel_sum`] has a thread for, where one block does all of them: that decides the order of its sums.
pub(crate) fn channel_rows(s: &Channels) -> u32 {
    let rows = Rows::of(size(s.c), ALL_THREADS).rows;
    assert!(s.inner == 1 && s.outer <= (TURNS * rows) as usize, "more than one block: {s:?}");
    rows
}

/// `first`, which left `pieces` rows of `c` sums in the scratch memory, if there is more than one, and then their sum to `y`.
pub(crate) fn with_total(first: Launch, pieces: u32, c: u32, y: Arg) -> Launches {
    if pieces == 1 {
        return first.into();
    }
    let last = row_sum([Arg::Scratch(0), y], pieces, c, Pieces::one(pieces));
    Launches { list: vec![first, last], scratch: 4 * pieces as usize * c as usize }
}

/// `y[b,c] = Σ_o x[o,c]` over the rows of each piece.
fn row_sum([x, y]: [Arg; 2], outer: u32, c: u32, pieces: Pieces) -> Launch {
    let block = Rows::of(c, if pieces.count == 1 { ALL_THREADS } else { THREADS });
    let args = vec![x, y, Arg::U32(outer), Arg::U32(c), Arg::U32(block.tile), Arg::U32(pieces.each)];
    let grid = [pieces.count, c.div_ceil(block.tile), 1];
    Launch { grid, ..Launch::new(TEXT, "channel_sum", 1, block.threads(), args) }
}

/// The shape of a block that does `rows` rows of `tile` neighbouring channels at once.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Rows {
    pub tile: u32,
    pub rows: u32,
}

impl Rows {
    /// A warp's worth of channels, if there are so many, and as many rows as `threads` threads do.
    pub fn of(c: u32, threads: u32) -> Self {
        let tile = c.min(32);
        Self { tile, rows: threads / tile }
    }

    pub fn threads(self) -> u32 {
        self.tile * self.rows
    }
}
