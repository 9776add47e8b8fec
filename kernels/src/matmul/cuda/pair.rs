//! Two products that need nothing of each other, in one launch: the gradients of a fully connected layer. What a node of a graph
//! costs is more than either of them takes.
use super::{
    gemm::{Epilogue, Gemm, Pointers, Tile},
    plan::Plan,
};
use crate::{
    cuda::{Arg, Launch, Launches, Text, size},
    ptx::Kernel,
};

/// A product and its (a, b, y).
pub(crate) type Product = (Gemm, [Arg; 3]);

/// Both products, without bias and activation, in the bits of [`Gemm::launches`]: in one launch where they are small, else one
/// after the other.
pub(crate) fn pair(products: [Product; 2]) -> Launches {
    let gemms = products.map(|(gemm, _)| gemm);
    let Some(plans) = plans(gemms) else {
        let [first, second] = products.map(|(gemm, [a, b, y])| gemm.launches(a, b, None, y));
        // The second finds the scratch memory free.
        let scratch = first.scratch.max(second.scratch);
        return Launches { list: [first.list, second.list].concat(), scratch };
    };
    let [a, b] = [0, 1].map(|i| gemms[i].name(&plans[i], Epilogue::default()));
    let name = format!("{a}_and_{b}");
    let tiles = [0, 1].map(|i| size(plans[i].blocks(gemms[i].m, gemms[i].n)));
    let args = products.iter().flat_map(|(_, args)| *args).collect();
    let text = kernel(&name, gemms, &plans, tiles[0]);
    Launch::new(text, name, tiles[0] + tiles[1], size(plans[0].threads()), args).into()
}

/// How they are cut, if they are to be made in one launch.
fn plans(gemms: [Gemm; 2]) -> Option<[Plan; 2]> {
    let plans = gemms.map(|gemm| Plan::small(gemm.m, gemm.k, gemm.n));
    let [Some(first), Some(second)] = plans else { return None };
    Some([first, second])
}

fn kernel(name: &str, gemms: [Gemm; 2], plans: &[Plan; 2], first: u32) -> Text {
    let [a, b] = [0, 1].map(|i| gemms[i].about(&plans[i]));
    let about = format!(
        "Two products that need nothing of each other. The first {first} blocks:\n{a}\n\nThe others:\n{b}"
    );
    let mut k = Kernel::new(name, about, size(plans[0].threads()));
    let pointers = [["a", "b", "y"], ["c", "d", "z"]].map(|names| {
        let [a, b, y] = names.map(|name| k.pointer(name));
        Pointers { a, b, bias: None, y }
    });
    k.note("Which product, and which of its tiles.");
    let block = k.special("block", "ctaid.x");
    let others = k.sub("other_block", block, first);
    let is_mine = [k.lt(block, first), k.ge(block, first)];
    let shared = [["a_tile", "b_tile"], ["c_tile", "d_tile"]];
    for (i, number) in [block, others].into_iter().enumerate() {
        let (gemm, plan) = (&gemms[i], &plans[i]);
        k.when(is_mine[i], "product", |k| {
            let [row, column] = k.div_rem(["block_m", "block_n"], number, size(gemm.n.div_ceil(plan.bn)));
            let tile = Tile { row, column, part: None, shared: shared[i] };
            gemm.tile(k, plan, tile, pointers[i], None);
        });
    }
    k.finish()
}
