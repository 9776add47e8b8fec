//! A fault planted for each check of memory, barriers and warps; and its twin without the fault, which runs.
use ptx_machine::{FaultKind, Launch, Memory, MemoryError, Options};

use crate::support::{FIRST_LINE, block, launch, launch_with, text, words};

/// Runs statements with `%p` at ten words called `in`, `%q` at ten unwritten ones called `out`, `%t` the thread.
fn run(launch_as: &Launch, body: &str) -> Result<(), String> {
    let memory = Memory::new(1 << 20);
    let [input, output] = words(&memory, &[0; 10]);
    let body = format!("ld.param.u64 %p, [in]; ld.param.u64 %q, [out]; mov.u32 %t, %tid.x;\n{body}");
    let args = [input.to_le_bytes(), output.to_le_bytes()].concat();
    let text = text(".param .u64 in, .param .u64 out", &body);
    launch(&text, launch_as, &args, &memory).map(drop).map_err(|fault| fault.to_string())
}

/// The second line of a body is the one that goes wrong.
fn fails(launch_as: &Launch, body: &str, thread: &str, what: &str) {
    let message = run(launch_as, body).expect_err(body);
    let place = format!("test.ptx:{}: kernel `k`, block (0, 0, 0), thread {thread}: ", FIRST_LINE + 2);
    assert!(message.starts_with(&place), "{message}\nexpected {place}");
    assert!(message.contains(what), "{message}\nexpected {what}");
}

fn passes(launch_as: &Launch, body: &str) {
    run(launch_as, body).unwrap_or_else(|message| panic!("{message}"));
}

const EACH: &str = "mad.wide.u32 %p, %t, 4, %p; mad.wide.u32 %q, %t, 4, %q;\n";

#[test]
fn accesses_out_of_bounds() {
    let load = format!("{EACH}ld.global.u32 %a, [%p];");
    fails(
        &block(11),
        &load,
        "(10, 0, 0)",
        "ld.global.u32: out of bounds: 4 bytes at byte 40 of `in`, which has 40",
    );
    passes(&block(10), &load);
    let store = format!("{EACH}st.global.u32 [%q+-4], %t;");
    fails(&block(10), &store, "(0, 0, 0)", "out of bounds: 4 bytes at byte -4 of `out`, which has 40");
    let store = format!("{EACH}st.global.u32 [%q], %t;");
    fails(&block(40), &store, "(10, 0, 0)", "out of bounds");
    passes(&block(10), &store);
    let body = "\nld.global.v4.u32 {%a, %b, %c, %d}, [%p+32];";
    fails(&block(1), body, "(0, 0, 0)", "16 bytes at byte 32 of `in`, which has 40");
    let body = "\nred.global.add.u32 [%p+40], 1;";
    fails(&block(1), body, "(0, 0, 0)", "out of bounds");
    passes(&block(1), "\nred.global.add.u32 [%p+36], 1;");
}

#[test]
fn accesses_out_of_bounds_of_shared_memory() {
    let shared = ".shared .u32 tile[8]; mov.u32 %a, tile; mad.lo.u32 %a, %t, 4, %a;\n";
    let body = format!("{shared}st.shared.u32 [%a], %t;");
    fails(&block(9), &body, "(8, 0, 0)", "out of bounds: 4 bytes at byte 32 of shared memory, which has 32");
    passes(&block(8), &body);
    let body = format!("{shared}st.shared.u32 [%a+-4], %t;");
    fails(&block(8), &body, "(0, 0, 0)", "of shared memory");
}

#[test]
fn accesses_out_of_bounds_of_constants() {
    let run = |index: u32| {
        let text = text("", &format!("mov.u64 %p, table;\nld.const.u32 %a, [%p+{index}];"))
            .replace(".visible", ".const .u32 table[2] = {1, 2};\n.visible");
        launch(&text, &block(1), &[], &Memory::new(1024)).map(drop).map_err(|fault| fault.to_string())
    };
    assert!(run(4).is_ok());
    assert!(run(8).unwrap_err().contains("byte 8 of constant memory, which has 8"));
}

