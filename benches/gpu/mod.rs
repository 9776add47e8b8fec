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
