//! Max-pooling of what threads have in registers, by windows of 2 x 2. The same bits as `max_pool2d`: values are chosen, not
//! computed, the first of equal ones wins, a NaN wins over everything.
use super::{correlation::Pool, kernel::Correlate, place::Place, plan::CHANNELS, sums::Pixel};
use crate::{
    cuda::size,
    ptx::{F32, Kernel, Register, U32},
};

/// The largest number so far and, if asked for, its place.
#[derive(Copy, Clone)]
struct Best {
    max: F32,
    place: Option<U32>,
}

impl Correlate<'_> {
    /// Pools the pixels `acc`, a row of this thread: what is left, and where that lies.
    ///
    /// First neighbours in the row. An even number of pixels has whole windows. Where it is odd, lanes side by side have segments
    /// side by side: the last pixel of the left one is in a window with the first of the right one, whose own windows begin a pixel
    /// later. Then the two rows, which are in neighbouring lanes too, as tiles have an even number of them; the upper one writes.
    pub(super) fn pool(
        &self,
        k: &mut Kernel,
        pool: Pool,
        place: Place,
        acc: &[[F32; CHANNELS]],
    ) -> (Place, Vec<Pixel>) {
        k.note("Pooling: where this thread's windows begin, and whether it has their upper row.");
        let mut column = place.column;
        let across = self.plan.across(self.s);
        let [on_left, on_right] = if across > 1 {
            let odd = k.and_bits("odd_column", place.column, 1);
            column = k.add("first_window", place.column, odd);
            [k.eq(odd, 0), k.eq(odd, 1)].map(Some)
        } else {
            [None; 2]
        };
        let odd = k.and_bits("odd_row", place.row, 1);
        let upper = k.eq(odd, 0);
        let first = pool.winner.then(|| {
            let row = k.mul("place", place.row, size(pool.row));
            k.add("place", row, column)
        });
        let windows = (0..acc.len().div_ceil(2)).map(|window| {
            k.note(format!("Window {window}: the larger of each row, then of both."));
            let shared = 2 * window + 1 == acc.len();
            let [left_place, right_place] =
                [0, 1].map(|q| first.map(|first| k.add("place", first, size(2 * window + q))));
            let best: [Best; CHANNELS] = std::array::from_fn(|c| {
                let mut pixel = |pixel: usize| match on_right {
                    Some(right) => k.select("of_window", right, acc[pixel + 1][c], acc[pixel][c]),
                    None => acc[pixel][c],
                };
                let [left, right] = match shared {
                    true => [acc[2 * window][c], self.neighbour(k, "right", acc[0][c], 1)],
                    false => [pixel(2 * window), pixel(2 * window + 1)],
                };
                let [left, right] =
                    [Best { max: left, place: left_place }, Best { max: right, place: right_place }];
                larger(k, left, right)
            });
            let best = best.map(|upper| {
                let max = self.neighbour(k, "below", upper.max, across);
                let place = upper.place.map(|place| self.neighbour(k, "place_below", place, across));
                larger(k, upper, Best { max, place })
            });
            let places = best.map(|best| best.place);
            let winners = pool.winner.then(|| places.map(|place| place.expect("winners are asked for")));
            Pixel { values: best.map(|best| best.max), winners, on: on_left.filter(|_| shared) }
        });
        let windows = windows.collect();
        (Place { active: k.both(place.active, Some(upper)), column, ..place }, windows)
    }

    /// What the lane has in `a` that does the same channels of the pixels beside, or below, or above: so many lanes further, not
    /// counting those that do other channels. It is in the same warp.
    fn neighbour<R: Register>(&self, k: &mut Kernel, name: &'static str, a: R, further: usize) -> R {
        k.shuffle_across(name, a, size(further * self.plan.groups()))
    }
}

/// The better of two, of which `a` comes first in the window.
fn larger(k: &mut Kernel, a: Best, b: Best) -> Best {
    let wins = k.surpasses(b.max, a.max);
    let max = k.select("max", wins, b.max, a.max);
    let place = a.place.zip(b.place).map(|(a, b)| k.select_u32("best_place", wins, b, a));
    Best { max, place }
}
