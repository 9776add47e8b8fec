//! The sums of a correlation in the registers of a thread, from the bias to y.
use super::{
    activation,
    kernel::Correlate,
    place::{Place, Shared},
    plan::CHANNELS,
};
use crate::{
    cuda::size,
    ptx::{F32, Kernel, Pred, Register, U32, U64},
};

/// A pixel as it is written: channels of the thread.
pub(super) struct Pixel {
    pub(super) values: [F32; CHANNELS],
    /// Places of their windows' winners, if they are written too.
    pub(super) winners: Option<[U32; CHANNELS]>,
    /// Where it is this thread's, if it is not every thread's.
    pub(super) on: Option<Pred>,
}

impl Correlate<'_> {
    /// Sums start at the bias, which lies in shared memory with zeros where there is none.
    pub(super) fn start(&self, k: &mut Kernel, own: Shared, acc: &[[F32; CHANNELS]]) {
        k.note("Sums start at the bias.");
        let (first, rest) = acc.split_first().expect("a pixel");
        for half in 0..2 {
            let to = std::array::from_fn(|i| first[4 * half + i]);
            k.load_shared4(to, own.bias, 16 * half);
        }
        for pixel in rest {
            pixel.iter().zip(first).for_each(|(&to, &from)| k.set_f32(to, from));
        }
    }

    /// Adds what the channels in shared memory contribute; the thread's weights for them begin at `weights`.
    pub(super) fn add(&self, k: &mut Kernel, weights: U32, own: Shared, acc: &[[F32; CHANNELS]]) {
        let &Self { s, plan } = self;
        let groups = plan.channels / plan.step;
        let (x_at, w_at) = (k.copy("x_here", own.tile), k.copy("w_here", weights));
        let x: Vec<F32> = (0..s.reach(plan.pixels) * plan.step).map(|_| k.register("x_of")).collect();
        let w: [[F32; CHANNELS]; 2] = [k.registers("w_of"), k.registers("w_of")];
        let weight_row = s.kw * plan.step * plan.weight_step(s) * 4;
        k.count_to("row_of_weights", size(s.kh), |k, _| {
            let row = |k: &mut Kernel| {
                self.add_row(k, x_at, w_at, &x, w, acc);
                k.increase(w_at, size(weight_row));
            };
            if groups == 1 {
                row(k);
                k.increase(x_at, size(plan.tile.pitch * 4));
            } else {
                k.count_to("channels", size(groups), |k, _| {
                    row(k);
                    k.increase(x_at, size(plan.step * 4));
                });
                k.increase(x_at, size((plan.tile.pitch - plan.channels) * 4));
            }
            if plan.held > plan.channels {
                k.increase(w_at, size((plan.held - plan.channels) * s.kw * plan.weight_step(s) * 4));
            }
        });
    }

    /// Adds a row of weights times some channels of a row of x.
    fn add_row(
        &self,
        k: &mut Kernel,
        x_at: U32,
        w_at: U32,
        x: &[F32],
        w: [[F32; CHANNELS]; 2],
        acc: &[[F32; CHANNELS]],
    ) {
        let &Self { s, plan } = self;
        k.note("Pixels of x, as far as this thread reaches.");
        for (pixel, x) in x.chunks(plan.step).enumerate() {
            let offset = pixel * plan.tile.step * 4;
            match *x {
                [a, b, c, d] => k.load_shared4([a, b, c, d], x_at, offset),
                _ => x.iter().enumerate().for_each(|(c, &x)| k.load_shared(x, x_at, offset + c * 4)),
            }
        }
        for q in 0..s.kw {
            for c in 0..plan.step {
                let term = q * plan.step + c;
                k.note(format!("Weight {q} of the row, channel {c}."));
                let w = w[term % 2];
                for half in 0..2 {
                    let to = std::array::from_fn(|i| w[4 * half + i]);
                    k.load_shared4(to, w_at, term * plan.weight_step(s) * 4 + 16 * half);
                }
                for (pixel, acc) in acc.iter().enumerate() {
                    let x = x[(pixel * s.stride + q) * plan.step + c];
                    acc.iter().zip(w).for_each(|(&acc, w)| k.fma_to(acc, x, w));
                }
            }
        }
    }

    /// What follows the sums, and y.
    pub(super) fn finish(&self, k: &mut Kernel, image: U32, place: Place, acc: &[[F32; CHANNELS]]) {
        if let Some(f) = self.s.activation {
            k.note("The activation.");
            acc.iter().flatten().for_each(|&acc| activation::apply(k, f, acc));
        }
        let (place, pixels) = match self.s.pool {
            Some(pool) => self.pool(k, pool, place, acc),
            None => (place, acc.iter().map(|&values| Pixel { values, winners: None, on: None }).collect()),
        };
        self.write(k, image, place, &pixels);
    }

    /// Writes neighbouring pixels, as far as y has them and the thread has something to write.
    fn write(&self, k: &mut Kernel, image: U32, place: Place, pixels: &[Pixel]) {
        let &Self { s, plan } = self;
        k.note("Pixels and channels that y has.");
        let row = (s.oh % plan.rows != 0).then(|| k.lt(place.row, size(s.oh)));
        let mut there = k.both(place.active, row);
        if s.n % plan.together != 0 {
            let own = k.add("own_image", image, place.image);
            let real = k.lt(own, size(s.n));
            there = k.both(there, Some(real));
        }
        let width = if s.co % 4 == 0 { 4 } else { 1 };
        let channels: Vec<Option<Pred>> = (0..CHANNELS)
            .step_by(width)
            .map(|c| {
                let beyond = s.co % plan.outputs != 0;
                let inside = beyond.then(|| k.lt(place.channel, size(s.co.saturating_sub(c))));
                k.both(there, inside)
            })
            .collect();
        let winner_at = place.to_winner.map(|bytes| k.add_wide("winner_at", place.y, bytes));
        for (i, pixel) in pixels.iter().enumerate() {
            let beyond = s.ow % plan.columns() != 0;
            let inside = beyond.then(|| k.lt(place.column, size(s.ow.saturating_sub(i * s.side()))));
            let inside = k.both(inside, pixel.on);
            for (&on, c) in channels.iter().zip((0..).step_by(width)) {
                let on = k.both(on, inside);
                let offset = (i * s.co + c) * 4;
                store(k, on, place.y, offset, &pixel.values[c..c + width]);
                if let (Some(at), Some(winners)) = (winner_at, &pixel.winners) {
                    store(k, on, at, offset, &winners[c..c + width]);
                }
            }
        }
    }
}

/// Stores a vector, or a word, where `on` holds.
fn store<R: Register>(k: &mut Kernel, on: Option<Pred>, at: U64, offset: usize, x: &[R]) {
    match *x {
        [a, b, c, d] => k.store_global4_if(on, at, offset, [a, b, c, d]),
        _ => x.iter().for_each(|&x| k.store_global_if(on, at, offset, x)),
    }
}
