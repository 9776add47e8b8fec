//! The builder of PTX: what its documentation shows, loops, and what it refuses.
use crate::harness::{Operand, Output, run};
use ferrotape_kernels::{
    cuda::{Arg, Launch, Launches, Text},
    ptx::{F32, Kernel},
};

fn launch(text: Text, entry: &'static str, n: usize, threads: u32) -> Launches {
    Launch::each(text, entry, n, threads, vec![Arg::X(0), Arg::Y(0)]).into()
}

/// The kernel of `kernels/src/ptx/mod.rs`.
#[test]
fn scale() {
    let mut k = Kernel::new("scale", "y[i] = 2 x[i], a thread a number", 256);
    let (x, y) = (k.pointer("x"), k.pointer("y"));
    let i = k.thread_of_grid();
    let inside = k.lt(i, 1000);
    k.when(inside, "inside", |k| {
        let (x, y) = (k.at(x, i, 4), k.at(y, i, 4));
        let v = k.load_global("v", x, 0);
        let doubled = k.mul_f32("doubled", v, 2.0);
        k.store_global(y, 0, doubled);
    });
    let text = k.finish();
    assert!(text.ptx().starts_with("// y[i] = 2 x[i], a thread a number\n"));
    assert!(text.ptx().contains("@!%p0 bra inside_1;"));
    assert!(text.ptx().contains("mul.rn.f32 %doubled0, %v0, 0f40000000;"));

    let x: Vec<f32> = (0..1000).map(|i| i as f32).collect();
    let mut y = vec![0.0; 1000];
    run(&launch(text, "scale", 1000, 256), &[Operand::F32(&x)], &mut [Output::F32(&mut y)]);
    assert!(y.iter().zip(&x).all(|(y, x)| *y == 2.0 * x));
}

/// Loops in loops, shared memory with a barrier, and shuffles.
#[test]
fn loops_and_neighbours() {
    let mut k = Kernel::new("triangle", "y[i] = 12 x[31 - i] + the x of lane i xor 1", 32);
    let (x, y) = (k.pointer("x"), k.pointer("y"));
    let tile = k.shared("tile", 128);
    let i = k.thread_of_grid();
    let (x, y) = (k.at(x, i, 4), k.at(y, i, 4));
    let v = k.load_global("v", x, 0);
    let mirrored = k.reversed("mirrored", 31, i);
    let place = k.mad("place", mirrored, 4, tile);
    k.store_shared_if(None, place, 0, v);
    k.barrier();
    let own = k.mad("own", i, 4, tile);
    let sum = k.shuffle_across("sum", v, 1);
    k.count_to("outer", 3, |k, _| {
        k.count_to("inner", 4, |k, _| {
            let term: F32 = k.register("term");
            k.load_shared(term, own, 0);
            k.add_to(sum, term);
        });
    });
    k.store_global(y, 0, sum);
    let x: Vec<f32> = (0..32).map(|i| (i * i) as f32).collect();
    let mut y = vec![0.0; 32];
    run(&launch(k.finish(), "triangle", 32, 32), &[Operand::F32(&x)], &mut [Output::F32(&mut y)]);
    assert!((0..32).all(|i| y[i] == 12.0 * x[31 - i] + x[i ^ 1]));
}

#[test]
#[should_panic(expected = "large: 49168 bytes of shared memory")]
fn too_much_shared_memory() {
    let mut k = Kernel::new("large", "", 32);
    k.shared("a", 48 << 10);
    k.shared("b", 1);
    k.finish();
}

#[test]
#[should_panic(expected = "ptxas takes ASCII alone")]
fn ascii_alone() {
    Kernel::new("sum", "\u{3a3} x", 32).finish();
}

#[test]
#[should_panic(expected = "registers %x of two types")]
fn one_type_a_name() {
    let mut k = Kernel::new("typed", "", 32);
    k.pointer("x");
    k.register::<F32>("x");
}
