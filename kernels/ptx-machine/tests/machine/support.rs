//! Kernels made of a few statements.
use ptx_machine::{Counters, Fault, Launch, Memory, Module, Options, run};

/// A module with one kernel, `k`, of these parameters and statements.
pub fn text(params: &str, body: &str) -> String {
    format!(
        ".version 7.0\n.target sm_75\n.address_size 64\n.visible .entry k({params}) {{\n{REGISTERS}{body}\nret;\n}}\n"
    )
}

/// Line of the first statement of a body.
pub const FIRST_LINE: u32 = 7;

const REGISTERS: &str = ".reg .b32 %a, %b, %c, %d, %t, %r<10>; .reg .b64 %la, %lb, %lc, %ld, %p, %q, %l<10>;
.reg .pred %k, %k<4>; .reg .b16 %h<4>; .reg .f32 %f<4>; .reg .f64 %g<4>;\n";

/// One block of `threads`.
pub fn block(threads: u32) -> Launch {
    Launch { grid: [1; 3], block: [threads, 1, 1], shared: 0, cooperative: false }
}

/// Runs `k` of a text.
pub fn launch(text: &str, launch: &Launch, args: &[u8], memory: &Memory) -> Result<Counters, Fault> {
    launch_with(text, launch, args, memory, &Options::default())
}

pub fn launch_with(
    text: &str,
    launch: &Launch,
    args: &[u8],
    memory: &Memory,
    options: &Options,
) -> Result<Counters, Fault> {
    let module = Module::parse("test.ptx", text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    run(&module.kernel("k").unwrap(), launch, args, memory, options)
}

/// New memory with these words in it, called `in`, and as many unwritten ones, called `out`.
pub fn words(memory: &Memory, values: &[u32]) -> [u64; 2] {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let input = memory.alloc(bytes.len() as u64, "in").unwrap();
    memory.write(input, &bytes).unwrap();
    [input, memory.alloc(bytes.len() as u64, "out").unwrap()]
}

/// Words of memory.
pub fn read(memory: &Memory, at: u64, count: usize) -> Vec<u32> {
    let mut bytes = vec![0; 4 * count];
    memory.read(at, &mut bytes).unwrap();
    bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
}

/// Runs statements in each thread, from `%a %b %c` (32 bits) and `%la %lb %lc` (64 bits) to `%ld`; one case a thread.
pub fn wides(body: &str, cases: &[[u64; 3]]) -> Vec<u64> {
    let text = text(
        ".param .u64 in, .param .u64 out, .param .u32 n",
        &format!(
            "mov.u32 %t, %ctaid.x; mad.lo.u32 %t, %t, 64, %tid.x; ld.param.u32 %d, [n];
             setp.ge.u32 %k, %t, %d; @%k ret;
             ld.param.u64 %p, [in]; ld.param.u64 %q, [out];
             mad.wide.u32 %p, %t, 24, %p; mad.wide.u32 %q, %t, 8, %q;
             ld.global.b64 %la, [%p]; ld.global.b64 %lb, [%p+8]; ld.global.b64 %lc, [%p+16];
             cvt.u32.u64 %a, %la; cvt.u32.u64 %b, %lb; cvt.u32.u64 %c, %lc;
             {body}
             st.global.b64 [%q], %ld;"
        ),
    );
    let memory = Memory::new(1 << 26);
    let bytes: Vec<u8> = cases.as_flattened().iter().flat_map(|value| value.to_le_bytes()).collect();
    let input = memory.alloc(bytes.len() as u64, "in").unwrap();
    memory.write(input, &bytes).unwrap();
    let output = memory.alloc(8 * cases.len() as u64, "out").unwrap();
    let blocks = cases.len().div_ceil(64) as u32;
    let grid = Launch { grid: [blocks, 1, 1], ..block(64) };
    let args = [&input.to_le_bytes()[..], &output.to_le_bytes(), &(cases.len() as u32).to_le_bytes()];
    launch(&text, &grid, &args.concat(), &memory).unwrap_or_else(|fault| panic!("{fault}"));
    let words = read(&memory, output, 2 * cases.len());
    words.chunks(2).map(|pair| u64::from(pair[1]) << 32 | u64::from(pair[0])).collect()
}

/// Checks a 64-bit result of statements, in all triples of `values`.
pub fn check_wide(body: &str, values: &[u64], expected: impl Fn(u64, u64, u64) -> u64) {
    let cases = triples(values);
    for (case, found) in cases.iter().zip(wides(body, &cases)) {
        let [a, b, c] = *case;
        let wanted = expected(a, b, c);
        assert_eq!(found, wanted, "{body}: {a:#x}, {b:#x}, {c:#x}: {found:#x}, expected {wanted:#x}");
    }
}

/// Checks a 32-bit result, `%d`, of statements, in all triples of `values`.
pub fn check_word(body: &str, values: &[u32], expected: impl Fn(u32, u32, u32) -> u32) {
    let body = format!("{body} cvt.u64.u32 %ld, %d;");
    let values: Vec<u64> = values.iter().map(|value| u64::from(*value)).collect();
    check_wide(&body, &values, |a, b, c| expected(a as u32, b as u32, c as u32).into());
}

/// Checks the bits of an f32.
pub fn check_float(body: &str, values: &[u32], expected: impl Fn(f32, f32, f32) -> f32) {
    check_word(body, values, |a, b, c| {
        let value = expected(f32::from_bits(a), f32::from_bits(b), f32::from_bits(c));
        // Arithmetic has one NaN.
        if value.is_nan() { 0x7FFF_FFFF } else { value.to_bits() }
    });
}

fn triples(values: &[u64]) -> Vec<[u64; 3]> {
    let mut cases = Vec::new();
    for a in values {
        for b in values {
            cases.extend(values.iter().map(|c| [*a, *b, *c]));
        }
    }
    cases
}

/// Integers where something happens.
pub const INTEGERS: [u32; 13] =
    [0, 1, 2, 7, 31, 32, 33, 0x0000_0208, 0x1234_5678, 0x7FFF_FFFF, 0x8000_0000, 0xDEAD_BEEF, 0xFFFF_FFFF];

/// Bits of floats where something happens: zeros, ones, ties, subnormals, extremes, infinities, NaN of several kinds.
pub const FLOATS: [u32; 18] = [
    0x0000_0000,
    0x8000_0000,
    0x3F80_0000,
    0xBF80_0000,
    0x3F00_0000,
    0x4020_0000,
    0x3EAA_AAAB,
    0x0000_0001,
    0x807F_FFFF,
    0x0080_0000,
    0x7F7F_FFFF,
    0xFF7F_FFFF,
    0x7F80_0000,
    0xFF80_0000,
    0x7FC0_0001,
    0xFF80_0001,
    0x4B80_0001,
    0xC2F6_E979,
];
