//! What lanes of a warp tell each other.
use ptx_machine::Memory;

use crate::support::{block, launch, read, text, words};

/// `%d` of each of 32 lanes; `%t` is the lane, `%a` ten times as much.
fn run(body: &str) -> Vec<u32> {
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0; 32]);
    let body = format!(
        "ld.param.u64 %q, [out]; mov.u32 %t, %laneid; mad.wide.u32 %q, %t, 4, %q; mul.lo.u32 %a, %t, 10;
         {body} st.global.u32 [%q], %d;"
    );
    let text = text(".param .u64 out", &body);
    launch(&text, &block(32), &output.to_le_bytes(), &memory).unwrap_or_else(|fault| panic!("{fault}"));
    read(&memory, output, 32)
}

fn lanes(f: impl Fn(u32) -> u32) -> Vec<u32> {
    (0..32).map(f).collect()
}

#[test]
fn shuffles() {
    let all = "0xFFFFFFFF";
    let down = run(&format!("shfl.sync.down.b32 %d, %a, 4, 31, {all};"));
    assert_eq!(down, lanes(|i| 10 * if i + 4 < 32 { i + 4 } else { i }));
    let up = run(&format!("shfl.sync.up.b32 %d, %a, 4, 0, {all};"));
    assert_eq!(up, lanes(|i| 10 * if i >= 4 { i - 4 } else { i }));
    let butterfly = run(&format!("shfl.sync.bfly.b32 %d, %a, 5, 31, {all};"));
    assert_eq!(butterfly, lanes(|i| 10 * (i ^ 5)));
    let index = run(&format!("shfl.sync.idx.b32 %d, %a, 7, 31, {all};"));
    assert_eq!(index, lanes(|_| 70));
}

/// Segments of eight lanes: the mask of `c` keeps a shuffle in them, and the predicate says who is at the edge.
#[test]
fn shuffles_in_segments() {
    let body = "shfl.sync.down.b32 %d|%k, %a, 3, 0x181F, 0xFFFFFFFF; @!%k add.u32 %d, %d, 1;";
    assert_eq!(run(body), lanes(|i| if i % 8 + 3 < 8 { 10 * (i + 3) } else { 10 * i + 1 }));
    let body = "shfl.sync.up.b32 %d|%k, %a, 3, 0x1800, 0xFFFFFFFF; @!%k add.u32 %d, %d, 1;";
    assert_eq!(run(body), lanes(|i| if i % 8 >= 3 { 10 * (i - 3) } else { 10 * i + 1 }));
    let body = "shfl.sync.idx.b32 %d, %a, 2, 0x181F, 0xFFFFFFFF;";
    assert_eq!(run(body), lanes(|i| 10 * (i / 8 * 8 + 2)));
}

#[test]
fn votes() {
    let votes = |how: &str, most: u32| {
        run(&format!(
            "setp.lt.u32 %k0, %t, {most}; vote.sync.{how}.pred %k, %k0, 0xFFFFFFFF; selp.u32 %d, 1, 0, %k;"
        ))
    };
    assert_eq!(votes("all", 32), lanes(|_| 1));
    assert_eq!(votes("all", 31), lanes(|_| 0));
    assert_eq!(votes("any", 1), lanes(|_| 1));
    assert_eq!(votes("any", 0), lanes(|_| 0));
    assert_eq!(votes("uni", 0), lanes(|_| 1));
    assert_eq!(votes("uni", 5), lanes(|_| 0));
    let ballot = run("setp.lt.u32 %k0, %t, 5; vote.sync.ballot.b32 %d, !%k0, 0xFFFFFFFF;");
    assert_eq!(ballot, lanes(|_| 0xFFFF_FFE0));
}

#[test]
fn matches_and_masks() {
    let same = run("and.b32 %a, %t, 3; match.any.sync.b32 %d, %a, 0xFFFFFFFF;");
    assert_eq!(same, lanes(|i| 0x1111_1111 << (i % 4)));
    let active =
        run("mov.u32 %d, 1; setp.lt.u32 %k, %t, 4; @%k bra here; bra there; here: activemask.b32 %d; there:");
    assert_eq!(active, lanes(|i| if i < 4 { 0xF } else { 1 }));
    assert_eq!(run("mov.u32 %d, %lanemask_lt;"), lanes(|i| (1 << i) - 1));
    assert_eq!(run("mov.u32 %d, WARP_SZ;"), lanes(|_| 32));
}

/// The sum of a warp, as kernels make it.
#[test]
fn sum_of_a_warp() {
    let mut body = String::from("mov.u32 %d, %a;");
    for by in [16, 8, 4, 2, 1] {
        body += &format!("shfl.sync.bfly.b32 %b, %d, {by}, 31, 0xFFFFFFFF; add.u32 %d, %d, %b;");
    }
    assert_eq!(run(&body), lanes(|_| 10 * 31 * 16));
}
