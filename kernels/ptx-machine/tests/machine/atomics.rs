//! `atom` and `red`.
use ptx_machine::{Launch, Memory};

use crate::support::{block, launch, read, text, words};

/// Word 0 of `in` after 64 threads have done this to it, `%t` the thread; and what each of them got.
fn run(body: &str, start: u32, shared: bool) -> (u32, Vec<u32>) {
    let memory = Memory::new(1 << 20);
    let mut values = vec![0; 64];
    values[0] = start;
    let [input, output] = words(&memory, &values);
    let body = if shared {
        // The same on a word of shared memory.
        let body = body.replace(".global", ".shared").replace("[%p]", "[%r9]");
        format!(
            ".shared .u32 word; mov.u32 %r9, word; setp.eq.u32 %k, %t, 0;
             ld.global.u32 %a, [%p]; @%k st.shared.u32 [%r9], %a; bar.sync 0;
             {body}
             bar.sync 0; ld.shared.u32 %a, [%r9]; @%k st.global.u32 [%p], %a;"
        )
    } else {
        body.to_owned()
    };
    let body = format!(
        "ld.param.u64 %p, [in]; ld.param.u64 %q, [out]; mov.u32 %t, %tid.x;
         mad.wide.u32 %q, %t, 4, %q; mov.u32 %d, 0; {body} st.global.u32 [%q], %d;"
    );
    let args = [input.to_le_bytes(), output.to_le_bytes()].concat();
    let text = text(".param .u64 in, .param .u64 out", &body);
    launch(&text, &block(64), &args, &memory).unwrap_or_else(|fault| panic!("{fault}"));
    (read(&memory, input, 1)[0], read(&memory, output, 64))
}

#[test]
fn operations() {
    for shared in [false, true] {
        let after = |body: &str, start| run(body, start, shared).0;
        assert_eq!(after("red.global.add.u32 [%p], %t;", 5), 5 + 63 * 32);
        assert_eq!(after("red.global.min.s32 [%p], %t;", 5), 0);
        assert_eq!(after("red.global.max.u32 [%p], %t;", 5), 63);
        assert_eq!(after("red.global.max.s32 [%p], %t;", -5i32 as u32), 63);
        assert_eq!(after("red.global.and.b32 [%p], %t;", 255), 0);
        assert_eq!(after("red.global.or.b32 [%p], %t;", 128), 191);
        assert_eq!(after("red.global.inc.u32 [%p], 9;", 0), 64 % 10);
        let float = "cvt.rn.f32.u32 %f0, %t; red.global.add.f32 [%p], %f0;";
        assert_eq!(after(float, 0.5f32.to_bits()), (0.5f32 + 63.0 * 32.0).to_bits());
    }
}

/// Threads get what was there before them: each another number.
#[test]
fn old_values() {
    for shared in [false, true] {
        let (_, mut old) = run("atom.global.add.u32 %d, [%p], 1;", 100, shared);
        old.sort_unstable();
        assert_eq!(old, (100..164).collect::<Vec<_>>());
        let (last, old) = run("add.u32 %t, %t, 1; atom.global.exch.b32 %d, [%p], %t;", 0, shared);
        let mut all: Vec<u32> = old.into_iter().chain([last]).collect();
        all.sort_unstable();
        assert_eq!(all, (0..=64).collect::<Vec<_>>());
        let (last, old) = run("add.u32 %a, %t, 1; atom.global.cas.b32 %d, [%p], 0, %a;", 0, shared);
        assert_eq!(old.iter().filter(|old| **old == 0).count(), 1, "one was first");
        assert_eq!(old.iter().filter(|old| **old == last).count(), 63);
    }
}

#[test]
fn wide_ones() {
    let memory = Memory::new(1 << 20);
    let [input, _] = words(&memory, &[u32::MAX, 0, 0, 0]);
    let body = "ld.param.u64 %p, [in]; atom.global.add.u64 %la, [%p], 1; red.global.add.f64 [%p+8], 0d3FE0000000000000;";
    let text = text(".param .u64 in", body);
    launch(&text, &block(32), &input.to_le_bytes(), &memory).unwrap();
    assert_eq!(read(&memory, input, 2), [31, 1]);
    assert_eq!(read(&memory, input + 8, 2), [0, (16f64.to_bits() >> 32) as u32]);
}

/// A loop around a compare-and-exchange: lanes that lose go round again.
#[test]
fn loops_of_compare_and_exchange() {
    let body = "mov.u32 %c, 0;
        again: atom.global.cas.b32 %d, [%p], %c, %t; setp.ne.u32 %k, %d, %c; mov.u32 %c, %d; @%k bra again;";
    let (last, old) = run(&format!("add.u32 %t, %t, 1; {body}"), 0, false);
    let mut all: Vec<u32> = old.into_iter().chain([last]).collect();
    all.sort_unstable();
    assert_eq!(all, (0..=64).collect::<Vec<_>>());
}

#[test]
fn blocks_on_several_threads_lose_nothing() {
    let memory = Memory::new(1 << 20);
    let [input, _] = words(&memory, &[0]);
    let text = text(".param .u64 in", "ld.param.u64 %p, [in]; red.global.add.u32 [%p], 1;");
    launch(&text, &Launch { grid: [20, 5, 2], ..block(96) }, &input.to_le_bytes(), &memory).unwrap();
    assert_eq!(read(&memory, input, 1), [200 * 96]);
}