#[test]
fn misaligned_accesses() {
    let body = "\nld.global.u32 %a, [%p+2];";
    fails(
        &block(1),
        body,
        "(0, 0, 0)",
        "misaligned: 4 bytes at byte 2 of `in`, which must be a multiple of 4",
    );
    let body = "\nld.global.v2.u32 {%a, %b}, [%p+4];";
    fails(&block(1), body, "(0, 0, 0)", "misaligned: 8 bytes at byte 4");
    passes(&block(1), "\nld.global.v2.u32 {%a, %b}, [%p+8];");
    let body = ".shared .align 16 .f32 tile[8]; mov.f32 %f0, 0f00000000;\nst.shared.v4.f32 [tile+8], {%f0, %f0, %f0, %f0};";
    fails(&block(1), body, "(0, 0, 0)", "misaligned: 16 bytes at byte 8 of shared memory");
}

#[test]
fn numbers_that_are_no_addresses() {
    fails(
        &block(1),
        "mov.u64 %p, 0;\nld.global.u32 %a, [%p];",
        "(0, 0, 0)",
        "0x0 is no address of global memory",
    );
    // A register that nothing was put into is no address either.
    fails(&block(1), "\nld.global.u32 %a, [%l5];", "(0, 0, 0)", "is no address");
    fails(&block(1), "shl.b64 %p, %p, 20;\nst.global.u32 [%p], 1;", "(0, 0, 0)", "is no address");
}

#[test]
fn use_after_free() {
    let memory = Memory::new(1 << 20);
    let [input, _] = words(&memory, &[0; 4]);
    let text = text(".param .u64 in", "ld.param.u64 %p, [in];\nld.global.u32 %a, [%p+4];");
    let run = || launch(&text, &block(1), &input.to_le_bytes(), &memory);
    run().unwrap();
    memory.free(input).unwrap();
    // New memory is not where the old was.
    words(&memory, &[0; 4]);
    let fault = run().unwrap_err();
    assert!(matches!(fault.kind, FaultKind::UseAfterFree { .. }));
    assert!(fault.to_string().contains("use after free: `in`"), "{fault}");
    assert!(matches!(memory.free(input), Err(MemoryError::Freed { .. })));
}

#[test]
fn reads_of_what_nobody_wrote() {
    let body = "\nld.global.u32 %a, [%q+8];";
    fails(&block(1), body, "(0, 0, 0)", "reads byte 8 of `out`, which nobody wrote");
    passes(&block(1), "st.global.u32 [%q+8], 1;\nld.global.u32 %a, [%q+8];");
    let body = "st.global.u8 [%q], 1; st.global.u16 [%q+2], 1;\nld.global.u32 %a, [%q];";
    fails(&block(1), body, "(0, 0, 0)", "nobody wrote");
    passes(
        &block(1),
        "st.global.u8 [%q], 1; st.global.u8 [%q+1], 1; st.global.u16 [%q+2], 1;\nld.global.u32 %a, [%q];",
    );
    let body = "st.global.u32 [%q], 1;\nld.global.v2.u32 {%a, %b}, [%q];";
    fails(&block(1), body, "(0, 0, 0)", "reads byte 4 of `out`");
    fails(&block(1), "\natom.global.add.u32 %a, [%q], 1;", "(0, 0, 0)", "nobody wrote");
    let shared = ".shared .u32 tile[8]; mov.u32 %a, tile; mad.lo.u32 %a, %t, 4, %a;";
    let body = format!("{shared} st.shared.u32 [%a], %t; bar.sync 0;\nld.shared.u32 %b, [tile+16];");
    fails(&block(4), &body, "(0, 0, 0)", "reads byte 16 of shared memory, which nobody wrote");
    passes(&block(5), &body);
}

/// Shared memory is fresh in every block.
#[test]
fn shared_memory_does_not_last() {
    let body = ".shared .u32 word; mov.u32 %a, %ctaid.x; setp.eq.u32 %k, %a, 0; @%k st.shared.u32 [word], 1;
                ld.shared.u32 %b, [word];";
    let message = run(&Launch { grid: [2, 1, 1], ..block(1) }, body).unwrap_err();
    assert!(message.contains("block (1, 0, 0)") && message.contains("nobody wrote"), "{message}");
}

#[test]
fn checks_can_be_left_out() {
    let text = text(".param .u64 out", "ld.param.u64 %q, [out];\nld.global.u32 %a, [%q];");
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0]);
    let mut options = Options::default();
    let run = |options: &Options| launch_with(&text, &block(1), &output.to_le_bytes(), &memory, options);
    assert!(run(&options).is_err());
    options.checks.never_written = false;
    run(&options).unwrap();
}

