//! The kernel of a matrix product: tiles of both operands in shared memory, a tile of C in the registers of a thread.
use super::plan::{Plan, TN};
use crate::{
    activation::{Activation, registers},
    cuda::{Arg, Launch, Launches, SumParts, Text, size},
    ptx::{F32, Kernel, Pred, U32, U64},
};

/// C (m, n) = f(op(A) op(B) + bias), as [`Matmul`](crate::matmul::Matmul).
#[derive(Copy, Clone, Debug)]
pub(crate) struct Gemm {
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub ta: bool,
    pub tb: bool,
    /// C begins at a multiple of 16 bytes.
    pub y_aligned: bool,
    /// f, if there is one.
    pub activation: Option<Activation>,
}

/// What becomes of the sums of a block before they are written: nothing, where they are parts.
#[derive(Copy, Clone, Default)]
pub(super) struct Epilogue {
    bias: bool,
    activation: Option<Activation>,
}

/// Which tile of C a block makes, and what its shared memory is called.
#[derive(Copy, Clone)]
pub(super) struct Tile {
    pub row: U32,
    pub column: U32,
    pub part: Option<U32>,
    pub shared: [&'static str; 2],
}

/// Where operands and C begin.
#[derive(Copy, Clone)]
pub(super) struct Pointers {
    pub a: U64,
    pub b: U64,
    pub bias: Option<U64>,
    pub y: U64,
}

/// Tiles that a grid has room for beside each other.
const MOST_TILES: usize = 65_535;

/// How a tile of an operand comes into shared memory, where it lies as `[bk][width]`.
///
/// | lies in memory as | lanes of a warp load | neighbours in shared memory, words apart |
/// |---|---|---|
/// | `[k][width]`, "direct" | neighbours of a row | 1 |
/// | `[width][k]`, across | 8 neighbours (a sector) of 4 rows | `width + 4`, and 1: 8 x 4 different banks |
struct Side {
    name: &'static str,
    /// Rows or columns of C that the tile covers, of how many.
    width: usize,
    extent: usize,
    across: bool,
    /// Elements of a row in memory.
    ld: usize,
}

/// What a thread loads of a tile: for each element its offsets in memory and in shared memory, and its k (beside
/// the thread's own), and its condition on the width.
struct Load {
    from: U64,
    to: U32,
    /// The thread's first k.
    k: U32,
    elements: Vec<Element>,
    advance: usize,
}

struct Element {
    value: F32,
    from: usize,
    to: usize,
    k: usize,
    inside: Option<Pred>,
}

impl Side {
    /// Words between neighbours in k.
    fn stride(&self) -> usize {
        self.width + if self.across { 4 } else { 0 }
    }
}

impl Gemm {
    /// The launches: operands and output by these arguments; parts go through scratch.
    ///
    /// # Panics
    /// If C has more columns than a grid has room for, about two million.
    #[track_caller]
    pub(crate) fn launches(&self, a: Arg, b: Arg, bias: Option<Arg>, y: Arg) -> Launches {
        let &Self { m, k, n, .. } = self;
        let plan = Plan::new(m, k, n);
        if m * n == 0 {
            return Launches::default();
        }
        size(m * n);
        let tiles = n.div_ceil(plan.bn);
        assert!(
            tiles <= MOST_TILES,
            "cuda: {n} columns of a product are {tiles} tiles, but a grid has {MOST_TILES}"
        );
        let split = plan.parts > 1;
        let mut args = vec![a, b];
        args.extend(bias.filter(|_| !split));
        args.push(if split { Arg::Scratch(0) } else { y });
        let epilogue = match split {
            true => Epilogue::default(),
            false => Epilogue { bias: bias.is_some(), activation: self.activation },
        };
        let text = self.kernel(&plan, epilogue);
        let mut gemm = Launch::new(text, self.name(&plan, epilogue), 1, 1, args);
        gemm.grid = [size(m.div_ceil(plan.bm)), size(tiles), size(plan.parts)];
        gemm.block[0] = size(plan.threads());
        if !split {
            return gemm.into();
        }
        let bias = bias.map(|bias| (bias, n));
        let sum = SumParts { parts: plan.parts, len: m * n, from: Arg::Scratch(0), bias, y };
        Launches { list: vec![gemm, sum.then(self.activation)], scratch: plan.parts * m * n * 4 }
    }

