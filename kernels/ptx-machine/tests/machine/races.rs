//! Races in shared memory, and how close one may come to them.
use ptx_machine::Memory;

use crate::support::{block, launch, text};

/// Runs statements in 64 threads: `%t` the thread, `%a` its own word of shared memory, `%b` that of thread 63 - t,
/// `%c` that of the next thread in the warp.
fn run(body: &str) -> Result<(), String> {
    let body = format!(
        ".shared .u32 tile[64]; mov.u32 %t, %tid.x; mad.lo.u32 %a, %t, 4, 0; sub.u32 %b, 252, %a;
         add.u32 %c, %t, 1; and.b32 %c, %c, 31; and.b32 %d, %t, 32; or.b32 %c, %c, %d; shl.b32 %c, %c, 2;
         {body}"
    );
    launch(&text("", &body), &block(64), &[], &Memory::new(64)).map(drop).map_err(|fault| fault.to_string())
}

#[track_caller]
fn races(body: &str, what: &str) {
    let message = run(body).expect_err("a race");
    assert!(message.contains("race: ") && message.contains(what), "{message}\nexpected {what}");
}

#[track_caller]
fn clean(body: &str) {
    run(body).unwrap_or_else(|message| panic!("{message}"));
}

#[test]
fn a_read_after_a_write_of_another_warp() {
    let write = "st.shared.u32 [%a], 0; bar.sync 0; st.shared.u32 [%a], %t;";
    let read = "ld.shared.u32 %d, [%b];";
    // Thread 31 reads the word of thread 32 before it is written again.
    races(&format!("{write} bar.warp.sync 0xFFFFFFFF; {read}"), "st.shared.u32: race: writes byte 128");
    let second = "setp.ge.u32 %k, %t, 32; @%k ld.shared.u32 %d, [%b];";
    races(
        &format!("{write} bar.warp.sync 0xFFFFFFFF; {second}"),
        "reads byte 124 of shared memory, which thread [31, 0, 0] wrote",
    );
    clean(&format!("{write} bar.sync 0; {read}"));
}

#[test]
fn a_write_after_a_read_of_another_warp() {
    let first = "st.shared.u32 [%a], %t; bar.sync 0; ld.shared.u32 %d, [%b];";
    // The first warp writes before the second reads.
    races(&format!("{first} st.shared.u32 [%a], %d;"), "reads byte");
    let waiting = "setp.lt.u32 %k, %t, 32; @%k bra last; st.shared.u32 [%a], %t; last:";
    races(&format!("{first} {waiting}"), "writes byte 128 of shared memory, which thread [31, 0, 0] read");
    clean(&format!("{first} bar.sync 0; st.shared.u32 [%a], %d;"));
}

#[test]
fn two_writes() {
    races("st.shared.u32 [%a], %t; st.shared.u32 [%b], %t;", "writes byte");
    clean("st.shared.u32 [%a], %t; bar.sync 0; st.shared.u32 [%b], %t;");
    races("st.shared.u32 [tile], %t;", "writes byte 0 of shared memory, which thread [0, 0, 0] wrote");
}

/// Lanes of a warp are not in step on a GPU either: they meet in `bar.warp.sync`.
#[test]
fn in_a_warp() {
    let write = "st.shared.u32 [%a], %t;";
    races(&format!("{write} ld.shared.u32 %d, [%c];"), "reads byte");
    clean(&format!("{write} bar.warp.sync 0xFFFFFFFF; ld.shared.u32 %d, [%c];"));
    let read = format!("{write} bar.sync 0; ld.shared.u32 %d, [%c];");
    races(&format!("{read} st.shared.u32 [%a], %d;"), "writes byte");
    clean(&format!("{read} bar.warp.sync 0xFFFFFFFF; st.shared.u32 [%a], %d;"));
}

/// That all have read a word is remembered though only one of them is named.
#[test]
fn many_readers() {
    let read = "setp.eq.u32 %k, %t, 40; @%k st.shared.u32 [tile], 1; bar.sync 0; ld.shared.u32 %d, [tile];";
    for writer in [0, 31, 32, 63] {
        let write = format!("setp.eq.u32 %k, %t, {writer}; @%k st.shared.u32 [tile], 2;");
        // The first warp writes before the second reads; the second after the first has read.
        let what = if writer < 32 {
            "ld.shared.u32: race: reads byte 0"
        } else {
            "st.shared.u32: race: writes byte 0"
        };
        races(&format!("{read} bar.warp.sync 0xFFFFFFFF; {write}"), what);
        clean(&format!("{read} bar.sync 0; {write}"));
    }
    // One's own word may be read and written again and again.
    clean("st.shared.u32 [%a], 1; ld.shared.u32 %d, [%a]; st.shared.u32 [%a], %d; ld.shared.u32 %d, [%a];");
}

#[test]
fn atomics_meet_only_atomics() {
    let zero = "setp.eq.u32 %k, %t, 0; @%k st.shared.u32 [tile], 0; bar.sync 0;";
    let add = "red.shared.add.u32 [tile], 1;";
    clean(&format!("{zero} {add} bar.sync 0; ld.shared.u32 %d, [tile];"));
    races(&format!("{zero} {add} ld.shared.u32 %d, [tile];"), "reads byte 0");
    races(&format!("{zero} ld.shared.u32 %d, [tile]; {add}"), "writes byte 0");
    clean(&format!("{zero} {add} ld.volatile.shared.u32 %d, [tile];"));
}

#[test]
fn bytes_of_a_word_are_apart() {
    clean("st.shared.u8 [%t], %t; bar.sync 0; ld.shared.u8 %d, [%t];");
    races("mov.u32 %r1, 0; st.shared.u8 [%r1], %t;", "writes byte 0");
}
