//! What the machine says it is: the oldest card that the kernels are for, so that what runs here fits every card.

/// CUDA version of the driver: 12.0.
pub(super) const VERSION: i32 = 12_000;
/// What the device is called.
pub(super) const NAME: &str = "PTX machine (an interpreter on the processor, no GPU)";
/// Threads of a block.
pub(super) const THREADS: u32 = 1024;
/// Threads of a block along x, y, z.
pub(super) const BLOCK: [u32; 3] = [1024, 1024, 64];
/// Blocks of a grid along x, y, z.
pub(super) const GRID: [u32; 3] = [0x7fff_ffff, 65_535, 65_535];
/// Bytes of shared memory of a block, static and dynamic.
pub(super) const SHARED: u32 = 48 * 1024;
/// The same for a function that asked for more.
pub(super) const SHARED_ON_REQUEST: u32 = 64 * 1024;
/// Multiprocessors.
pub(super) const MULTIPROCESSORS: u32 = 4;
/// Threads, blocks and bytes of shared memory that a multiprocessor holds at once.
pub(super) const THREADS_AT_ONCE: u32 = 1024;
pub(super) const BLOCKS_AT_ONCE: u32 = 16;
pub(super) const SHARED_AT_ONCE: u32 = 64 * 1024;

/// Value of a `CUdevice_attribute`.
pub(super) fn attribute(which: i32) -> Option<i32> {
    let value = match which {
        1 => THREADS,            // MAX_THREADS_PER_BLOCK
        2 => BLOCK[0],           // MAX_BLOCK_DIM_X
        3 => BLOCK[1],           // MAX_BLOCK_DIM_Y
        4 => BLOCK[2],           // MAX_BLOCK_DIM_Z
        5 => GRID[0],            // MAX_GRID_DIM_X
        6 => GRID[1],            // MAX_GRID_DIM_Y
        7 => GRID[2],            // MAX_GRID_DIM_Z
        8 => SHARED,             // MAX_SHARED_MEMORY_PER_BLOCK
        9 => 64 * 1024,          // TOTAL_CONSTANT_MEMORY
        10 => 32,                // WARP_SIZE
        12 => 65_536,            // MAX_REGISTERS_PER_BLOCK
        16 => MULTIPROCESSORS,   // MULTIPROCESSOR_COUNT
        17 => 0,                 // KERNEL_EXEC_TIMEOUT
        18 => 0,                 // INTEGRATED
        19 => 0,                 // CAN_MAP_HOST_MEMORY
        20 => 0,                 // COMPUTE_MODE: default
        31 => 0,                 // CONCURRENT_KERNELS
        39 => THREADS_AT_ONCE,   // MAX_THREADS_PER_MULTIPROCESSOR
        40 => 0,                 // ASYNC_ENGINE_COUNT
        41 => 0,                 // UNIFIED_ADDRESSING
        75 => 7,                 // COMPUTE_CAPABILITY_MAJOR
        76 => 5,                 // COMPUTE_CAPABILITY_MINOR
        78 => 0,                 // STREAM_PRIORITIES_SUPPORTED
        81 => SHARED_AT_ONCE,    // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
        82 => 65_536,            // MAX_REGISTERS_PER_MULTIPROCESSOR
        83 => 0,                 // MANAGED_MEMORY
        95 => 1,                 // COOPERATIVE_LAUNCH
        97 => SHARED_ON_REQUEST, // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
        106 => BLOCKS_AT_ONCE,   // MAX_BLOCKS_PER_MULTIPROCESSOR
        115 => 0,                // MEMORY_POOLS_SUPPORTED
        _ => return None,
    };
    Some(value as i32)
}

/// How many blocks of `threads` threads and `shared` bytes a multiprocessor holds at once. Registers are not counted:
/// the machine allots none.
pub(super) fn blocks_at_once(threads: u32, shared: u32) -> u32 {
    let by_threads = THREADS_AT_ONCE / threads.next_multiple_of(32).max(32);
    let by_shared = SHARED_AT_ONCE.checked_div(shared).unwrap_or(BLOCKS_AT_ONCE);
    by_threads.min(by_shared).min(BLOCKS_AT_ONCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_multiprocessor() {
        assert_eq!(blocks_at_once(1024, 0), 1);
        assert_eq!(blocks_at_once(33, 0), 16, "64 threads' room each, but no more than 16 blocks");
        assert_eq!(blocks_at_once(128, 0), 8);
        assert_eq!(blocks_at_once(128, 20 * 1024), 3);
        assert_eq!(blocks_at_once(128, SHARED_AT_ONCE + 1), 0);
    }
}
