//! Hand-made files in the CIFAR-10 binary layout.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
use ferrotape_data::RECORD_BYTES;
use ferrotape_data::cifar::{TEST_FILE, TRAIN_FILES};
use ferrotape_data::synthetic::Progress;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

/// Record `at` of file `file`: label `at % 10`, and every pixel byte says which of the two it belongs to.
pub fn record(file: usize, at: usize) -> Vec<u8> {
    let mut bytes = vec![(16 * file + at % 16) as u8; RECORD_BYTES];
    bytes[0] = (at % 10) as u8;
    bytes
}

/// The six file names, test file last.
pub fn names() -> impl Iterator<Item = &'static str> {
    TRAIN_FILES.into_iter().chain([TEST_FILE])
}

/// Writes the six files into `dir`, file `f` with `sizes[f]` records.
pub fn write_set(dir: &Path, sizes: [usize; 6]) {
    fs::create_dir_all(dir).unwrap();
    for (file, (name, size)) in names().zip(sizes).enumerate() {
        let bytes: Vec<u8> = (0..size).flat_map(|at| record(file, at)).collect();
        fs::write(dir.join(name), bytes).unwrap();
    }
}

/// A progress callback that goes on.
pub fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
