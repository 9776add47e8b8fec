//! What is wrong with a text, and where; and what may look odd and is right.
use ptx_machine::{Memory, Module};

use crate::support::{FIRST_LINE, block, launch, text};

/// The error of a kernel whose second line is `line`.
#[track_caller]
fn error(line: &str, column: u32, what: &str) {
    let message =
        Module::parse("bad.ptx", &text(".param .u64 x", &format!("\n{line}"))).unwrap_err().to_string();
    let place = format!("bad.ptx:{}:{column}: ", FIRST_LINE + 1);
    assert!(message.starts_with(&place) && message.contains(what), "{message}\nexpected {place}{what}");
}

#[test]
fn unknown_instructions_and_modifiers() {
    error("  frobnicate.u32 %a, %b;", 3, "instruction `frobnicate.u32` is unknown");
    error("add.rz.f32 %a, %b, %c;", 1, "modifier `.rz` is unknown here");
    error("mul.u32 %a, %b, %c;", 1, "`mul.u32` is unknown");
    error("div.f32 %f0, %f1, %f2;", 1, "lacks .rn or .approx");
    error("add.u16 %h0, %h1, %h2;", 1, "`add.u16` is unknown");
    error("ld.u32 %a, [%p];", 1, "does not say which memory");
    error("ld.global.v3.u32 %a, [%p];", 1, "`.v3` is unknown here");
    error("ld.acquire.global.u32 %a, [%p];", 1, "needs a scope");
    error("cvt.f32.s32 %f0, %a;", 1, "takes a rounding (.rn, .rz, .rm, .rp)");
    error("cvt.rn.s32.f32 %a, %f0;", 1, "takes a rounding to an integer");
    error("setp.lo.s32 %k, %a, %b;", 1, "no comparison of .s32");
    error("shfl.down.b32 %a, %b, 1, 31, 0;", 1, "needs .sync");
    error("bar.sync 1;", 10, "expected barrier 0");
}

#[test]
fn wrong_operands() {
    error("add.u32 %a, %b;", 1, "has 2 operands, expected 3");
    error("add.u32 %a, %b, %zz;", 17, "no register or variable `%zz`");
    error("add.u32 %a, %b, %r10;", 17, "no register or variable `%r10`");
    error("add.u32 %a, %f0, %b;", 13, "`%f0` is .f32, expected .u32");
    error("add.u64 %la, %a, %lb;", 14, "`%a` is .b32, expected .u64");
    error("add.f32 %f0, %f1, 1;", 19, "a number that is no .f32");
    error("add.u32 %a, %b, 0x100000000;", 17, "a number that is no .u32");
    error("add.u32 5, %a, %b;", 9, "expected a register");
    error("@%a add.u32 %a, %a, 1;", 2, "`%a` is .b32, expected .pred");
    error("ld.global.u32 %a, [%b];", 19, "`%b` is .b32, no address here");
    error("ld.global.v2.u32 %a, [%p];", 18, "1 registers, expected 2");
    error("ld.param.u64 %p, [y];", 18, "no parameter `y`");
    error("ld.param.u32 %a, [x+8];", 18, "outside of the parameters");
    error("ld.global.u32 %h0, [%p];", 15, "`%h0` is .b16, which does not hold .u32");
    error("bra nowhere;", 5, "no label `nowhere`");
    error("lop3.b32 %a, %b, %c, %d, 256;", 26, "expected a number from 0 to 255");
    error("mov.u32 %a, tile;", 13, "no register or variable `tile`");
}

#[test]
fn missing_semicolons() {
    error("add.u32 %a, %b, %c add.u32 %a, %b, %c;", 20, "`add.u32`, expected `;`");
    error("add.u32 %a, %b, ;", 17, "`;`, expected an operand");
    error("ld.global.u32 %a, [%p;", 22, "`;`, expected a number");
}

#[test]
fn names_declared_twice() {
    error(".reg .u32 %a;", 11, "a second register `%a`");
    error("here: here: bra here;", 7, "a second label `here`");
    error(".shared .u32 s; .shared .u32 s;", 17, "a second `s`");
}

#[test]
fn modules() {
    let error = |text: &str, message: &str| {
        assert_eq!(Module::parse("bad.ptx", text).unwrap_err().to_string(), message);
    };
    error("", "bad.ptx:1:1: `end of file`, expected `.version`");
    error(".version 99.0", "bad.ptx:1:10: version `99.0`, expected 6.3 to 9.0");
    let head = ".version 7.0\n.target sm_75\n.address_size 64\n";
    error(".version 7.0 .target sm_75 .address_size 32", "bad.ptx:1:42: address size `32`, expected 64");
    error(&format!("{head}/* no end"), "bad.ptx:4:1: comment without its end, `*/`");
    error(&format!("{head}.visible .entry k() {{\n.reg .u32 %a;\n"), "bad.ptx:4:21: `{` without its `}`");
    error(&format!("{head}\u{20}ä"), "bad.ptx:4:2: `ä` has no meaning in PTX");
    error(
        &format!("{head}.func f() {{}}"),
        "bad.ptx:4:1: `.func`, expected .entry, .const, .shared or .file",
    );
    let two = ".visible .entry k() { ret; }\n";
    error(&format!("{head}{two}{two}"), "bad.ptx:5:10: a second kernel `k`");
    error(&format!("{head}.const .u32 t[1] = {{1, 2}};"), "bad.ptx:4:8: `t` has 1 elements and 2 values");
    error(&format!("{head}.const .u8 t[1] = {{256}};"), "bad.ptx:4:20: a value that is no .u8");
}

