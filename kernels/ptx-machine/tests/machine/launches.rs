//! Launches that do not fit, and memory that is asked for what it has not.
use ptx_machine::{Launch, Memory, MemoryError, Module};

use crate::support::{block, launch, text, words};

fn refused(text: &str, launch_as: &Launch, args: &[u8], what: &str) {
    let message = launch(text, launch_as, args, &Memory::new(64)).unwrap_err().to_string();
    assert!(
        message.starts_with("test.ptx: kernel `k`: ") && message.contains(what),
        "{message}\nexpected {what}"
    );
}

#[test]
fn launches_that_do_not_fit() {
    let kernel = text(".param .u32 n", "");
    let good = [0; 4];
    launch(&kernel, &block(1024), &good, &Memory::new(64)).unwrap();
    refused(&kernel, &block(1), &[0; 8], "8 bytes of parameters, expected 4");
    refused(&kernel, &block(1025), &good, "a block of [1025, 1, 1] threads, expected 1 to 1024");
    refused(&kernel, &block(0), &good, "a block of [0, 1, 1] threads");
    refused(&kernel, &Launch { block: [1, 1, 65], ..block(1) }, &good, "at most 64 of them in z");
    refused(&kernel, &Launch { grid: [1, 0, 1], ..block(1) }, &good, "a grid of [1, 0, 1] blocks");
    refused(&kernel, &Launch { grid: [1, 65536, 1], ..block(1) }, &good, "65535");
    refused(&kernel, &Launch { shared: 1 << 20, ..block(1) }, &good, "1048576 bytes of shared memory");
    let most = kernel.replace("k(.param .u32 n)", "k(.param .u32 n) .maxntid 64");
    refused(&most, &block(65), &good, "65 threads a block, expected at most 64 (.maxntid)");
    launch(&most, &block(64), &good, &Memory::new(64)).unwrap();
    let wanted = kernel.replace("k(.param .u32 n)", "k(.param .u32 n) .reqntid 8, 8");
    refused(&wanted, &block(64), &good, "a block of [64, 1, 1] threads, expected [8, 8, 1] (.reqntid)");
}

#[test]
fn what_a_kernel_says_of_itself() {
    let text = text(".param .u32 n, .param .u64 x", ".shared .f32 tile[33];")
        .replace(".u64 x)", ".u64 x)\n.maxntid 128, 2, 1\n.minnctapersm 2");
    let module = Module::parse("test.ptx", &text).unwrap();
    let kernel = module.kernel("k").unwrap();
    assert_eq!(
        (kernel.name(), kernel.param_bytes(), kernel.shared_bytes(), kernel.max_threads()),
        ("k", 16, 132, 256)
    );
    let places: Vec<_> = kernel.params().iter().map(|p| (p.name.as_str(), p.bytes, p.offset)).collect();
    assert_eq!(places, [("n", 4, 0), ("x", 8, 8)]);
    assert!(!kernel.dynamic_shared() && module.kernel("other").is_none());
}

#[test]
fn memory_knows_its_limits() {
    let memory = Memory::new(100);
    let [first, second] = [memory.alloc(60, "first").unwrap(), memory.alloc(40, "second").unwrap()];
    let message = memory.alloc(1, "third").unwrap_err().to_string();
    assert_eq!(message, "out of memory: `third` wants 1 bytes, 0 of 100 are free");
    assert_eq!(memory.live(), [("first".to_owned(), 60), ("second".to_owned(), 40)]);
    memory.free(first).unwrap();
    assert_eq!((memory.used(), memory.live().len()), (40, 1));
    assert!(matches!(memory.write(first, &[0]), Err(MemoryError::Freed { .. })));
    assert!(matches!(memory.free(second + 4), Err(MemoryError::NotTheStart { offset: 4, .. })));
    assert!(matches!(memory.write(second + 38, &[0; 3]), Err(MemoryError::OutOfBounds { size: 40, .. })));
    assert!(matches!(memory.write(12, &[0]), Err(MemoryError::NotAnAddress { address: 12 })));
    assert!(matches!(memory.alloc(0, "none"), Err(MemoryError::Empty { .. })));
    assert_eq!(memory.allocation(second + 7).unwrap(), (second, 40));
}

#[test]
fn bytes_that_nobody_wrote_are_not_read() {
    let memory = Memory::new(1000);
    let at = memory.alloc(50, "x").unwrap();
    memory.write(at + 3, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).unwrap();
    let mut bytes = [0; 12];
    memory.read(at + 3, &mut bytes).unwrap();
    assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let message = memory.read(at + 4, &mut bytes).unwrap_err().to_string();
    assert_eq!(message, "byte 15 of `x` was never written");
    memory.peek(at + 4, &mut bytes).unwrap();
    assert_eq!(bytes[10..], [12, 0]);
    memory.fill(at, &[9], 7).unwrap();
    memory.fill(at + 16, &0x0403_0201u32.to_le_bytes(), 8).unwrap();
    let mut all = [0; 15];
    memory.read(at, &mut all).unwrap();
    assert_eq!(all, [9, 9, 9, 9, 9, 9, 9, 5, 6, 7, 8, 9, 10, 11, 12]);
    // A copy of what nobody wrote is what nobody wrote.
    let copy = memory.alloc(50, "y").unwrap();
    memory.fill(copy, &[7], 50).unwrap();
    memory.copy(copy + 1, at, 48).unwrap();
    memory.read(copy + 1, &mut all).unwrap();
    assert_eq!(all, [9, 9, 9, 9, 9, 9, 9, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert!(matches!(memory.read(copy + 16, &mut [0]), Err(MemoryError::NeverWritten { offset: 16, .. })));
    memory.read(copy + 17, &mut all).unwrap();
    assert_eq!(all[..5], [1, 2, 3, 4, 1]);
}

/// 64-bit words lie as the host writes them.
#[test]
fn words_of_the_host() {
    let memory = Memory::new(1000);
    let [input, _] = words(&memory, &[1, 2]);
    let mut bytes = [0; 8];
    memory.read(input, &mut bytes).unwrap();
    assert_eq!(u64::from_le_bytes(bytes), 1 | 2 << 32);
}
