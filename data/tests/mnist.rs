//! The four files of MNIST and Fashion-MNIST.
mod common;

use common::{gzip, idx, write_mnist};
use ferrotape_autograd::Source;
use ferrotape_data::mnist::{TEST_FILES, TRAIN_FILES};
use ferrotape_data::{Holdout, Mnist, Published, sample, split};
use std::fs;
use std::path::Path;
use tempfile::tempdir;

/// Training images of each digit in MNIST.
const DIGITS: [usize; 10] = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];

/// Replaces the training files by black images with so many labels of each class, gzipped.
fn write_counts(dir: &Path, counts: [usize; 10]) {
    let labels: Vec<u8> = (0..10).flat_map(|class| vec![class; counts[usize::from(class)]]).collect();
    let n = labels.len() as u32;
    let files = [idx(&[n, 28, 28], &vec![0; labels.len() * 784]), idx(&[n], &labels)];
    for (name, bytes) in TRAIN_FILES.into_iter().zip(files) {
        fs::remove_file(dir.join(name)).unwrap();
        fs::write(dir.join(format!("{name}.gz")), gzip(&bytes)).unwrap();
    }
}

#[test]
fn plain_files_come_before_gzipped_ones() {
    let dir = tempdir().unwrap();
    write_mnist(dir.path(), 20, 10);
    fs::write(dir.path().join("t10k-labels-idx1-ubyte.gz"), "not looked at").unwrap();
    assert_eq!(Mnist::open(dir.path()).unwrap().test().len(), 10);
    for name in TEST_FILES.into_iter().chain(TRAIN_FILES) {
        let plain = fs::read(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(format!("{name}.gz")), gzip(&plain)).unwrap();
        fs::remove_file(dir.path().join(name)).unwrap();
    }
    let set = Mnist::open(dir.path()).unwrap();
    assert_eq!((set.train().len(), set.test().len()), (20, 10));
    assert_eq!(set.train().pixels(17), [17; 784]);
}

#[test]
fn images_of_another_size_are_refused() {
    let dir = tempdir().unwrap();
    write_mnist(dir.path(), 20, 10);
    let path = dir.path().join(TEST_FILES[0]);
    fs::write(&path, idx(&[10, 28, 32], &[0; 28 * 32 * 10])).unwrap();
    let message = Mnist::open(dir.path()).unwrap_err().to_string();
    assert_eq!(message, format!("{}: byte 8: the images have 28x32 pixels, expected 28x28", path.display()));
}

#[test]
fn digits_and_clothes_are_told_apart() {
    let dir = tempdir().unwrap();
    write_mnist(dir.path(), 20, 10);
    write_counts(dir.path(), DIGITS);
    assert_eq!(Published::Mnist.open(dir.path()).unwrap().train.len(), 60_000);
    let message = Published::FashionMnist.open(dir.path()).unwrap_err().to_string();
    let place = dir.path().display();
    let expected = "these are the images of MNIST (by the number in each class), expected Fashion-MNIST; \
                    ask for --data mnist";
    assert_eq!(message, format!("{place}: {expected}"));

    let dir = tempdir().unwrap();
    write_mnist(dir.path(), 20, 10);
    write_counts(dir.path(), [6_000; 10]);
    assert_eq!(Published::FashionMnist.open(dir.path()).unwrap().train.len(), 60_000);
    let message = Published::Mnist.open(dir.path()).unwrap_err().to_string();
    assert!(message.contains("the images of Fashion-MNIST") && message.contains("--data fashion-mnist"));
}

#[test]
fn the_split_takes_600_of_each_digit() {
    let dir = tempdir().unwrap();
    write_mnist(dir.path(), 20, 10);
    write_counts(dir.path(), DIGITS);
    let source = Mnist::open(dir.path()).unwrap().train();
    let (train, validation) = split::balanced(&*source, Holdout::Percent(10), 1).unwrap();
    let counts = |records: &[u32]| {
        let mut counts = [0; 10];
        records.iter().for_each(|&record| counts[usize::from(source.label(record as usize))] += 1);
        counts
    };
    assert_eq!((train.len(), validation.len()), (54_000, 6_000));
    assert_eq!(counts(&validation), [600; 10]);
    assert_eq!(counts(&train), DIGITS.map(|n| n - 600));
}

#[test]
fn a_sample_is_the_first_of_each_class() {
    let dir = tempdir().unwrap();
    write_mnist(dir.path(), 25, 10);
    let source = Mnist::open(dir.path()).unwrap().train();
    let two = sample(&*source, 2);
    assert_eq!(two, (0..10).map(|class| vec![class, class + 10]).collect::<Vec<_>>());
    // Classes 5 to 9 have only two.
    let lengths: Vec<_> = sample(&*source, 3).iter().map(Vec::len).collect();
    assert_eq!(lengths, [3, 3, 3, 3, 3, 2, 2, 2, 2, 2]);
    assert_eq!(sample(&*source, 0), vec![vec![]; 10]);
}