    pub(super) fn name(&self, plan: &Plan, epilogue: Epilogue) -> String {
        let Self { m, k, n, .. } = self;
        let form = [["nn", "nt"], ["tn", "tt"]][usize::from(self.ta)][usize::from(self.tb)];
        let parts = if plan.parts > 1 { format!("_parts{}", plan.parts) } else { String::new() };
        let bias = if epilogue.bias { "_bias" } else { "" };
        let f = epilogue.activation.map_or(String::new(), |f| format!("_{}", registers::name(f)));
        format!("gemm_{form}_{m}x{k}x{n}{bias}{f}{parts}")
    }

    pub(super) fn about(&self, plan: &Plan) -> String {
        let Self { m, k, n, ta, tb, .. } = self;
        let Plan { bm, bn, bk, tm, parts, tiles } = plan;
        let mark = |t: &bool| if *t { "^T" } else { "" };
        let mut about = format!(
            "C ({m}, {n}) = A{} ({m}, {k}) B{} ({k}, {n}).\n\
             \n\
             A block of {} threads makes {bm} x {bn} numbers of C, a thread {tm} x {TN} of them, in registers. {bk} terms of k at a time\n\
             are in shared memory; the next ones are on their way into registers meanwhile. A step of k takes a thread {} loads of 16\n\
             bytes for {} multiply-adds.",
            mark(ta),
            mark(tb),
            plan.threads(),
            tm / 4 + 1,
            tm * TN,
        );
        if *parts > 1 {
            about += &format!(
                "\nC has too few tiles for a GPU, so K is split: {parts} parts of {} terms, block z making part z. What is\n\
                 written are the parts (part, {m}, {n}); a second kernel sums them.",
                tiles * bk
            );
        }
        about
    }

    fn kernel(&self, plan: &Plan, epilogue: Epilogue) -> Text {
        let mut k = Kernel::new(self.name(plan, epilogue), self.about(plan), size(plan.threads()));
        let (a, b) = (k.pointer("a"), k.pointer("b"));
        let bias = epilogue.bias.then(|| k.pointer("bias"));
        let y = k.pointer("y");
        k.note("The tile of this block.");
        let [row, column] = [k.special("block_m", "ctaid.x"), k.special("block_n", "ctaid.y")];
        let part = (plan.parts > 1).then(|| k.special("part", "ctaid.z"));
        let tile = Tile { row, column, part, shared: ["a_tile", "b_tile"] };
        self.tile(&mut k, plan, tile, Pointers { a, b, bias, y }, epilogue.activation);
        k.finish()
    }

