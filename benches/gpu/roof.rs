//! What the card can do at most: multiply-adds in registers, bytes copied.
use super::{Error, Sizes, clock};
use ferrotape_kernels::cuda::{Arg, Gpu, Launch, Text, size};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Measured limits of a card.
#[derive(Copy, Clone, Debug, Serialize, Deserialize)]
pub struct Roof {
    /// FP32 GFLOP/s of fused multiply-adds in registers.
    pub peak_gflops: f64,
    /// The clock that this means, with 128 lanes a multiprocessor, in GHz.
    pub clock_ghz: f64,
    /// GB/s of copying 8 MB, which stay in the L2 cache: bytes read plus bytes written.
    pub l2_copy: f64,
    /// GB/s of copying 1 GB.
    pub dram_copy: f64,
}

/// Chains of dependent multiply-adds in a thread: more than the four cycles that one takes.
const CHAINS: usize = 8;
/// Multiply-adds of a chain in a round of the loop.
const UNROLLED: usize = 16;
const THREADS: u32 = 256;
const BLOCKS_A_MULTIPROCESSOR: u32 = 8;

/// Measures them.
///
/// # Errors
/// If the card has no room for 1 GB twice, or the driver refuses.
pub fn measure(gpu: &Gpu, sizes: &Sizes) -> Result<Roof, Error> {
    let blocks = gpu.multiprocessors() * BLOCKS_A_MULTIPROCESSOR;
    let mut arena = gpu.arena(4)?;
    let sum = arena.take(4)?;
    let launch = multiply_adds(blocks, sizes.rounds);
    let resolved = gpu.resolve(&launch, |_| sum.address())?;
    let times = clock::time(gpu, sizes.samples, |gpu| gpu.launch(&resolved))?;
    let flops = 2 * (CHAINS * UNROLLED) as u64 * u64::from(sizes.rounds) * u64::from(blocks * THREADS);
    let peak_gflops = times.best_rate(flops);
    let [l2, dram] = sizes.copied;
    let clock_ghz = peak_gflops / (2.0 * 128.0 * f64::from(gpu.multiprocessors()));
    Ok(Roof { peak_gflops, clock_ghz, l2_copy: copying(gpu, l2)?, dram_copy: copying(gpu, dram)? })
}

/// GB/s of a copy of `bytes` bytes.
fn copying(gpu: &Gpu, bytes: usize) -> Result<f64, Error> {
    let mut arena = gpu.arena(2 * bytes)?;
    let (from, to) = (arena.take(bytes)?, arena.take(bytes)?);
    gpu.fill(from, 1)?;
    let launch = copy(bytes);
    let resolved =
        gpu.resolve(&launch, |arg| if arg == Arg::X(0) { from.address() } else { to.address() })?;
    Ok(clock::time(gpu, 20, |gpu| gpu.launch(&resolved))?.best_rate(2 * bytes as u64))
}

/// `x <- x a + b` in some chains side by side. A thread whose chains do not sum to a number stores the sum: that never
/// happens, but the compiler cannot know.
fn multiply_adds(blocks: u32, rounds: u32) -> Launch {
    let mut ptx = String::from(
        ".version 7.0\n.target sm_75\n.address_size 64\n\
         .visible .entry multiply_adds(.param .u64 sum, .param .u32 rounds, .param .f32 a, .param .f32 b)\n{\n\
         .reg .u64 %sum;\n.reg .u32 %round;\n.reg .f32 %a, %b, %total;\n.reg .pred %again, %nan;\n",
    );
    let mut line = |text: String| writeln!(ptx, "{text}").expect("a String takes all");
    line(format!(".reg .f32 %x<{CHAINS}>;"));
    for parameter in ["u64 %sum, [sum]", "u32 %round, [rounds]", "f32 %a, [a]", "f32 %b, [b]"] {
        line(format!("ld.param.{parameter};"));
    }
    (0..CHAINS).for_each(|c| line(format!("add.f32 %x{c}, %a, 0f3{c}000000;")));
    line("loop:".into());
    for _ in 0..UNROLLED {
        (0..CHAINS).for_each(|c| line(format!("fma.rn.f32 %x{c}, %x{c}, %a, %b;")));
    }
    line("sub.u32 %round, %round, 1;\nsetp.ne.u32 %again, %round, 0;\n@%again bra loop;".into());
    line("mov.f32 %total, %x0;".into());
    (1..CHAINS).for_each(|c| line(format!("add.f32 %total, %total, %x{c};")));
    line("setp.nan.f32 %nan, %total, %total;\n@!%nan ret;".into());
    line("cvta.to.global.u64 %sum, %sum;\nst.global.f32 [%sum], %total;\nret;\n}".into());
    let args = vec![Arg::Y(0), Arg::U32(rounds), Arg::F32(0.99), Arg::F32(0.01)];
    Launch::new(
        Text::Made("benches/multiply_adds.ptx".into(), ptx.into()),
        "multiply_adds",
        blocks,
        THREADS,
        args,
    )
}

