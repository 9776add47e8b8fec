//! What `--data` and `--data-dir` lead to.
mod common;

use common::{go_on, write_mnist, write_set};
use ferrotape_data::cifar::{self, DIRECTORY};
use ferrotape_data::synthetic::{self, Form, Recipe};
use ferrotape_data::{Choice, DataSet, Error, mnist, resolve};
use std::fs;
use std::path::Path;
use tempfile::tempdir;

const SMALL: Recipe = Recipe { form: Form::Rgb32, train_per_file: 4, test: 3, seed: 1 };
const GRAY: Recipe = Recipe { form: Form::Gray28, train_per_file: 4, test: 3, seed: 1 };

fn find(choice: Choice, dir: &Path) -> Result<DataSet, Error> {
    resolve(choice, dir, &SMALL, &mut go_on)
}

fn find_gray(choice: Choice, dir: &Path) -> Result<DataSet, Error> {
    resolve(choice, dir, &GRAY, &mut go_on)
}

#[test]
fn auto_takes_cifar10_where_it_is() {
    let dir = tempdir().unwrap();
    write_set(&dir.path().join(DIRECTORY), [2; 6]);
    for at in [dir.path().to_owned(), dir.path().join(DIRECTORY)] {
        let data = find(Choice::Auto, &at).unwrap();
        assert_eq!((data.name, data.train.len(), data.test.len()), ("cifar10", 10, 2));
        assert_eq!(data.description, format!("cifar10 (10 training and 2 test images in {})", at.display()));
        assert_eq!(data.class_names, cifar::CLASS_NAMES);
    }
}

#[test]
fn auto_falls_back_and_says_so() {
    let dir = tempdir().unwrap();
    let data_dir = dir.path().join("new");
    let data = find(Choice::Auto, &data_dir).unwrap();
    assert_eq!((data.name, data.train.len(), data.test.len()), ("synthetic", 20, 3));
    let reason = format!("no CIFAR-10 found in {}", data_dir.display());
    assert_eq!(data.description, format!("synthetic (built-in procedural images; {reason})"));
    assert_eq!(data.class_names, synthetic::CLASS_NAMES);
    assert!(data_dir.join("synthetic").join(SMALL.directory_name()).is_dir());
    assert_eq!(find(Choice::Auto, &data_dir).unwrap().name, "synthetic");
}

#[test]
fn auto_does_not_hide_an_incomplete_cifar10() {
    let dir = tempdir().unwrap();
    write_set(&dir.path().join(DIRECTORY), [2; 6]);
    fs::remove_file(dir.path().join(DIRECTORY).join("data_batch_5.bin")).unwrap();
    let message = find(Choice::Auto, dir.path()).unwrap_err().to_string();
    assert!(message.contains("data_batch_5.bin: missing"), "{message}");
    assert!(!dir.path().join("synthetic").exists());
}

#[test]
fn auto_does_not_hide_a_damaged_cifar10() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [2, 2, 2, 0, 2, 2]);
    let message = find(Choice::Auto, dir.path()).unwrap_err().to_string();
    assert!(message.contains("data_batch_4.bin: the file is empty"), "{message}");
}

#[test]
fn synthetic_is_taken_even_beside_cifar10() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [2; 6]);
    let data = find(Choice::Synthetic, dir.path()).unwrap();
    assert_eq!((data.name, data.train.len()), ("synthetic", 20));
    let place = dir.path().display();
    assert_eq!(data.description, format!("synthetic (built-in procedural images; kept in {place})"));
}

#[test]
fn cifar10_is_never_replaced() {
    let dir = tempdir().unwrap();
    find(Choice::Synthetic, dir.path()).unwrap();
    let message = find(Choice::Cifar10, dir.path()).unwrap_err().to_string();
    assert!(
        message.starts_with(&format!("{}: no CIFAR-10 here; expected", dir.path().display())),
        "{message}"
    );
    let missing = find(Choice::Cifar10, &dir.path().join("nowhere")).unwrap_err().to_string();
    assert!(missing.contains("nowhere: no such directory"), "{missing}");
}

