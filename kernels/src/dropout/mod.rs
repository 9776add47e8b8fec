//! Inverted dropout: each element is zeroed with probability p, the others are scaled by 1/(1 - p), so that the
//! expected value stays. The mask is a pure function of seed, stream, step and element.
pub mod cpu;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod reference;

use crate::{ShapeError, philox, shape_error};

/// One dropout of a tape.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Dropout {
    /// Probability that an element is zeroed, in [0, 1).
    pub p: f64,
    /// Which dropout of the tape this is: each has a mask of its own.
    pub stream: u32,
}

/// What the masks of one training step depend on.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// Seed of the run.
    pub seed: u64,
    /// Number of the step.
    pub step: u64,
}

impl Dropout {
    /// The spec of the dropout number `stream` of a tape.
    ///
    /// # Errors
    /// Unless `p` is in [0, 1).
    pub fn new(p: f64, stream: u32) -> Result<Self, ShapeError> {
        if (0.0..1.0).contains(&p) {
            Ok(Self { p, stream })
        } else {
            Err(shape_error!("p must be at least 0 and below 1, got {p}"))
        }
    }

    /// What a kept element is multiplied by: `1 / (1 - p)`.
    pub fn scale(&self) -> f64 {
        1.0 / (1.0 - self.p)
    }

    /// An element is kept if its random word is at least this: `p · 2^32`.
    pub fn threshold(&self) -> u32 {
        (self.p * 2f64.powi(32)) as u32
    }

    /// Random words of the elements `4 · block .. 4 · block + 4`, counted in spoken order so that a mask does not
    /// depend on the layout: Philox with the seed as key and the counter (block, stream, step).
    #[inline(always)]
    pub fn words(&self, draw: Draw, block: u32) -> [u32; 4] {
        let (step, seed) = (draw.step, draw.seed);
        let counter = [block, self.stream, step as u32, (step >> 32) as u32];
        philox::block(counter, [seed as u32, (seed >> 32) as u32])
    }
}
