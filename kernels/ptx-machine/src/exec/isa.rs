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
