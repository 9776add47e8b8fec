//! What a GPU does with our kernels: times on a card, counts and predicted times on the PTX machine.
//!
//! [`laid`] puts a program on a device so that any instruction can be repeated; [`clock`] times it by events, [`counts`] reads
//! what the PTX machine counted, [`model`] turns counts into the time an H200 should take. [`roof`] measures what the card
//! can do at most, [`epochs`] whole epochs, [`golden`] the bits of every operation. [`record`] is the file all of it goes to.
pub mod clock;
pub mod counts;
pub mod epochs;
pub mod golden;
pub mod images;
pub mod laid;
pub mod model;
pub mod record;
pub mod roof;
pub mod rows;

/// Why a measurement could not be made: one line.
pub type Error = Box<dyn std::error::Error>;

/// How much of everything is run.
#[derive(Copy, Clone, Debug)]
pub struct Sizes {
    /// Images of a step.
    pub batch: usize,
    /// Images of a validation.
    pub validation: usize,
    /// Images at which validations and convolutions are looked at besides.
    pub large: usize,
    /// Steps of an epoch, a multiple of ten.
    pub steps: usize,
    /// Epochs.
    pub epochs: usize,
    /// Samples of an instruction's time.
    pub samples: usize,
    /// Rounds of multiply-adds in registers.
    pub rounds: u32,
    /// Bytes copied to measure the L2 cache, and the memory.
    pub copied: [usize; 2],
}

impl Sizes {
    /// The homework's.
    pub const FULL: Self = Self {
        batch: 50,
        validation: 5000,
        large: 500,
        steps: 900,
        epochs: 5,
        samples: 30,
        rounds: 2000,
        copied: [8 << 20, 1 << 30],
    };
    /// The same with fewer samples.
    pub const QUICK: Self = Self { epochs: 2, samples: 5, ..Self::FULL };
    /// For the PTX machine: to try the measurement, not to measure.
    pub const REHEARSAL: Self = Self {
        batch: 2,
        validation: 4,
        large: 3,
        steps: 20,
        epochs: 1,
        samples: 1,
        rounds: 2,
        copied: [4096, 8192],
    };
}