    /// A block's tile of C, or of a part of it.
    pub(super) fn tile(
        &self,
        k: &mut Kernel,
        plan: &Plan,
        tile: Tile,
        Pointers { a, b, bias, y }: Pointers,
        activation: Option<Activation>,
    ) {
        let (m, n, terms, part) = (self.m, self.n, self.k, tile.part);
        let left = Side {
            name: tile.shared[0],
            width: plan.bm,
            extent: m,
            across: !self.ta,
            ld: if self.ta { m } else { terms },
        };
        let right = Side {
            name: tile.shared[1],
            width: plan.bn,
            extent: n,
            across: self.tb,
            ld: if self.tb { terms } else { n },
        };

        k.note("This thread's place in it.");
        let thread = k.special("thread", "tid.x");
        let row0 = k.mul("first_row", tile.row, size(plan.bm));
        let column0 = k.mul("first_column", tile.column, size(plan.bn));
        let [ty, tx] = k.div_rem(["ty", "tx"], thread, size(plan.bn / TN));

        let loads = [(&left, a, row0), (&right, b, column0)]
            .map(|(side, from, first)| side.load(k, plan, thread, from, first, part));
        let (a_at, b_at) = (k.copy("a_at", loads[0].tile), k.copy("b_at", loads[1].tile));
        let fragment =
            |k: &mut Kernel, at, index, words: usize| k.mad("fragment", index, size(words * 4), at);
        let (a_at, b_at) = (fragment(k, a_at, ty, plan.tm), fragment(k, b_at, tx, TN));

        let acc: Vec<[F32; TN]> = (0..plan.tm).map(|_| k.registers("acc")).collect();
        acc.iter().flatten().for_each(|&acc| k.set_f32(acc, 0.0));
        let all = size(terms.div_ceil(plan.bk));
        let tiles = part.map(|part| {
            k.note("Tiles of k of this part.");
            let first = k.mul("first", part, size(plan.tiles));
            let all = k.copy("all", all);
            let rest = k.sub("rest", all, first);
            k.min("tiles", rest, size(plan.tiles))
        });
        let tiles = tiles.unwrap_or_else(|| k.copy("tiles", all));
        if all > 0 {
            k.note("The first tile of k.");
            loads.iter().for_each(|load| load.load.load(k, terms, plan));
            let tile = k.copy("tile", 0);
            k.repeat("tile_of_k", |k| {
                k.note("What was loaded goes to shared memory; the next tile is on its way while this one is used.");
                loads.iter().for_each(|load| load.load.store(k));
                k.barrier();
                k.increase(tile, 1);
                let more = k.lt(tile, tiles);
                k.when(more, "next", |k| loads.iter().for_each(|load| load.load.next(k, terms, plan)));
                let a: Vec<[F32; 4]> = (0..plan.tm / 4).map(|_| k.registers("a_k")).collect();
                let b: [F32; TN] = k.registers("b_k");
                for step in 0..plan.bk {
                    k.note(format!("k = {step}"));
                    for (i, &a) in a.iter().enumerate() {
                        k.load_shared4(a, a_at, (step * left.stride() + i * 4) * 4);
                    }
                    k.load_shared4(b, b_at, step * right.stride() * 4);
                    for (&a, acc) in a.iter().flatten().zip(&acc) {
                        for (&b, &acc) in b.iter().zip(acc) {
                            k.fma_to(acc, a, b);
                        }
                    }
                }
                k.note("Nobody may write to shared memory before all have read it.");
                k.barrier();
                more
            });
        }
        let place = Place { ty, tx, row0, column0, part, y };
        self.write(k, plan, place, &acc, bias, activation);
    }

