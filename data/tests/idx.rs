//! Reading IDX files: what is right, and every way of being wrong.
mod common;

use common::{gzip, idx, idx_pair};
use ferrotape_autograd::Source;
use ferrotape_data::idx::Images;
use ferrotape_data::{Error, split};
use std::fs;
use std::path::PathBuf;
use tempfile::{TempDir, tempdir};

/// A directory with a file of images and one of labels.
struct Pair {
    dir: TempDir,
}

impl Pair {
    fn new(images: &[u8], labels: &[u8]) -> Self {
        let pair = Self { dir: tempdir().unwrap() };
        fs::write(pair.images(), images).unwrap();
        fs::write(pair.labels(), labels).unwrap();
        pair
    }

    fn images(&self) -> PathBuf {
        self.dir.path().join("images")
    }

    fn labels(&self) -> PathBuf {
        self.dir.path().join("labels")
    }

    fn open(&self) -> Result<Images, Error> {
        Images::open(self.images(), self.labels())
    }
}

/// The error of these files is one line: `expected` after the name of the file that is wrong.
#[track_caller]
fn refused(images: &[u8], labels: &[u8], wrong: &str, expected: &str) {
    let pair = Pair::new(images, labels);
    let message = pair.open().expect_err("a file is damaged").to_string();
    assert_eq!(message, format!("{}: {expected}", pair.dir.path().join(wrong).display()));
}

#[test]
fn plain_and_gzipped_files_are_read_alike() {
    let [images, labels] = idx_pair(13);
    for pair in [
        Pair::new(&images, &labels),
        Pair::new(&gzip(&images), &labels),
        Pair::new(&images, &gzip(&labels)),
        Pair::new(&gzip(&images), &gzip(&labels)),
    ] {
        let images = pair.open().unwrap();
        assert_eq!((images.len(), images.shape(), images.classes()), (13, [1, 28, 28], 10));
        for record in 0..13 {
            assert_eq!(images.pixels(record), [record as u8; 784]);
            assert_eq!(usize::from(images.label(record)), record % 10);
        }
    }
}