/// Comments, several statements on a line, a statement over several lines, scopes, labels, numbers of all kinds.
#[test]
fn what_may_stand_anywhere() {
    let body = "/* several
        lines */ mov.u32 %a, 0x1F; mov.u32 %b, 017; mov.u32 %c, 0b101U; // the rest
        add.u32 %d,
            %a, %b; .loc 1 5 3
        .pragma \"nounroll\";
        { .reg .u32 %a; mov.u32 %a, 1; here: { .reg .u32 %inner; mov.u32 %inner, %a; } bra here2; here2: }
        { here: mov.u32 %d, %a; bra end; end: }
        end: setp.ne.u32 %k, %d, 31; @%k trap; setp.ne.u32 %k, %b, 15; @%k trap; setp.ne.u32 %k, %c, 5; @%k trap;
        mov.f32 %f0, -1.5e-1; mov.f32 %f1, 0fBE19999A; setp.neu.f32 %k, %f0, %f1; @%k trap;
        mov.u32 %a, -1; setp.ne.u32 %k, %a, 0xFFFFFFFF; @%k trap;";
    launch(&text("", body), &block(1), &[], &Memory::new(64)).unwrap_or_else(|fault| panic!("{fault}"));
}

/// Found by `ferrotape-fuzz`: sizes and offsets beyond 32 or 64 bits, and memory taken before it is refused.
#[test]
fn numbers_too_large() {
    error(".shared .align 3 .b8 s;", 16, "alignment 3");
    error("ld.param.u32 %a, [x+9223372036854775807];", 18, "outside of the parameters");
    error(
        ".shared .u32 s; mov.u64 %p, s+9223372036854775807; mov.u32 %a, s+9223372036854775807;",
        64,
        "no .u32",
    );
    let head = ".version 7.0\n.target sm_75\n.address_size 64\n";
    let error = |text: &str, message: &str| {
        let found = Module::parse("bad.ptx", &format!("{head}{text}")).unwrap_err().to_string();
        assert!(found.starts_with("bad.ptx:4:") && found.contains(message), "{found}");
    };
    error(".entry k(.param .b64 x[536870912]) {}", "more than 4096 bytes of parameters");
    error(".entry k(.param .b8 x[4294967295], .param .b8 y) {}", "more than 4096 bytes of parameters");
    error(
        ".entry k(.param .align 2147483648 .b8 x, .param .align 2147483648 .b8 y) {}",
        "more than 4096 bytes",
    );
    error(".const .b64 c[268435455];", "more than 65536 bytes of constants");
    error(".const .b8 a; .const .align 2147483648 .b8 b;", "more than 65536 bytes of constants");
    error(".entry k() .maxntid 65536, 65536, 65536 {}", "expected 1 to 1024");
    error(".entry k() .reqntid 0 {}", "expected 1 to 1024");
}

/// What 32 bits cannot count is more than any launch grants.
#[test]
fn shared_memory_beyond_32_bits() {
    let body = ".shared .b64 s[268435455]; .shared .b64 t[268435455]; .shared .align 2147483648 .b8 u; mov.u32 %a, u;";
    let memory = Memory::new(64);
    let fault = launch(&text("", body), &block(1), &[], &memory).unwrap_err().to_string();
    assert!(fault.contains("4294967295 bytes of shared memory"), "{fault}");
    let dynamic = format!(".extern .shared .b8 more[]; {body} mov.u32 %b, more;");
    assert!(launch(&text("", &dynamic), &block(1), &[], &memory).is_err());
}

/// Nesting costs a reader that calls itself its stack, and one that looks through all scopes its time.
#[test]
fn nested_deeper_than_sense() {
    error(&format!("mov.b64 %p, {};", "{".repeat(100_000)), 14, "`{` within `{`");
    error(&"{".repeat(100_000), 64, "more than 64 braces");
    // A name of many digits was taken apart in as many ways.
    error(&format!("mov.u32 %a, %r{};", "1".repeat(200_000)), 13, "no register or variable `%r111");
}

#[test]
fn a_message_is_one_line() {
    error("\"a\u{1b}[2J\";", 1, "`a\u{fffd}[2J`");
}
