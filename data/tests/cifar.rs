//! Reading files in the CIFAR-10 binary layout: what is right, and every way of being wrong.
mod common;

use common::{names, record, write_set};
use ferrotape_autograd::Source;
use ferrotape_data::cifar::DIRECTORY;
use ferrotape_data::{Cifar10, Error, RECORD_BYTES, Records, SHAPE};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::tempdir;

/// The message of the error that opening `dir` gives, which must be one line.
fn message(dir: &Path) -> String {
    let message = Cifar10::open(dir).expect_err("the set is damaged").to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

/// Sets the time of the last write a minute ahead, as a write a minute later would.
fn touch(path: &Path) {
    let file = fs::File::options().append(true).open(path).unwrap();
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(60)).unwrap();
}

#[test]
fn files_that_change_while_they_are_mapped_are_named() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [2; 6]);
    let path = dir.path().join("data_batch_3.bin");
    let open = || Cifar10::open(dir.path()).unwrap().train();
    let message = |train: Arc<Records>| train.check_unchanged().unwrap_err().to_string();
    let train = open();
    train.check_unchanged().unwrap();
    touch(&path);
    let expected = "the file was written to since it was opened; replace data files by renaming";
    assert_eq!(message(train), format!("{}: {expected}", path.display()));
    let train = open();
    fs::File::options().append(true).open(&path).unwrap().set_len(3 * RECORD_BYTES as u64).unwrap();
    assert!(message(train).contains("data_batch_3.bin: the file has 9219 bytes instead of 6146 since"));
    // Renaming puts another file there; the one that was opened is what it was.
    let train = open();
    let before = train.pixels(5).to_vec();
    fs::write(dir.path().join("new"), record(7, 1).repeat(2)).unwrap();
    fs::rename(dir.path().join("new"), &path).unwrap();
    train.check_unchanged().unwrap();
    assert_eq!(train.pixels(5), before);
}

#[test]
fn records_are_numbered_through_the_files() {
    let dir = tempdir().unwrap();
    let sizes = [3, 1, 12, 2, 4, 5];
    write_set(dir.path(), sizes);
    let set = Cifar10::open(dir.path()).unwrap();
    let train = set.train();
    assert_eq!((train.len(), set.test().len()), (22, 5));
    assert_eq!((train.shape(), train.classes()), (SHAPE, 10));
    let expected = (0..5).flat_map(|file| (0..sizes[file]).map(move |at| record(file, at)));
    for (number, expected) in expected.enumerate() {
        assert_eq!(train.label(number), expected[0], "record {number}");
        assert_eq!(train.pixels(number), &expected[1..], "record {number}");
    }
    assert_eq!(set.test().pixels(4), &record(5, 4)[1..]);
}

#[test]
fn records_outlive_the_set_and_cross_threads() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [1; 6]);
    let train: Arc<dyn Source> = Cifar10::open(dir.path()).unwrap().train();
    let label = std::thread::spawn(move || train.label(0)).join().unwrap();
    assert_eq!(label, 0);
}

#[test]
fn the_archives_own_directory_comes_first() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [1; 6]);
    write_set(&dir.path().join(DIRECTORY), [2; 6]);
    assert_eq!(Cifar10::open(dir.path()).unwrap().train().len(), 10);
    assert_eq!(Cifar10::open(dir.path().join(DIRECTORY)).unwrap().train().len(), 10);
}

#[test]
fn a_missing_directory_is_named() {
    let dir = tempdir().unwrap().path().join("nowhere");
    let expected = format!("{}: no such directory; expected data_batch_1.bin to ", dir.display());
    assert!(message(&dir).starts_with(&expected), "{}", message(&dir));
}

#[test]
fn an_empty_directory_is_told_from_a_missing_one() {
    let dir = tempdir().unwrap();
    assert!(matches!(Cifar10::open(dir.path()), Err(Error::NoSet { .. })));
    assert!(
        message(dir.path())
            .contains("no CIFAR-10 here; expected data_batch_1.bin to data_batch_5.bin and test_batch")
    );
}

#[test]
fn each_missing_file_is_named() {
    for name in names() {
        let dir = tempdir().unwrap();
        write_set(dir.path(), [1; 6]);
        let path = dir.path().join(name);
        fs::remove_file(&path).unwrap();
        let beside = if name == "data_batch_1.bin" { "data_batch_2.bin" } else { "data_batch_1.bin" };
        let expected =
            format!("{}: missing, though {beside} is there; the set is incomplete", path.display());
        assert_eq!(message(dir.path()), expected);
    }
}

#[test]
fn an_empty_file_is_named() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [1, 1, 0, 1, 1, 1]);
    let path = dir.path().join("data_batch_3.bin");
    let expected = format!("{}: the file is empty; expected records of 3073 bytes", path.display());
    assert_eq!(message(dir.path()), expected);
}

#[test]
fn a_truncated_file_is_named_with_record_and_byte() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [4; 6]);
    let path = dir.path().join("data_batch_2.bin");
    fs::write(&path, &fs::read(&path).unwrap()[..3 * RECORD_BYTES + 100]).unwrap();
    let expected =
        format!("{}: record 3 at byte 9219 is cut short: expected 3073 bytes, found 100", path.display());
    assert_eq!(message(dir.path()), expected);
}

#[test]
fn a_label_of_twelve_is_named_with_record_and_byte() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [4; 6]);
    let path = dir.path().join("test_batch.bin");
    let mut bytes = fs::read(&path).unwrap();
    bytes[2 * RECORD_BYTES] = 12;
    fs::write(&path, bytes).unwrap();
    let expected = format!("{}: record 2, byte 6146: the label is 12, expected 0 to 9", path.display());
    assert_eq!(message(dir.path()), expected);
}

#[test]
fn a_directory_in_a_files_place_is_an_error() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [1; 6]);
    let path = dir.path().join("data_batch_4.bin");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(message(dir.path()).starts_with(&format!("{}: ", path.display())));
}

#[test]
fn a_file_replaced_by_renaming_leaves_the_open_set_as_it_was() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [2; 6]);
    let set = Cifar10::open(dir.path()).unwrap();
    let other = dir.path().join("other");
    fs::write(&other, [0; RECORD_BYTES]).unwrap();
    fs::rename(&other, dir.path().join("test_batch.bin")).unwrap();
    assert_eq!(set.test().pixels(1), &record(5, 1)[1..]);
}

#[test]
#[should_panic(expected = "record 2 is asked for, there are 2")]
fn a_record_beyond_the_end_panics_with_both_numbers() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [2; 6]);
    Cifar10::open(dir.path()).unwrap().test().pixels(2);
}

#[test]
fn debug_output_names_the_files_not_their_bytes() {
    let dir = tempdir().unwrap();
    write_set(dir.path(), [2; 6]);
    let text = format!("{:?}", Records::open(&[dir.path().join("test_batch.bin")]).unwrap());
    assert!(text.contains("test_batch.bin") && text.ends_with("len: 2 }"), "{text}");
}
