//! Whatever the bytes, opening a file gives records or an error, never a panic.
mod common;

use common::{gzip, idx_pair, record};
use ferrotape_autograd::Source;
use ferrotape_data::idx::Images;
use ferrotape_data::{Error, RECORD_BYTES, Records};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;

fn open(bytes: &[u8]) -> Result<Records, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("batch.bin");
    fs::write(&path, bytes).unwrap();
    // The directory goes away with this function; on Unix the map outlives it.
    Records::open(&[path])
}

/// What opening must say of `bytes`, worked out afresh.
fn expected(bytes: &[u8]) -> Result<usize, usize> {
    let wrong = bytes.chunks(RECORD_BYTES).position(|record| record[0] > 9);
    match (bytes.len() % RECORD_BYTES, wrong) {
        (0, None) if !bytes.is_empty() => Ok(bytes.len() / RECORD_BYTES),
        (0, Some(record)) => Err(record * RECORD_BYTES),
        (rest, _) => Err(bytes.len() - rest),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn mutated_files_are_read_or_refused(
        length in 0..=4 * RECORD_BYTES,
        whole in any::<bool>(),
        changes in vec((0..4 * RECORD_BYTES, any::<u8>()), 0..8),
        label in proptest::option::of((0..4_usize, any::<u8>())),
    ) {
        let mut bytes: Vec<u8> = (0..4).flat_map(|at| record(0, at)).collect();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        if let Some((at, byte)) = label {
            bytes[at * RECORD_BYTES] = byte;
        }
        bytes.truncate(if whole { length / RECORD_BYTES * RECORD_BYTES } else { length });
        let offset = |error| match error {
            Error::EmptyFile { .. } => 0,
            Error::Truncated { offset, .. } | Error::Label { offset, .. } => offset,
            other => panic!("unexpected: {other}"),
        };
        let opened = open(&bytes);
        prop_assert_eq!(opened.as_ref().map(Source::len).map_err(|_| ()), expected(&bytes).map_err(|_| ()));
        match opened {
            Ok(records) => {
                for (at, bytes) in bytes.chunks(RECORD_BYTES).enumerate() {
                    prop_assert_eq!((records.label(at), records.pixels(at)), (bytes[0], &bytes[1..]));
                }
            }
            Err(error) => prop_assert_eq!(Err(offset(error)), expected(&bytes)),
        }
    }

    /// Changed bytes before or after gzipping, a cut, bytes that follow: records as the header says, or one line.
    #[test]
    fn mutated_idx_files_are_read_or_refused(
        zipped in any::<bool>(),
        inner in vec((0..20_usize, any::<u8>()), 0..3),
        outer in vec((0..2000_usize, any::<u8>()), 0..3),
        cut in proptest::option::of(0..2400_usize),
        more in vec(any::<u8>(), 0..3),
        swapped in any::<bool>(),
    ) {
        let mutated = |mut bytes: Vec<u8>| {
            for &(at, byte) in &inner {
                bytes[at % 11] = byte;
            }
            let mut bytes = if zipped { gzip(&bytes) } else { bytes };
            for &(at, byte) in &outer {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            bytes.truncate(cut.unwrap_or(usize::MAX));
            [bytes, more.clone()].concat()
        };
        let dir = tempfile::tempdir().unwrap();
        let paths = ["images", "labels"].map(|name| dir.path().join(name));
        let pair = if swapped { let [a, b] = idx_pair(3); [b, a] } else { idx_pair(3) };
        let [images, labels] = pair.map(mutated);
        fs::write(&paths[0], images).unwrap();
        fs::write(&paths[1], labels).unwrap();
        match Images::open(&paths[0], &paths[1]) {
            Ok(images) => {
                let [_, h, w] = images.shape();
                for record in 0..images.len() {
                    prop_assert_eq!(images.pixels(record).len(), h * w);
                    prop_assert!(images.label(record) < 10);
                }
            }
            Err(error) => prop_assert_eq!(error.to_string().lines().count(), 1),
        }
    }

    /// No header is too odd.
    #[test]
    fn any_bytes_are_read_or_refused(head in any::<bool>(), bytes in vec(any::<u8>(), 0..64)) {
        let dir = tempfile::tempdir().unwrap();
        let [images, labels] = ["images", "labels"].map(|name| dir.path().join(name));
        let magic: &[u8] = if head { &[0, 0, 8, 3] } else { &[] };
        fs::write(&images, [magic, &bytes].concat()).unwrap();
        fs::write(&labels, &idx_pair(3)[1]).unwrap();
        if let Err(error) = Images::open(&images, &labels) {
            prop_assert_eq!(error.to_string().lines().count(), 1);
        }
    }
}