#[test]
fn the_shape_is_the_headers() {
    let pair = Pair::new(&idx(&[2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), &idx(&[2], &[9, 0]));
    let images = pair.open().unwrap();
    assert_eq!(images.shape(), [1, 2, 3]);
    assert_eq!(images.pixels(1), [7, 8, 9, 10, 11, 12]);
}

#[test]
fn a_gzip_file_of_several_members_is_one_file() {
    let [images, labels] = idx_pair(5);
    let members = [gzip(&images[..1000]), gzip(&images[1000..])].concat();
    assert_eq!(Pair::new(&members, &labels).open().unwrap().pixels(4), [4; 784]);
}

#[test]
fn wrong_magic_numbers() {
    let [images, labels] = idx_pair(3);
    let message = "byte 0: the magic number is 0x00000801, expected 0x00000803";
    refused(&labels, &labels, "images", message);
    refused(&gzip(&labels), &labels, "images", message);
    let message = "byte 0: the magic number is 0x00000803, expected 0x00000801";
    refused(&images, &images, "labels", message);
    refused(
        b"not an IDX file",
        &labels,
        "images",
        "byte 0: the magic number is 0x6e6f7420, expected 0x00000803",
    );
}

#[test]
fn headers_that_end_early() {
    let [images, labels] = idx_pair(3);
    refused(&[], &labels, "images", "the file is empty; expected an IDX file");
    refused(&images, &[], "labels", "the file is empty; expected an IDX file");
    refused(&gzip(&[]), &labels, "images", "the header is cut short: expected 16 bytes, found 0");
    for n in [1, 4, 15] {
        let message = format!("the header is cut short: expected 16 bytes, found {n}");
        refused(&images[..n], &labels, "images", &message);
        refused(&gzip(&images[..n]), &labels, "images", &message);
    }
    refused(&images, &labels[..7], "labels", "the header is cut short: expected 8 bytes, found 7");
}

#[test]
fn headers_with_zeros() {
    let [images, labels] = idx_pair(3);
    let message = "byte 4: the number of records is 0, expected 1 or more";
    refused(&idx(&[0, 28, 28], &[]), &labels, "images", message);
    refused(&images, &idx(&[0], &[]), "labels", message);
    refused(
        &idx(&[3, 0, 28], &[]),
        &labels,
        "images",
        "byte 8: the side of an image is 0, expected 1 or more",
    );
    refused(
        &idx(&[3, 28, 0], &[]),
        &labels,
        "images",
        "byte 12: the side of an image is 0, expected 1 or more",
    );
}

#[test]
fn files_that_end_early() {
    let [images, labels] = idx_pair(3);
    let message = "record 2 at byte 1584 is cut short: expected 784 bytes, found 783";
    refused(&images[..images.len() - 1], &labels, "images", message);
    refused(&gzip(&images[..images.len() - 1]), &labels, "images", message);
    let message = "record 1 at byte 800 is cut short: expected 784 bytes, found 0";
    refused(&images[..800], &labels, "images", message);
    refused(&images, &labels[..10], "labels", "record 2 at byte 10 is cut short: expected 1 bytes, found 0");
}

#[test]
fn sizes_beyond_all_memory_are_a_truncated_file() {
    let labels = idx(&[1], &[0]);
    let images = idx(&[u32::MAX; 3], &[1, 2]);
    let message = "record 0 at byte 16 is cut short: expected 18446744065119617025 bytes, found 2";
    refused(&images, &labels, "images", message);
    let zipped = gzip(&images);
    let message = "bytes cannot hold the 79228162458924105385300197391 that the header promises";
    refused(&zipped, &labels, "images", &format!("damaged gzip file: {} {message}", zipped.len()));
}

#[test]
fn files_that_go_on() {
    let [images, labels] = idx_pair(3);
    let longer = |bytes: &[u8]| [bytes, &[0]].concat();
    let message = "byte 2368: expected the end of the file after 3 records, found more";
    refused(&longer(&images), &labels, "images", message);
    refused(&gzip(&longer(&images)), &labels, "images", message);
    let message = "byte 11: expected the end of the file after 3 records, found more";
    refused(&images, &longer(&labels), "labels", message);
}

#[test]
fn counts_that_differ() {
    let ([images, _], [_, labels]) = (idx_pair(3), idx_pair(4));
    let pair = Pair::new(&images, &labels);
    let message = pair.open().unwrap_err().to_string();
    let [images, labels] = [pair.images(), pair.labels()].map(|path| path.display().to_string());
    assert_eq!(message, format!("{labels}: 4 labels for the 3 images of {images}"));
}

#[test]
fn a_label_of_ten() {
    let [images, mut labels] = idx_pair(3);
    labels[8 + 1] = 10;
    refused(&images, &labels, "labels", "record 1, byte 9: the label is 10, expected 0 to 9");
}

#[test]
fn a_plain_file_that_changes_is_named_and_an_inflated_one_is_a_copy() {
    let [images, labels] = idx_pair(3);
    for (bytes, changes) in [(gzip(&images), false), (images, true)] {
        let dir = tempfile::tempdir().unwrap();
        let paths = ["images", "labels"].map(|name| dir.path().join(name));
        fs::write(&paths[0], bytes).unwrap();
        fs::write(&paths[1], &labels).unwrap();
        let opened = Images::open(&paths[0], &paths[1]).unwrap();
        opened.check_unchanged().unwrap();
        fs::File::options().append(true).open(&paths[0]).unwrap().set_len(5000).unwrap();
        let changed = opened.check_unchanged().map_err(|error| error.to_string());
        assert_eq!(changed.is_err(), changes);
        assert!(
            changed.is_ok()
                || changed.unwrap_err().contains("images: the file has 5000 bytes instead of 2368")
        );
    }
}

/// Found by `ferrotape-fuzz`: no memory is taken for what so few bytes cannot hold.
#[test]
fn a_gzip_file_that_promises_too_much() {
    let [_, labels] = idx_pair(3);
    let bomb = gzip(&[idx(&[3, 60_000, 60_000], &[]), vec![0; 100_000]].concat());
    let message = format!(
        "damaged gzip file: {} bytes cannot hold the 10800000016 that the header promises",
        bomb.len()
    );
    refused(&bomb, &labels, "images", &message);
}

#[test]
fn damaged_gzip_files() {
    let [images, labels] = idx_pair(3);
    let whole = gzip(&images);
    let message = |bytes: &[u8]| Pair::new(bytes, &labels).open().unwrap_err().to_string();
    let mut flipped = whole.clone();
    let checksum = whole.len() - 8;
    flipped[checksum] ^= 1;
    let garbage = [&whole[..], b"garbage"].concat();
    for (what, bytes) in
        [("cut short", &whole[..whole.len() - 9]), ("checksum", &flipped), ("garbage after", &garbage)]
    {
        assert!(message(bytes).contains("images: damaged gzip file: "), "{what}: {}", message(bytes));
        assert_eq!(message(bytes).lines().count(), 1);
    }
}

#[test]
fn missing_files_and_directories_are_named() {
    let [images, labels] = idx_pair(3);
    let pair = Pair::new(&images, &labels);
    let message = Images::open(pair.images(), pair.dir.path().join("nowhere")).unwrap_err().to_string();
    assert!(message.contains("nowhere: cannot open the file"), "{message}");
    let message = Images::open(pair.dir.path(), pair.labels()).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: cannot", pair.dir.path().display())), "{message}");
}

#[test]
#[should_panic(expected = "record 3 is asked for, there are 3")]
fn a_record_beyond_the_end_panics_with_both_numbers() {
    let [images, labels] = idx_pair(3);
    Pair::new(&images, &labels).open().unwrap().pixels(3);
}

#[test]
fn images_can_be_divided() {
    let [images, labels] = idx_pair(60);
    let images = Pair::new(&images, &labels).open().unwrap();
    let (train, validation) = split::balanced(&images, split::Holdout::PerClass(1), 1).unwrap();
    assert_eq!((train.len(), validation.len()), (50, 10));
}
