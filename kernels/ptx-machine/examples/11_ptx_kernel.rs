//! A GPU kernel by hand, run without a GPU: what it computes, what it does to memory, and what happens when it is wrong.
//!
//! ```text
//! y[48..53] = [0.0, 0.0, 0.0, 1.0, 2.0]
//! 4 warps issued 60 instructions
//! loads: 4 requests, 13 sectors of 32 bytes
//!
//! relu.ptx:22: kernel `relu`, block (1, 0, 0), thread (36, 0, 0): ld.global.f32: out of bounds: 4 bytes at byte 400 of `x`, which has 400
//! relu.ptx:22: kernel `relu`, block (0, 0, 0), thread (0, 0, 0): ld.global.f32: misaligned: 4 bytes at byte 2 of `x`, which must be a multiple of 4
//! ```
use ptx_machine::{Fault, Launch, Memory, Module, Options, run};
use std::error::Error;

/// `y[i] = max(x[i], 0)`: a thread an element. All threads run the same lines, each with registers of its own.
const RELU: &str = "
.version 7.0
.target sm_75
.address_size 64
.visible .entry relu(.param .u64 x, .param .u64 y, .param .u32 n)
{
    .reg .u64 %x, %y;
    .reg .u32 %i, %n, %block, %threads;
    .reg .f32 %v;
    .reg .pred %beyond;
    ld.param.u64 %x, [x];
    ld.param.u64 %y, [y];
    ld.param.u32 %n, [n];
    mov.u32 %i, %tid.x;                     // thread in its block
    mov.u32 %block, %ctaid.x;
    mov.u32 %threads, %ntid.x;
    mad.lo.u32 %i, %block, %threads, %i;    // thread of all
    setp.ge.u32 %beyond, %i, %n;
    @%beyond ret;                           // the last block has more threads than there are elements
    mad.wide.u32 %x, %i, 4, %x;             // addresses: 4 bytes an element
    mad.wide.u32 %y, %i, 4, %y;
    ld.global.f32 %v, [%x];
    max.f32 %v, %v, 0f00000000;             // 0f and the bits of a float
    st.global.f32 [%y], %v;
    ret;
}";

fn main() -> Result<(), Box<dyn Error>> {
    let (module, n) = (Module::parse("relu.ptx", RELU)?, 100u32);
    let kernel = module.kernel("relu").ok_or("no such kernel")?;
    let memory = Memory::new(1 << 20);
    let (x, y) = (memory.alloc(400, "x")?, memory.alloc(400, "y")?);
    let values: Vec<u8> = (0..n).flat_map(|i| (i as f32 - 50.0).to_le_bytes()).collect();
    memory.write(x, &values)?;

    // Two blocks of 64 threads, which run in warps of 32 that take each instruction together.
    let launch = Launch { grid: [2, 1, 1], block: [64, 1, 1], shared: 0, cooperative: false };
    let run = |x: u64, n: u32| {
        let args = [&x.to_le_bytes()[..], &y.to_le_bytes(), &n.to_le_bytes()].concat();
        run(&kernel, &launch, &args, &memory, &Options::default())
    };
    let counters = run(x, n)?;
    let mut bytes = [0; 400];
    memory.read(y, &mut bytes)?;
    let result: Vec<f32> = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    println!("y[48..53] = {:?}", &result[48..53]);
    // Neighbouring threads load neighbouring numbers: 400 bytes are 13 sectors, and no more are moved.
    println!("{} warps issued {} instructions", counters.warps, counters.warp_instructions());
    let loads = counters.global_loads;
    println!("loads: {} requests, {} sectors of 32 bytes", loads.requests, loads.sectors);

    // Told of more elements than there are, a card would read whatever lies behind x, in silence. At an address that is no
    // multiple of four it would stop, and not say where.
    let fault: Fault = run(x, 128).expect_err("100 elements are not 128");
    println!("\n{fault}");
    println!("{}", run(x + 2, 10).expect_err("no multiple of 4"));
    Ok(())
}
