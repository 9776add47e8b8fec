//! Blocks: that they wait for each other where they may, and that nothing depends on who runs them.
use ptx_machine::{Counters, Launch, Memory, Options};

use crate::support::{block, launch, launch_with, read, text, words};

/// Every block stores a word, all wait for each other, then every block reads its neighbour's.
const GRID_BARRIER: &str = "
    ld.param.u64 %p, [in]; ld.param.u64 %q, [out]; mov.u32 %t, %tid.x; mov.u32 %a, %ctaid.x; mov.u32 %b, %nctaid.x;
    setp.ne.u32 %k, %t, 0; @%k bra wait;
    mad.wide.u32 %la, %a, 4, %q; mad.lo.u32 %c, %a, %a, 7; st.global.u32 [%la], %c;
    membar.gl;
    atom.add.release.gpu.global.u32 %d, [%p], 1;
spin:
    ld.acquire.gpu.global.u32 %d, [%p]; setp.lt.u32 %k1, %d, %b; nanosleep.u32 20; @%k1 bra spin;
wait:
    bar.sync 0;
    @%k ret;
    add.u32 %c, %a, 1; rem.u32 %c, %c, %b; mad.wide.u32 %lb, %c, 4, %q; ld.global.u32 %d, [%lb];
    mad.wide.u32 %la, %b, 4, %la; st.global.u32 [%la], %d;";

fn grid_barrier(threads: usize) -> (Vec<u32>, Counters) {
    let memory = Memory::new(1 << 20);
    let [input, output] = words(&memory, &[0; 48]);
    let text = text(".param .u64 in, .param .u64 out", GRID_BARRIER);
    let grid = Launch { grid: [24, 1, 1], cooperative: true, ..block(96) };
    let args = [input.to_le_bytes(), output.to_le_bytes()].concat();
    let options = Options { threads, ..Options::default() };
    let counters = launch_with(&text, &grid, &args, &memory, &options).unwrap();
    (read(&memory, output + 96, 24), counters)
}

#[test]
fn blocks_of_a_cooperative_launch_wait_for_each_other() {
    let (found, _) = grid_barrier(1);
    let expected: Vec<u32> = (0..24).map(|i| (i + 1) % 24).map(|i| i * i + 7).collect();
    assert_eq!(found, expected);
}

#[test]
fn blocks_of_another_launch_do_not() {
    let memory = Memory::new(1 << 20);
    let [input, output] = words(&memory, &[0; 48]);
    let text = text(".param .u64 in, .param .u64 out", GRID_BARRIER);
    let args = [input.to_le_bytes(), output.to_le_bytes()].concat();
    let options = Options { threads: 1, most_instructions: 100_000, ..Options::default() };
    let grid = Launch { grid: [24, 1, 1], ..block(96) };
    let fault = launch_with(&text, &grid, &args, &memory, &options).unwrap_err();
    assert!(fault.to_string().contains("no end"), "{fault}");
}

/// A warp may wait for another of its block, too.
#[test]
fn warps_wait_for_each_other() {
    let body = ".shared .u32 flag; mov.u32 %t, %tid.x; setp.eq.u32 %k, %t, 0; @%k st.volatile.shared.u32 [flag], 0; bar.sync 0;
        setp.eq.u32 %k, %t, 32; @%k st.volatile.shared.u32 [flag], 1;
        spin: ld.volatile.shared.u32 %a, [flag]; setp.eq.u32 %k, %a, 0; @%k bra spin;";
    launch(&text("", body), &block(64), &[], &Memory::new(64)).unwrap();
}

/// Divergence, shared memory, atomics, several blocks: the same results and counts on any number of threads.
#[test]
fn nothing_depends_on_the_number_of_threads() {
    let body = "ld.param.u64 %p, [in]; ld.param.u64 %q, [out]; mov.u32 %t, %tid.x; mov.u32 %a, %ctaid.x;
        .shared .f32 tile[128]; mad.lo.u32 %b, %a, 128, %t; mad.wide.u32 %la, %b, 4, %p; mad.wide.u32 %lb, %b, 4, %q;
        ld.global.u32 %c, [%la]; cvt.rn.f32.u32 %f0, %c; mul.lo.u32 %d, %t, 32;
        shl.b32 %r1, %t, 2; st.shared.f32 [%r1], %f0; bar.sync 0;
        and.b32 %d, %d, 508; ld.shared.f32 %f1, [%d];
        again: mul.ftz.f32 %f1, %f1, 0f3F400000; setp.gt.f32 %k, %f1, %f0; @%k bra again;
        red.global.add.u32 [%p], 0; st.global.f32 [%lb], %f1;";
    let text = text(".param .u64 in, .param .u64 out", body);
    let run = |threads| {
        let memory = Memory::new(1 << 20);
        let values: Vec<u32> = (0..4096).map(|i| i * 7919 % 200).collect();
        let [input, output] = words(&memory, &values);
        let grid = Launch { grid: [32, 1, 1], ..block(128) };
        let args = [input.to_le_bytes(), output.to_le_bytes()].concat();
        let options = Options { threads, ..Options::default() };
        let counters = launch_with(&text, &grid, &args, &memory, &options).unwrap();
        (read(&memory, output, 4096), counters)
    };
    let one = run(1);
    assert!(one.1.divergent_branches > 0 && one.1.bank_conflicts() > 0);
    for threads in [2, 3, 8] {
        assert!(run(threads) == one, "{threads} threads");
    }
    assert_eq!(grid_barrier(1), grid_barrier(4));
}
