//! Loads and stores: types, vectors, spaces.
use ptx_machine::Memory;

use crate::support::{block, launch, read, text, words};

const IN_OUT: &str = ".param .u64 in, .param .u64 out";

/// Runs statements in one thread, `%p` at `in` and `%q` at `out`.
fn run(body: &str, values: &[u32], results: usize) -> Vec<u32> {
    let memory = Memory::new(1 << 20);
    let [input, output] = words(&memory, values);
    let text = text(IN_OUT, &format!("ld.param.u64 %p, [in]; ld.param.u64 %q, [out];\n{body}"));
    let args = [input.to_le_bytes(), output.to_le_bytes()].concat();
    launch(&text, &block(1), &args, &memory).unwrap_or_else(|fault| panic!("{fault}"));
    read(&memory, output, results)
}

#[test]
fn narrow_loads_extend() {
    for (ty, expected) in [
        ("u8", 0x84),
        ("s8", 0xFFFF_FF84),
        ("b8", 0x84),
        ("u16", 0x8384),
        ("s16", 0xFFFF_8384),
        ("b16", 0x8384),
    ] {
        let found = run(&format!("ld.global.{ty} %a, [%p]; st.global.b32 [%q], %a;"), &[0x8182_8384], 1);
        assert_eq!(found, [expected], "{ty}");
    }
    let found = run("ld.global.s8 %la, [%p+1]; st.global.b64 [%q], %la;", &[0x8182_8384, 0], 2);
    assert_eq!(found, [0xFFFF_FF83, 0xFFFF_FFFF]);
}

#[test]
fn narrow_stores_leave_their_neighbours() {
    let body = "ld.global.v2.b32 {%a, %b}, [%p]; st.global.b32 [%q], %a;
                st.global.u8 [%q+1], %b; st.global.u16 [%q+2], %b;";
    assert_eq!(run(body, &[0x1111_1111, 0xAABB_CCDD], 1), [0xCCDD_DD11]);
}

#[test]
fn vectors() {
    let body = "ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%p]; st.global.v4.f32 [%q], {%f3, %f2, %f1, %f0};";
    assert_eq!(run(body, &[1, 2, 3, 4], 4), [4, 3, 2, 1]);
    let body = "ld.global.v2.u64 {%la, %lb}, [%p]; st.global.v2.u64 [%q], {%lb, %la};";
    assert_eq!(run(body, &[1, 2, 3, 4], 4), [3, 4, 1, 2]);
    let body = "ld.global.v4.u8 {%h0, %h1, %h2, %h3}, [%p]; cvt.u32.u16 %a, %h3; st.global.u32 [%q], %a;";
    assert_eq!(run(body, &[0x4433_2211], 1), [0x44]);
}

#[test]
fn addresses_have_offsets() {
    let body = "add.u64 %p, %p, 8; ld.global.nc.u32 %a, [%p+-4]; ld.global.u32 %b, [%p+4];
                st.global.u32 [%q], %a; st.global.u32 [%q+4], %b;";
    assert_eq!(run(body, &[10, 11, 12, 13], 2), [11, 13]);
}

#[test]
fn generic_addresses_are_global_ones() {
    let body = "cvta.to.global.u64 %p, %p; ld.volatile.global.u32 %a, [%p]; st.global.wb.u32 [%q], %a;";
    assert_eq!(run(body, &[10], 1), [10]);
}

#[test]
fn parameters_lie_at_their_offsets() {
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0; 4]);
    let params = ".param .u8 small, .param .u64 .ptr .global .align 16 out, .param .f32 x, .param .align 8 .b8 pair[16]";
    let body = "ld.param.u64 %q, [out]; ld.param.u8 %a, [small]; ld.param.f32 %f0, [x];
                ld.param.v2.u32 {%c, %d}, [pair+8];
                st.global.u32 [%q], %a; st.global.f32 [%q+4], %f0; st.global.v2.u32 [%q+8], {%c, %d};";
    let mut args = vec![7u8, 0, 0, 0, 0, 0, 0, 0];
    args.extend(output.to_le_bytes());
    args.extend(1.5f32.to_le_bytes());
    args.extend([0; 4 + 8]);
    args.extend(5u32.to_le_bytes());
    args.extend(6u32.to_le_bytes());
    launch(&text(params, body), &block(1), &args, &memory).unwrap();
    assert_eq!(read(&memory, output, 4), [7, 1.5f32.to_bits(), 5, 6]);
}

#[test]
fn constants_and_shared_variables_have_addresses() {
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0; 4]);
    let body = "ld.param.u64 %q, [out]; ld.const.f32 %f0, [table+4]; mov.u64 %p, table; ld.const.f32 %f1, [%p+8];
                .shared .b8 first[3]; .shared .align 16 .f32 second[2]; .shared .u32 third;
                mov.u32 %a, second; mov.u32 %b, third;
                st.shared.u32 [%a+4], 5; ld.shared.u32 %c, [second+4];
                st.global.f32 [%q], %f0; st.global.f32 [%q+4], %f1; st.global.u32 [%q+8], %b; st.global.u32 [%q+12], %c;";
    let text = text(".param .u64 out", body)
        .replace(".visible", ".const .align 8 .f32 table[4] = {1.0, 2.5, -0.5};\n.visible");
    launch(&text, &block(1), &output.to_le_bytes(), &memory).unwrap();
    assert_eq!(read(&memory, output, 4), [2.5f32.to_bits(), (-0.5f32).to_bits(), 24, 5]);
}

/// What the launch adds lies behind what the kernel declares.
#[test]
fn dynamic_shared_memory() {
    let memory = Memory::new(1 << 20);
    let [_, output] = words(&memory, &[0; 2]);
    let body =
        "ld.param.u64 %q, [out]; mov.u32 %a, more; st.shared.u32 [%a+12], 8; ld.shared.u32 %b, [more+12];
                .shared .align 4 .b8 own[20];
                st.global.u32 [%q], %a; st.global.u32 [%q+4], %b;";
    let text =
        text(".param .u64 out", body).replace(".visible", ".extern .shared .align 16 .b8 more[];\n.visible");
    let with = |bytes| ptx_machine::Launch { shared: bytes, ..block(1) };
    launch(&text, &with(16), &output.to_le_bytes(), &memory).unwrap();
    assert_eq!(read(&memory, output, 2), [32, 8]);
    let fault = launch(&text, &with(12), &output.to_le_bytes(), &memory).unwrap_err().to_string();
    assert!(fault.contains("byte 44 of shared memory, which has 44"), "{fault}");
}
