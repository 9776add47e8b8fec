//! The same loop compiled for several instruction sets: without them an `fma` is a call of the C library, and 32 lanes
//! are eight steps instead of two. All of them give the same bits.
use super::{Exec, Stop, Unseen};
use crate::op::Pc;

/// An instruction set of the machine that runs this.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Isa {
    /// What every machine of the architecture has.
    Any,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// What is left of the budget, or where and why the warp stopped.
type Outcome = Result<u64, (Pc, Box<Stop>)>;

impl Isa {
    /// The best there is.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let fma = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("popcnt");
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            match (fma, wide) {
                (true, true) => return Self::Avx512,
                (true, false) => return Self::Avx2,
                _ => {}
            }
        }
        Self::Any
    }

    /// All there are on this machine.
    #[cfg(test)]
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Any];
        #[cfg(target_arch = "x86_64")]
        match Self::best() {
            Self::Any => {}
            Self::Avx2 => all.push(Self::Avx2),
            Self::Avx512 => all.extend([Self::Avx2, Self::Avx512]),
        }
        all
    }

    /// Runs a warp: see [`Exec::run`].
    pub fn run(self, exec: &mut Exec, budget: u64) -> Outcome {
        match self {
            Self::Any => exec.run(budget, &mut Unseen),
            // SAFETY: `best` and `all` give this only where the instructions were detected.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { run_avx2(exec, budget) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { run_avx512(exec, budget) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,lzcnt,bmi1,bmi2,popcnt")]
fn run_avx2(exec: &mut Exec, budget: u64) -> Outcome {
    exec.run(budget, &mut Unseen)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,lzcnt,bmi1,bmi2,popcnt")]
fn run_avx512(exec: &mut Exec, budget: u64) -> Outcome {
    exec.run(budget, &mut Unseen)
}

#[cfg(test)]
mod tests {
    use super::Isa;
    use crate::{Launch, Memory, Module, Options, exec::Common};

    /// One number of every kind of arithmetic, from the thread's number.
    const KERNEL: &str = "
        .version 7.0 .target sm_75 .address_size 64
        .visible .entry k(.param .u64 out) {
            .reg .u64 %p, %l; .reg .u32 %t, %i; .reg .f32 %x, %y, %sum; .reg .f64 %d; .reg .pred %k;
            ld.param.u64 %p, [out];
            mov.u32 %t, %tid.x;
            mad.wide.u32 %p, %t, 4, %p;
            cvt.rn.f32.u32 %x, %t;
            mul.f32 %x, %x, 0f3DCCCCCD;
            ex2.approx.f32 %y, %x;
            fma.rn.f32 %sum, %x, %y, 0fBF9D70A4;
            sin.approx.f32 %y, %sum;
            fma.rn.f32 %sum, %y, %x, %sum;
            div.rn.f32 %y, %sum, 0f40490FDB;
            min.f32 %y, %y, %sum;
            sqrt.rn.f32 %x, %x;
            cvt.f64.f32 %d, %x;
            fma.rn.f64 %d, %d, %d, 0d3FB999999999999A;
            cvt.rz.f32.f64 %x, %d;
            fma.rn.ftz.sat.f32 %sum, %x, %y, %sum;
            setp.gt.f32 %k, %x, %y;
            @%k xor.b32 %t, %t, 0x9E3779B9;
            popc.b32 %i, %t;
            mul.hi.u32 %t, %t, 0xD2511F53;
            mad.lo.u32 %t, %t, %i, %t;
            mul.wide.s32 %l, %t, %t;
            shr.u64 %l, %l, 7;
            cvt.u32.u64 %i, %l;
            mov.b32 %t, %sum;
            xor.b32 %t, %t, %i;
            st.global.u32 [%p], %t;
        }";

    #[test]
    fn all_instruction_sets_give_the_same_bits() {
        let module = Module::parse("k.ptx", KERNEL).unwrap();
        let kernel = module.kernel("k").unwrap();
        let launch = Launch { grid: [1; 3], block: [1000, 1, 1], shared: 0, cooperative: false };
        let results = Isa::all().into_iter().map(|isa| {
            let memory = Memory::new(4000);
            let out = memory.alloc(4000, "out").unwrap();
            let snapshot = memory.snapshot();
            let options = Options::default();
            let args = &out.to_le_bytes();
            let common = Common {
                kernel: &kernel,
                launch: &launch,
                args,
                slots: snapshot.slots(),
                options: &options,
                isa,
            };
            let counters = crate::exec::launch(&common).unwrap();
            drop(snapshot);
            let mut bytes = vec![0; 4000];
            memory.read(out, &mut bytes).unwrap();
            (isa, bytes, counters)
        });
        let results: Vec<_> = results.collect();
        for (isa, bytes, counters) in &results {
            assert!(*bytes == results[0].1 && *counters == results[0].2, "{isa:?}");
        }
    }
}