/// `y[i] = x[i]`, 16 bytes a thread. X(0): x, Y(0): y.
fn copy(bytes: usize) -> Launch {
    const PTX: &str = ".version 7.0
.target sm_75
.address_size 64
.visible .entry copy(.param .u64 x, .param .u64 y, .param .u32 count)
{
    .reg .u64 %x, %y, %offset;
    .reg .u32 %block, %threads, %i, %count;
    .reg .b32 %v<4>;
    .reg .pred %beyond;
    mov.u32 %block, %ctaid.x;
    mov.u32 %threads, %ntid.x;
    mov.u32 %i, %tid.x;
    mad.lo.u32 %i, %block, %threads, %i;
    ld.param.u32 %count, [count];
    setp.ge.u32 %beyond, %i, %count;
    @%beyond ret;
    ld.param.u64 %x, [x];
    ld.param.u64 %y, [y];
    cvta.to.global.u64 %x, %x;
    cvta.to.global.u64 %y, %y;
    mul.wide.u32 %offset, %i, 16;
    add.u64 %x, %x, %offset;
    add.u64 %y, %y, %offset;
    ld.global.v4.b32 {%v0, %v1, %v2, %v3}, [%x];
    st.global.v4.b32 [%y], {%v0, %v1, %v2, %v3};
    ret;
}
";
    let count = bytes / 16;
    let args = vec![Arg::X(0), Arg::Y(0), Arg::U32(size(count))];
    Launch::each(Text::Made("benches/copy.ptx".into(), PTX.into()), "copy", count, THREADS, args)
}

#[cfg(test)]
mod tests {
    use super::{super::counts::Counts, *};

    /// Both kernels do what they are timed for: on the PTX machine, or the card.
    #[test]
    fn the_kernels_run() -> Result<(), Error> {
        let Some(gpu) = ferrotape_kernels::cuda::testing::test_gpu() else { return Ok(()) };
        let mut arena = gpu.arena(3 * 4096)?;
        let [sum, from, to] = [arena.take(4)?, arena.take(4096)?, arena.take(4096)?];
        gpu.fill(sum, 0)?;
        let values = crate::values(1024);
        gpu.upload(from, &values)?;
        gpu.launch(&gpu.resolve(&multiply_adds(2, 3), |_| sum.address())?)?;
        let address = |arg| if arg == Arg::X(0) { from.address() } else { to.address() };
        let copy = gpu.resolve(&copy(4096), address)?;
        gpu.launch(&copy)?;
        let (mut copied, mut untouched) = (vec![0f32; 1024], [1f32]);
        gpu.download(to, &mut copied)?;
        gpu.download(sum, &mut untouched)?;
        assert_eq!((copied, untouched), (values, [0.0]));
        if gpu.is_ptx_machine() {
            // The report is understood: 128 sectors there and back, by 8 warps.
            let before = Counts::now(&gpu)?;
            gpu.launch(&copy)?;
            gpu.synchronise()?;
            let counts = Counts::now(&gpu)?.map(&before, |now, before| now - before);
            assert_eq!(
                (counts.sectors_loaded, counts.sectors_stored, counts.bytes()),
                (128.0, 128.0, 8192.0)
            );
            assert_eq!((counts.class("load global"), counts.class("store global")), (8.0, 8.0));
            assert!(counts.issued() > 16.0 && counts.wavefronts == 0.0);
        }
        Ok(())
    }
}
