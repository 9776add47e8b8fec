//! Lanes that part, and meet again.
use ptx_machine::{Counters, Memory};

use crate::support::{block, launch, read, text, words};

/// `%d` of each of 32 threads (`%t`), and the counters.
fn run(body: &str) -> (Vec<u32>, Counters) {
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0; 32]);
    let body = format!(
        "ld.param.u64 %q, [out]; mov.u32 %t, %tid.x; mad.wide.u32 %q, %t, 4, %q; mov.u32 %d, 0;
         {body}
         activemask.b32 %a; setp.ne.u32 %k, %a, 0xFFFFFFFF; @%k trap;
         st.global.u32 [%q], %d;"
    );
    let text = text(".param .u64 out", &body);
    let counters = launch(&text, &block(32), &output.to_le_bytes(), &memory);
    let counters = counters.unwrap_or_else(|fault| panic!("{fault}: lanes are not together again"));
    (read(&memory, output, 32), counters)
}

fn lanes(f: impl Fn(u32) -> u32) -> Vec<u32> {
    (0..32).map(f).collect()
}

#[test]
fn if_and_else() {
    let body = "setp.lt.u32 %k, %t, 12; @%k bra small; mov.u32 %d, 1; bra end; small: mov.u32 %d, 2; end:";
    let (found, counters) = run(body);
    assert_eq!(found, lanes(|i| if i < 12 { 2 } else { 1 }));
    assert_eq!(counters.divergent_branches, 1);
}

#[test]
fn nested() {
    let body = "setp.lt.u32 %k, %t, 16; @!%k bra else0;
        and.b32 %a, %t, 1; setp.eq.u32 %k, %a, 0; @!%k bra else1; add.u32 %d, %d, 1; bra end1;
        else1: add.u32 %d, %d, 2; end1: add.u32 %d, %d, 10; bra end0;
        else0: and.b32 %a, %t, 3; setp.eq.u32 %k, %a, 0; @%k bra end0; add.u32 %d, %d, 3;
        end0: add.u32 %d, %d, 100;";
    let (found, counters) = run(body);
    let inner = |i: u32| {
        if i < 16 {
            11 + i % 2
        } else if i.is_multiple_of(4) {
            0
        } else {
            3
        }
    };
    assert_eq!(found, lanes(|i| inner(i) + 100));
    assert_eq!(counters.divergent_branches, 3);
}

/// Each lane goes round as often as it has to, and those that are done wait behind the loop.
#[test]
fn loops_of_different_lengths() {
    let body =
        "mov.u32 %b, 0; again: add.u32 %d, %d, %b; add.u32 %b, %b, 1; setp.le.u32 %k, %b, %t; @%k bra again;";
    let (found, counters) = run(body);
    assert_eq!(found, lanes(|i| i * (i + 1) / 2));
    assert_eq!(counters.divergent_branches, 31);
    let (_, straight) = run("");
    // The loop's four instructions 32 times, and one before it: nobody went round alone.
    assert_eq!(counters.warp_instructions() - straight.warp_instructions(), 1 + 4 * 32);
}

/// A loop that is left from its middle, in a loop.
#[test]
fn loops_with_breaks() {
    let body = "mov.u32 %b, 0;
        outer: mov.u32 %c, 0;
        inner: add.u32 %d, %d, 1; add.u32 %c, %c, 1; add.u32 %a, %b, %c; setp.gt.u32 %k, %a, %t; @%k bra out;
        setp.lt.u32 %k, %c, 4; @%k bra inner;
        out: add.u32 %b, %b, 1; setp.lt.u32 %k, %b, 3; @%k bra outer;";
    let expected = |t: u32| {
        let mut d = 0;
        for b in 0..3 {
            for c in 1..=4 {
                d += 1;
                if b + c > t {
                    break;
                }
            }
        }
        d
    };
    assert_eq!(run(body).0, lanes(expected));
}

/// A path that lies behind the kernel's end and comes back: at the barrier, at the shuffle, all lanes are waited for.
#[test]
fn paths_that_come_back() {
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0; 32]);
    let body = "ld.param.u64 %q, [out]; mov.u32 %t, %tid.x; mad.wide.u32 %q, %t, 4, %q; mov.u32 %d, 1;
        setp.lt.u32 %k, %t, 3; @%k bra rare;
        back: bar.sync 0; setp.gt.u32 %k, %t, 30; @%k bra other;
        again: shfl.sync.idx.b32 %a, %d, 0, 31, 0xFFFFFFFF; setp.eq.u32 %k, %t, 5; @%k bra third;
        last: vote.sync.any.pred %k, %k, 0xFFFFFFFF; selp.u32 %b, 1000, 0, %k; add.u32 %a, %a, %b;
        st.global.u32 [%q], %a; ret;
        third: add.u32 %a, %a, 5; bra last;
        other: add.u32 %d, %d, 50; bra again;
        rare: mov.u32 %d, 7; bra back;";
    launch(&text(".param .u64 out", body), &block(32), &output.to_le_bytes(), &memory).unwrap();
    assert_eq!(read(&memory, output, 32), lanes(|i| 1007 + if i == 5 { 5 } else { 0 }));
}

/// Lanes that return are not waited for.
#[test]
fn early_returns() {
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0; 32]);
    let body =
        "ld.param.u64 %q, [out]; mov.u32 %t, %tid.x; mad.wide.u32 %q, %t, 4, %q; st.global.u32 [%q], 1;
        and.b32 %a, %t, 1; setp.eq.u32 %k, %a, 0; @%k ret; bar.sync 0; st.global.u32 [%q], 2;";
    launch(&text(".param .u64 out", body), &block(32), &output.to_le_bytes(), &memory).unwrap();
    assert_eq!(read(&memory, output, 32), lanes(|i| 1 + i % 2));
}

#[test]
fn all_lanes_together_do_not_diverge() {
    let (_, counters) = run("setp.lt.u32 %k, %t, 99; @%k bra end; mov.u32 %d, 1; end:");
    assert_eq!((counters.divergent_branches, counters.branches), (0, 1));
}