#[test]
fn a_synthetic_set_as_data_directory_is_not_taken_for_cifar10() {
    let dir = tempdir().unwrap();
    find(Choice::Synthetic, dir.path()).unwrap();
    let set = dir.path().join("synthetic").join(SMALL.directory_name());
    assert_eq!(find(Choice::Auto, &set).unwrap().name, "synthetic");
}

#[test]
fn gray_auto_takes_fashion_mnist_where_it_is() {
    let dir = tempdir().unwrap();
    let own = dir.path().join("fashion-mnist");
    write_set(&dir.path().join(DIRECTORY), [2; 6]);
    write_mnist(&dir.path().join("mnist"), 11, 12);
    write_mnist(&own, 20, 10);
    for at in [dir.path(), &own] {
        let data = find_gray(Choice::Auto, at).unwrap();
        assert_eq!((data.name, data.train.len(), data.test.len()), ("fashion-mnist", 20, 10));
        let place = at.display();
        assert_eq!(data.description, format!("fashion-mnist (20 training and 10 test images in {place})"));
        assert_eq!(data.class_names, mnist::FASHION_CLASS_NAMES);
    }
    // The recipe's form matters to `auto` alone.
    assert_eq!(find(Choice::Auto, dir.path()).unwrap().name, "cifar10");
    assert_eq!(find_gray(Choice::Cifar10, dir.path()).unwrap().name, "cifar10");
    let digits = find(Choice::Mnist, dir.path()).unwrap();
    assert_eq!((digits.name, digits.train.len(), digits.class_names[9]), ("mnist", 11, "9"));
    assert_eq!(find(Choice::FashionMnist, dir.path()).unwrap().train.len(), 20);
}

#[test]
fn gray_auto_falls_back_and_says_so() {
    let dir = tempdir().unwrap();
    let data = find_gray(Choice::Auto, dir.path()).unwrap();
    assert_eq!((data.name, data.train.len(), data.train.shape()), ("synthetic", 4, mnist::SHAPE));
    let reason = format!("no Fashion-MNIST found in {}", dir.path().display());
    assert_eq!(data.description, format!("synthetic (built-in procedural gray images; {reason})"));
    let set = dir.path().join("synthetic").join(GRAY.directory_name());
    assert!(set.is_dir());
    assert_eq!(find_gray(Choice::Auto, &set).unwrap().name, "synthetic");
    let message = find_gray(Choice::Mnist, &set).unwrap_err().to_string();
    assert!(message.contains("no MNIST here; expected train-images-idx3-ubyte, "), "{message}");
    assert!(message.ends_with("in this directory or in its mnist/"), "{message}");
}

#[test]
fn gray_auto_hides_neither_an_incomplete_nor_a_damaged_set() {
    let dir = tempdir().unwrap();
    let own = dir.path().join("fashion-mnist");
    write_mnist(&own, 20, 10);
    fs::write(own.join("t10k-labels-idx1-ubyte"), "x").unwrap();
    let message = find_gray(Choice::Auto, dir.path()).unwrap_err().to_string();
    assert!(message.contains("t10k-labels-idx1-ubyte: the header is cut short"), "{message}");
    fs::remove_file(own.join("t10k-labels-idx1-ubyte")).unwrap();
    let message = find_gray(Choice::Auto, dir.path()).unwrap_err().to_string();
    assert!(
        message.contains("t10k-labels-idx1-ubyte: missing, though train-images-idx3-ubyte is"),
        "{message}"
    );
    assert!(!dir.path().join("synthetic").exists());
}

#[test]
fn choices_are_read_and_written() {
    for choice in [Choice::Auto, Choice::Cifar10, Choice::Mnist, Choice::FashionMnist, Choice::Synthetic] {
        assert_eq!(choice.to_string().parse::<Choice>().unwrap(), choice);
    }
    let message = "imagenet".parse::<Choice>().unwrap_err().to_string();
    assert_eq!(
        message,
        "data set 'imagenet' is not known; expected auto, cifar10, mnist, fashion-mnist or synthetic"
    );
}
