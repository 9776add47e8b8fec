//! What is counted.
use ptx_machine::{Class, Counters, Launch, Memory};

use crate::support::{block, launch, text, words};

fn run(launch_as: &Launch, body: &str) -> Counters {
    let memory = Memory::new(1 << 20);
    let [input, output] = words(&memory, &[0; 4096]);
    let body = format!("ld.param.u64 %p, [in]; ld.param.u64 %q, [out]; mov.u32 %t, %tid.x;\n{body}");
    let args = [input.to_le_bytes(), output.to_le_bytes()].concat();
    let text = text(".param .u64 in, .param .u64 out", &body);
    launch(&text, launch_as, &args, &memory).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn instructions_by_class() {
    let body = "mov.f32 %f0, 0f3F800000; fma.rn.f32 %f0, %f0, %f0, %f0; add.f32 %f0, %f0, %f0; ex2.approx.f32 %f0, %f0;
        setp.lt.u32 %k, %t, 8; @%k add.u32 %a, %t, 1; cvt.rn.f32.u32 %f1, %t; bar.sync 0;";
    let counters = run(&Launch { grid: [3, 1, 1], ..block(40) }, body);
    let of = |class| {
        let count = counters.class(class);
        (count.warps, count.lanes)
    };
    // Two warps a block, of 32 and 8 lanes; the guarded addition runs in 8 lanes of the first, none of the second.
    assert_eq!(of(Class::Fma), (6, 120));
    assert_eq!(of(Class::Float), (6, 120));
    assert_eq!(of(Class::Special), (6, 120));
    assert_eq!(of(Class::Integer), (12, 120 + 24));
    assert_eq!(of(Class::Convert), (6, 120));
    assert_eq!(of(Class::Barrier), (6, 120));
    assert_eq!(of(Class::Move), (24, 480));
    assert_eq!(of(Class::Control), (6, 120));
    assert_eq!((counters.blocks, counters.warps, counters.threads, counters.barriers), (3, 6, 120, 3));
    assert_eq!(counters.flops(), 120 * 4);
    assert_eq!(
        counters.lines.iter().map(|(_, count)| count.lanes).sum::<u64>(),
        counters.lane_instructions()
    );
}

/// Sectors of 32 bytes: neighbours share them, strides do not, one word for all is one.
#[test]
fn sectors_of_a_request() {
    let sectors = |address: &str, access: &str| {
        let counters = run(&block(32), &format!("{address} mad.wide.u32 %p, %a, 4, %p; {access}"));
        let r = counters.global_loads;
        (r.requests, r.sectors, r.bytes)
    };
    let load = "ld.global.u32 %b, [%p];";
    assert_eq!(sectors("mov.u32 %a, %t;", load), (1, 4, 128));
    assert_eq!(sectors("add.u32 %a, %t, 1;", load), (1, 5, 128));
    assert_eq!(sectors("mov.u32 %a, 5;", load), (1, 1, 128));
    assert_eq!(sectors("mul.lo.u32 %a, %t, 8;", load), (1, 32, 128));
    assert_eq!(sectors("sub.u32 %a, 31, %t;", load), (1, 4, 128));
    // Half the warp reads what the other half reads.
    assert_eq!(sectors("and.b32 %a, %t, 15;", load), (1, 2, 128));
    let vector = "ld.global.v4.u32 {%a, %b, %c, %d}, [%p];";
    assert_eq!(sectors("mul.lo.u32 %a, %t, 4;", vector), (1, 16, 512));
    assert_eq!(sectors("mov.u32 %a, %t;", "setp.lt.u32 %k, %t, 8; @%k ld.global.u32 %b, [%p];"), (1, 1, 32));
}

/// Wavefronts of shared memory: conflicts are those beyond the least.
#[test]
fn bank_conflicts() {
    let waves = |address: &str, access: &str| {
        let body = format!(
            ".shared .align 16 .u32 tile[2048]; {address} shl.b32 %a, %a, 2; mov.u32 %b, 0; {access}"
        );
        let w = run(&block(32), &body).shared_stores;
        (w.requests, w.wavefronts, w.conflicts)
    };
    let store = "st.shared.u32 [%a], %b;";
    assert_eq!(waves("mov.u32 %a, %t;", store), (1, 1, 0));
    assert_eq!(waves("mul.lo.u32 %a, %t, 2;", store), (1, 2, 1));
    assert_eq!(waves("mul.lo.u32 %a, %t, 32;", store), (1, 32, 31));
    assert_eq!(waves("mul.lo.u32 %a, %t, 33;", store), (1, 1, 0));
    let vector = "st.shared.v4.u32 [%a], {%b, %b, %b, %b};";
    assert_eq!(waves("mul.lo.u32 %a, %t, 4;", vector), (1, 4, 0));
    assert_eq!(waves("mul.lo.u32 %a, %t, 8;", vector), (1, 8, 4));
    // A stride of C + 4 words, for C = 32: eight lanes meet all banks once.
    assert_eq!(waves("mul.lo.u32 %a, %t, 36;", vector), (1, 4, 0));
    let pair = "st.shared.v2.u32 [%a], {%b, %b};";
    assert_eq!(waves("mul.lo.u32 %a, %t, 2;", pair), (1, 2, 0));
    let body = ".shared .u32 tile[32]; shl.b32 %a, %t, 2; st.shared.u32 [%a], %t; bar.sync 0; ld.shared.u32 %b, [tile+12];";
    let w = run(&block(32), body).shared_loads;
    assert_eq!((w.wavefronts, w.conflicts), (1, 0), "one word for all is one pass");
}

#[test]
fn a_table_for_people() {
    let counters = run(&block(32), "mad.wide.u32 %p, %t, 4, %p; ld.global.u32 %a, [%p];");
    let table = counters.to_string();
    for wanted in
        ["1 blocks, 1 warps, 32 threads", "load global", "4.00 sectors a request", "0 of them divergent"]
    {
        assert!(table.contains(wanted), "{table}");
    }
}