    /// C, or a part of it, from the registers.
    fn write(
        &self,
        k: &mut Kernel,
        plan: &Plan,
        at: Place,
        acc: &[[F32; TN]],
        bias: Option<U64>,
        activation: Option<Activation>,
    ) {
        let (m, n) = (size(self.m), size(self.n));
        k.note("The thread's rows and columns of C.");
        let row = k.mad("row", at.ty, size(plan.tm), at.row0);
        let column = k.mad("column", at.tx, TN as u32, at.column0);
        let inside: Vec<_> = (0..n.min(TN as u32))
            .map(|j| (!self.n.is_multiple_of(plan.bn)).then(|| k.lt(column, n.saturating_sub(j))))
            .collect();
        if let Some(bias) = bias {
            k.note("Plus the bias of each column.");
            let bias = k.at(bias, column, 4);
            for (j, &inside) in inside.iter().enumerate() {
                let b = k.register("bias_of");
                k.load_global_or_zero(inside, b, bias, j * 4);
                acc.iter().for_each(|acc| k.add_to(acc[j], b));
            }
        }
        if let Some(f) = activation {
            k.note("The activation.");
            acc.iter().flat_map(|acc| &acc[..inside.len()]).for_each(|&acc| registers::apply(k, f, acc));
        }
        let y = k.at(at.y, column, 4);
        let mut y = k.at(y, row, n * 4);
        if let Some(part) = at.part {
            let of_part = k.register("at");
            k.wide_mad_to(of_part, part, u64::from(m) * u64::from(n) * 4, y);
            y = of_part;
        }
        let vectors = self.n.is_multiple_of(TN) && (self.y_aligned || at.part.is_some());
        for (i, &acc) in acc.iter().enumerate() {
            let there = (!self.m.is_multiple_of(plan.bm)).then(|| k.lt(row, m.saturating_sub(i as u32)));
            let offset = i * self.n * 4;
            if vectors {
                let on = k.both(there, inside[0]);
                k.store_global4_if(on, y, offset, acc);
                continue;
            }
            for (j, &inside) in inside.iter().enumerate() {
                let on = k.both(there, inside);
                k.store_global_if(on, y, offset + j * 4, acc[j]);
            }
        }
    }
}

/// Where a thread works, and where C begins.
struct Place {
    ty: U32,
    tx: U32,
    row0: U32,
    column0: U32,
    part: Option<U32>,
    y: U64,
}

/// A side's tile and how it is loaded.
struct Loaded {
    tile: U32,
    load: Load,
}

impl Side {
    /// Shared memory, and this thread's part in filling it.
    fn load(
        &self,
        k: &mut Kernel,
        plan: &Plan,
        thread: U32,
        from: U64,
        first: U32,
        part: Option<U32>,
    ) -> Loaded {
        let &Self { width, extent, across, ld, .. } = self;
        let (threads, bk) = (plan.threads(), plan.bk);
        let tile = k.shared(self.name, bk * self.stride() * 4);
        k.note(match across {
            true => "Of this operand a warp loads 8 neighbours in k of 4 rows.",
            false => "Of this operand a warp loads neighbours of a row.",
        });
        let along = if across { 8 } else { width };
        let [outer, inner] = k.div_rem(["outer", "inner"], thread, size(along));
        let (place, own_k) = if across { (outer, inner) } else { (inner, outer) };
        let at = k.add("place", first, place);
        let own_k = match part {
            Some(part) => k.mad("own_k", part, size(plan.tiles * bk), own_k),
            None => k.copy("own_k", own_k),
        };
        let local_k = if across { inner } else { outer };
        let (row, column) = if across { (at, own_k) } else { (own_k, at) };
        let row = k.at(from, row, size(ld * 4));
        let from = k.at(row, column, 4);
        let to = k.mad("to", local_k, size(self.stride() * 4), tile);
        let to = k.mad("to", place, 4, to);

        let partial = extent % width != 0;
        let mut elements = Vec::new();
        let (k_step, step) = if across { (8, threads / 8) } else { (threads / width, width) };
        for w in (0..width).step_by(step) {
            let inside = partial.then(|| k.lt(at, size(extent.saturating_sub(w))));
            for kk in (0..bk).step_by(k_step) {
                let value = k.register("loaded");
                let from = 4 * if across { w * ld + kk } else { kk * ld + w };
                elements.push(Element { value, from, to: 4 * (kk * self.stride() + w), k: kk, inside });
            }
        }
        let advance = 4 * bk * if across { 1 } else { ld };
        Loaded { tile, load: Load { from, to, k: own_k, elements, advance } }
    }
}

impl Load {
    /// From global memory into registers; zeros beyond the matrix.
    fn load(&self, k: &mut Kernel, terms: usize, plan: &Plan) {
        let mut last = None;
        for e in &self.elements {
            let below = size(terms.saturating_sub(e.k));
            if !terms.is_multiple_of(plan.bk) && last.is_none_or(|(step, _)| step != e.k) {
                last = Some((e.k, k.lt(self.k, below)));
            }
            let on = k.both(last.map(|(_, p)| p), e.inside);
            k.load_global_or_zero(on, e.value, self.from, e.from);
        }
    }

    /// The next tile.
    fn next(&self, k: &mut Kernel, terms: usize, plan: &Plan) {
        k.advance(self.from, self.advance as u64);
        k.increase(self.k, size(plan.bk));
        self.load(k, terms, plan);
    }

    /// From registers into shared memory.
    fn store(&self, k: &mut Kernel) {
        for e in &self.elements {
            k.store_shared_if(None, self.to, e.to, e.value);
        }
    }
}
