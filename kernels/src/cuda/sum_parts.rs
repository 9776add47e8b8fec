//! The second pass of what was split over blocks: parts are summed in a fixed order, the same whatever machine runs it.
use super::{Arg, Launch, Text, size};
use crate::{
    activation::{Activation, registers},
    ptx::{F32, Kernel},
};

/// Columns of a block.
const COLUMNS: u32 = 32;
/// The most threads that share a column.
const MOST_SHARERS: u32 = 16;
/// Parts whose loads are under way at a time.
const AHEAD: usize = 4;

/// `y[i] = f(Σ_p parts[p,i] + bias[i mod n])` for i < `len`, the bias if its argument is there: its sizes, and where it finds what.
#[derive(Copy, Clone, Debug)]
pub(crate) struct SumParts {
    /// How many parts.
    pub parts: usize,
    /// Numbers of a part.
    pub len: usize,
    /// (parts, len).
    pub from: Arg,
    /// A number for each of n columns.
    pub bias: Option<(Arg, usize)>,
    /// (len).
    pub y: Arg,
}

impl SumParts {
    /// The launch, without f.
    pub(crate) fn launch(&self) -> Launch {
        self.then(None)
    }

    /// The launch, with f if there is one.
    pub(crate) fn then(&self, f: Option<Activation>) -> Launch {
        let args = [Some(self.from), self.bias.map(|(bias, _)| bias), Some(self.y)];
        let text = self.kernel(f);
        let entry = self.name(f);
        let blocks = size(self.len).div_ceil(COLUMNS);
        Launch::new(text, entry, blocks, COLUMNS * self.sharers(), args.into_iter().flatten().collect())
    }

    /// Threads that share a column: a power of two, since a tree adds what they have.
    fn sharers(&self) -> u32 {
        size(self.parts).next_power_of_two().min(MOST_SHARERS)
    }

    fn name(&self, f: Option<Activation>) -> String {
        let bias = self.bias.map_or(String::new(), |(_, n)| format!("_bias{n}"));
        let f = f.map_or(String::new(), |f| format!("_{}", registers::name(f)));
        format!("sum_parts_{}x{}{bias}{f}", self.parts, self.len)
    }

    fn kernel(&self, f: Option<Activation>) -> Text {
        let (parts, len, sharers) = (size(self.parts), size(self.len), self.sharers());
        let about = format!(
            "y[i] = f(bias[i mod n] + the sum of parts[p,i] over p), for {parts} parts of {len} numbers.\n\
             \n\
             A warp has {COLUMNS} neighbouring columns i, so that loads are coalesced. The {sharers} warps of a block share the \
             parts of its\ncolumns: warp s sums parts s, s + {sharers} and so on; then a tree adds the {sharers} sums. The order depends on \
             nothing but the\nnumber of parts: every run and every GPU gives the same bits."
        );
        let mut k = Kernel::new(self.name(f), about, COLUMNS * sharers);
        let from = k.pointer("parts");
        let bias = self.bias.map(|(_, n)| (k.pointer("bias"), n));
        let y = k.pointer("y");
        let sums = k.shared("sums", (COLUMNS * sharers * 4) as usize);

        k.note("The column i of this thread, and which parts are its own.");
        let [block, thread] = [k.special("block", "ctaid.x"), k.special("thread", "tid.x")];
        let [sharer, lane] = k.div_rem(["sharer", "lane"], thread, COLUMNS);
        let i = k.mad("i", block, COLUMNS, lane);
        let inside = (!self.len.is_multiple_of(COLUMNS as usize)).then(|| k.lt(i, len));

        k.note("Its sum.");
        let column = k.at(from, i, 4);
        let at = k.register("at_part");
        k.wide_mad_to(at, sharer, u64::from(len) * 4, column);
        let sum: F32 = k.register("sum");
        k.set_f32(sum, 0.0);
        let part = k.copy("part", sharer);
        let step = AHEAD as u32 * sharers;
        k.count_to("parts_loop", parts.div_ceil(step), |k, _| {
            let values: [F32; AHEAD] = k.registers("value");
            for (a, value) in values.into_iter().enumerate() {
                let own = a as u32 * sharers;
                let there = (parts % step != 0).then(|| k.lt(part, parts.saturating_sub(own)));
                let on = k.both(inside, there);
                k.load_global_or_zero(on, value, at, (own as usize) * self.len * 4);
            }
            values.into_iter().for_each(|value| k.add_to(sum, value));
            k.increase(part, step);
            k.advance(at, u64::from(step) * u64::from(len) * 4);
        });

        k.note("The tree over the sums of a column.");
        let own = k.mad("own", thread, 4, sums);
        k.store_shared_if(None, own, 0, sum);
        let mut half = sharers / 2;
        while half > 0 {
            k.barrier();
            let adds = k.lt(sharer, half);
            k.when(adds, "tree", |k| {
                let other: F32 = k.register("other");
                k.load_shared(other, own, (half * COLUMNS * 4) as usize);
                k.add_to(sum, other);
                k.store_shared_if(None, own, 0, sum);
            });
            half /= 2;
        }
        k.note("The first warp has them.");
        let first = k.eq(sharer, 0);
        let writes = k.both(Some(first), inside).expect("one of two");
        k.when(writes, "write", |k| {
            if let Some((bias, n)) = bias {
                let column = k.rem("column", i, size(n));
                let bias = k.at(bias, column, 4);
                let bias = k.load_global("b", bias, 0);
                k.add_to(sum, bias);
            }
            if let Some(f) = f {
                registers::apply(k, f, sum);
            }
            let y = k.at(y, i, 4);
            k.store_global(y, 0, sum);
        });
        k.finish()
    }
}
