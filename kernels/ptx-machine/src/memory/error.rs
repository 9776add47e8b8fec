//! What memory refuses.

/// Why memory refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// More was asked for than is left.
    #[error("out of memory: `{label}` wants {bytes} bytes, {free} of {capacity} are free")]
    OutOfMemory {
        /// Who wanted it.
        label: String,
        /// How much.
        bytes: u64,
        /// What is left.
        free: u64,
        /// What there is.
        capacity: u64,
    },
    /// An allocation of no bytes.
    #[error("`{label}` wants 0 bytes; an allocation has at least one")]
    Empty {
        /// Who wanted it.
        label: String,
    },
    /// No allocation ever had this address.
    #[error("{address:#x} is no address of device memory")]
    NotAnAddress {
        /// The address.
        address: u64,
    },
    /// The allocation was freed.
    #[error("`{label}` ({address:#x}) was freed")]
    Freed {
        /// The address.
        address: u64,
        /// Name of the allocation.
        label: String,
    },
    /// A range leaves its allocation.
    #[error("bytes {offset}..{end} of `{label}`, which has {size}", end = .offset + .bytes)]
    OutOfBounds {
        /// Name of the allocation.
        label: String,
        /// First byte of the range.
        offset: u64,
        /// Bytes of the range.
        bytes: u64,
        /// Bytes of the allocation.
        size: u64,
    },
    /// Only the address `alloc` returned can be freed.
    #[error("byte {offset} of `{label}` is no start of an allocation")]
    NotTheStart {
        /// Name of the allocation.
        label: String,
        /// Which byte it is.
        offset: u64,
    },
    /// A read of what nobody wrote.
    #[error("byte {offset} of `{label}` was never written")]
    NeverWritten {
        /// Name of the allocation.
        label: String,
        /// The first such byte.
        offset: u64,
    },
}
