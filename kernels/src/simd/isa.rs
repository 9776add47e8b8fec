//! Which instruction sets there are, and which one this processor has.
#[cfg(target_arch = "aarch64")]
use super::neon::Neon;
use super::{Kernel, Simd, portable::Portable};
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};
use std::fmt;

/// An instruction set that the kernels are compiled for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// What every processor of the architecture has.
    Scalar,
    /// AArch64: 32 registers of 4 f32.
    Neon,
    /// x86-64 with AVX2 and FMA (2013 on): 16 registers of 8 f32.
    Avx2,
    /// x86-64 with AVX-512 F (2017 on): 32 registers of 16 f32.
    Avx512,
}

impl Isa {
    /// All of them, the slowest first.
    pub const ALL: [Self; 4] = [Self::Scalar, Self::Neon, Self::Avx2, Self::Avx512];

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        Token::new(self).is_some()
    }

    /// Those that this processor has, the slowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|isa| isa.is_available())
    }

    /// The fastest that this processor has.
    pub fn best() -> Self {
        Self::available().last().unwrap_or(Self::Scalar)
    }

    /// The one called `name`, as `FERROTAPE_ISA` spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|isa| isa.name() == name)
    }

    /// Its name, as `FERROTAPE_ISA` spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The proof that this processor has an instruction set.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Token {
    Scalar(Portable),
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Token {
    /// The token of `isa`, where the processor has it.
    pub fn new(isa: Isa) -> Option<Self> {
        match isa {
            Isa::Scalar => Some(Self::Scalar(Portable)),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => Neon::detect().map(Self::Neon),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Avx2::detect().map(Self::Avx2),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => Avx512::detect().map(Self::Avx512),
            _ => None,
        }
    }

    /// Which instruction set it proves.
    pub fn isa(self) -> Isa {
        match self {
            Self::Scalar(_) => Isa::Scalar,
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => Isa::Neon,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Isa::Avx2,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Isa::Avx512,
        }
    }

    /// Accumulators of a register tile: [`Simd::ROWS`].
    pub fn rows(self) -> usize {
        struct Rows;
        impl Kernel for Rows {
            type Output = usize;
            #[inline(always)]
            fn run<S: Simd>(self, _: S) -> usize {
                S::ROWS
            }
        }
        self.run(Rows)
    }

    /// Runs `kernel` compiled for the instruction set.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            Self::Scalar(s) => s.vectorize(kernel),
            #[cfg(target_arch = "aarch64")]
            Self::Neon(s) => s.vectorize(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(s) => s.vectorize(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(s) => s.vectorize(kernel),
        }
    }
}
