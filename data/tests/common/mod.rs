//! Hand-made files in the CIFAR-10 binary layout and in IDX.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
use ferrotape_data::RECORD_BYTES;
use ferrotape_data::cifar::{TEST_FILE, TRAIN_FILES};
use ferrotape_data::mnist::{TEST_FILES, TRAIN_FILES as IDX_TRAIN_FILES};
use ferrotape_data::synthetic::Progress;
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
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

/// An IDX file: the magic number of so many dimensions, these sizes, then `body`.
pub fn idx(sizes: &[u32], body: &[u8]) -> Vec<u8> {
    let words = [&[0x0800 + sizes.len() as u32], sizes].concat();
    words.into_iter().flat_map(u32::to_be_bytes).chain(body.iter().copied()).collect()
}

/// `n` images of 28x28 whose every pixel is the record's number, and labels in turn.
pub fn idx_pair(n: u32) -> [Vec<u8>; 2] {
    let pixels: Vec<u8> = (0..n).flat_map(|at| [at as u8; 784]).collect();
    let labels: Vec<u8> = (0..n).map(|at| (at % 10) as u8).collect();
    [idx(&[n, 28, 28], &pixels), idx(&[n], &labels)]
}

/// The gzip file of `bytes`.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Writes the four files of an MNIST-like set into `dir`: `train` and `test` images.
pub fn write_mnist(dir: &Path, train: u32, test: u32) {
    fs::create_dir_all(dir).unwrap();
    for (names, n) in [(IDX_TRAIN_FILES, train), (TEST_FILES, test)] {
        for (name, bytes) in names.into_iter().zip(idx_pair(n)) {
            fs::write(dir.join(name), bytes).unwrap();
        }
    }
}

/// A progress callback that goes on.
pub fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