#[test]
fn divergent_barriers() {
    let body = "setp.lt.u32 %k, %t, 8; @%k bra skip;\nbar.sync 0;\nskip:";
    fails(
        &block(64),
        body,
        "(8, 0, 0)",
        "divergent barrier: lanes 0xffffff00 of warp 0 are here, 0xffffffff are running",
    );
    let body = "setp.lt.u32 %k, %t, 32; @%k bra skip;\nbar.sync 0;\nskip:";
    passes(&block(64), body);
    // A guard is a divergence too.
    let body = "setp.lt.u32 %k, %t, 8;\n@%k bar.sync 0;";
    fails(&block(32), body, "(0, 0, 0)", "divergent barrier");
    // Threads that have returned are not waited for.
    let body = "setp.lt.u32 %k, %t, 8; @%k ret;\nbar.sync 0;";
    passes(&block(64), body);
    // `barrier.sync` without `.aligned` lets lanes come one after the other.
    let body = "setp.lt.u32 %k, %t, 8; @%k bra other;\nbarrier.sync 0; bra end; other: barrier.sync 0; end:";
    passes(&block(64), body);
}

#[test]
fn shuffles_without_all_their_lanes() {
    let body = "setp.lt.u32 %k, %t, 8;\n@%k shfl.sync.bfly.b32 %a, %t, 1, 31, 0xFFFFFFFF;";
    fails(&block(32), body, "(0, 0, 0)", "lanes 0xffffffff are named, 0x000000ff are here");
    passes(&block(32), "setp.lt.u32 %k, %t, 8;\n@%k shfl.sync.bfly.b32 %a, %t, 1, 31, 0xFF;");
    let body = "setp.lt.u32 %k, %t, 8;\n@%k shfl.sync.idx.b32 %a, %t, 9, 31, 0xFF;";
    fails(&block(32), body, "(0, 0, 0)", "reads lane 9, which is not here (lanes 0x000000ff are)");
    let body = "setp.lt.u32 %k, %t, 8;\n@%k vote.sync.ballot.b32 %a, %k, 0xF;";
    fails(&block(32), body, "(0, 0, 0)", "lanes 0x0000000f are named");
    // In a warp that is not full, lanes that do not exist may be named but not read.
    passes(&block(8), "\nshfl.sync.bfly.b32 %a, %t, 1, 31, 0xFFFFFFFF;");
    let body = "\nshfl.sync.down.b32 %a, %t, 4, 31, 0xFFFFFFFF;";
    fails(&block(8), body, "(4, 0, 0)", "reads lane 8");
}

#[test]
fn traps() {
    fails(&block(40), "setp.eq.u32 %k, %t, 35;\n@%k trap;", "(35, 0, 0)", "trap");
    passes(&block(35), "setp.eq.u32 %k, %t, 35;\n@%k trap;");
}

#[test]
fn loops_without_end() {
    let text = text("", "mov.u32 %a, %tid.x; setp.eq.u32 %k, %a, 3;\nwait: @%k bra wait;");
    let options = Options { most_instructions: 100_000, ..Options::default() };
    let run = |threads| launch_with(&text, &block(threads), &[], &Memory::new(64), &options);
    let fault = run(32).unwrap_err();
    assert_eq!((fault.line, fault.thread), (FIRST_LINE + 1, [3, 0, 0]));
    assert!(fault.to_string().contains("no end after 100000 instructions"), "{fault}");
    run(3).unwrap();
}

/// The first block in order that goes wrong is told of, however many threads run them.
#[test]
fn the_first_fault() {
    let body = "mov.u32 %a, %ctaid.x; setp.ge.u32 %k, %a, 5;\n@%k trap;";
    let text = text("", body);
    for threads in [1, 2, 8] {
        let options = Options { threads, ..Options::default() };
        let grid = Launch { grid: [40, 1, 1], ..block(32) };
        let fault = launch_with(&text, &grid, &[], &Memory::new(64), &options).unwrap_err();
        assert_eq!(fault.block, [5, 0, 0]);
    }
}

#[test]
fn threads_and_blocks_have_three_coordinates() {
    let body = "mov.u32 %a, %tid.y; mov.u32 %b, %ctaid.z; setp.eq.u32 %k, %a, 2; setp.eq.and.u32 %k, %b, 1, %k;\n@%k trap;";
    let grid = Launch { grid: [2, 2, 2], block: [4, 3, 2], shared: 0, cooperative: false };
    let fault = launch(&text("", body), &grid, &[], &Memory::new(64)).unwrap_err();
    assert_eq!((fault.block, fault.thread), ([0, 0, 1], [0, 2, 0]));
}
