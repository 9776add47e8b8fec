//! What `--data` and `--data-dir` lead to.
mod common;

use common::{go_on, write_set};
use ferrotape_data::cifar::{self, DIRECTORY};
use ferrotape_data::synthetic::{self, Recipe};
use ferrotape_data::{Choice, DataSet, Error, resolve};
use std::fs;
use std::path::Path;
use tempfile::tempdir;

const SMALL: Recipe = Recipe { train_per_file: 4, test: 3, seed: 1 };

fn find(choice: Choice, dir: &Path) -> Result<DataSet, Error> {
    resolve(choice, dir, &SMALL, &mut go_on)
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
fn choices_are_read_and_written() {
    for choice in [Choice::Auto, Choice::Cifar10, Choice::Synthetic] {
        assert_eq!(choice.to_string().parse::<Choice>().unwrap(), choice);
    }
    let message = "mnist".parse::<Choice>().unwrap_err().to_string();
    assert_eq!(message, "data set 'mnist' is not known; expected auto, cifar10 or synthetic");
}
