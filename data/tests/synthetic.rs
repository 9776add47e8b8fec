//! The built-in images: the same bytes everywhere, whole or not at all.
mod common;

use common::{go_on, names};
use ferrotape_autograd::Source;
use ferrotape_data::synthetic::{CLASS_NAMES, Form, MANIFEST, Progress, Recipe, ensure};
use ferrotape_data::{Cifar10, Error, Published, mnist};
use std::fs;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tempfile::tempdir;

const SMALL: Recipe = Recipe { form: Form::Rgb32, train_per_file: 20, test: 30, seed: 1 };
const GRAY: Recipe = Recipe { form: Form::Gray28, train_per_file: 100, test: 30, seed: 1 };

fn must_not_draw(_: Progress) -> ControlFlow<()> {
    panic!("a complete set is drawn again")
}

/// FNV-1a, 64 bits, over all files of images and labels.
fn digest(dir: &Path, recipe: &Recipe) -> u64 {
    let names: Vec<_> = match recipe.form {
        Form::Rgb32 => names().collect(),
        Form::Gray28 => mnist::TRAIN_FILES.into_iter().chain(mnist::TEST_FILES).collect(),
    };
    let bytes = names.into_iter().flat_map(|name| fs::read(dir.join(name)).unwrap());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn digest_of(recipe: &Recipe) -> u64 {
    let dir = tempdir().unwrap();
    ensure(dir.path().join("set"), recipe, &mut go_on).unwrap();
    digest(&dir.path().join("set"), recipe)
}

/// Names in `dir` but for lock files.
fn entries(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".lock")).collect()
}

#[test]
fn the_bytes_are_these_for_ever() {
    // If they are meant to change, count `GENERATOR` up: directories are told apart by it.
    assert_eq!(format!("{:016x}", digest_of(&SMALL)), "d96770c6b238767b");
    assert_eq!(format!("{:016x}", digest_of(&GRAY)), "40c3c1e4def4f362");
}

#[test]
fn seeds_give_different_images() {
    assert_ne!(digest_of(&Recipe { seed: 2, ..SMALL }), digest_of(&SMALL));
}

#[test]
fn every_file_holds_equally_many_of_each_class_in_random_order() {
    equally_many(&SMALL);
    equally_many(&GRAY);
}

fn equally_many(recipe: &Recipe) {
    let dir = tempdir().unwrap();
    let set = ensure(dir.path().join("set"), recipe, &mut go_on).unwrap();
    let labels =
        |source: &dyn Source| (0..source.len()).map(|record| source.label(record)).collect::<Vec<_>>();
    let (train, test) = (labels(&*set.train()), labels(&*set.test()));
    assert_eq!((train.len(), test.len()), (100, 30));
    let (size, of_a_class) = (recipe.train_per_file, recipe.train_per_file / 10);
    for (file, each) in train.chunks(size).map(|file| (file, of_a_class)).chain([(&test[..], 3)]) {
        let counts =
            [0_u8, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|class| file.iter().filter(|&&l| l == class).count());
        assert_eq!(counts, [each; 10]);
        assert!(!file.is_sorted());
    }
}

#[test]
fn no_two_images_are_alike_and_none_is_flat() {
    distinct(&SMALL);
    distinct(&GRAY);
}

fn distinct(recipe: &Recipe) {
    let dir = tempdir().unwrap();
    let set = ensure(dir.path().join("set"), recipe, &mut go_on).unwrap();
    assert_eq!((set.train().shape(), set.test().shape()), (recipe.form.shape(), recipe.form.shape()));
    let (train, test) = (set.train(), set.test());
    let mut images: Vec<&[u8]> = (0..100).map(|record| train.pixels(record)).collect();
    images.extend((0..30).map(|record| test.pixels(record)));
    for image in &images {
        let (low, high) = (image.iter().min().unwrap(), image.iter().max().unwrap());
        assert!(high - low > 100, "from {low} to {high}");
    }
    images.sort_unstable();
    images.dedup();
    assert_eq!(images.len(), 130);
}

#[test]
fn the_test_images_do_not_depend_on_the_number_of_training_images() {
    let dir = tempdir().unwrap();
    let draw = |name: &str, train_per_file| {
        let recipe = Recipe { train_per_file, ..SMALL };
        ensure(dir.path().join(name), &recipe, &mut go_on).unwrap();
        fs::read(dir.path().join(name).join("test_batch.bin")).unwrap()
    };
    assert_eq!(draw("a", 5), draw("b", 10));
}

#[test]
fn a_complete_gray_set_is_left_alone() {
    let dir = tempdir().unwrap();
    let set = dir.path().join("set");
    ensure(&set, &GRAY, &mut go_on).unwrap();
    ensure(&set, &GRAY, &mut must_not_draw).unwrap();
    fs::write(set.join("t10k-labels-idx1-ubyte"), [0; 7]).unwrap();
    let refused = ensure(&set, &GRAY, &mut must_not_draw).unwrap_err().to_string();
    assert!(refused.contains("t10k-labels-idx1-ubyte: expected the synthetic set"), "{refused}");
    assert!(refused.contains("form gray28") && refused.contains("7 bytes instead of 38"), "{refused}");
}

#[test]
fn a_complete_set_is_left_alone() {
    let dir = tempdir().unwrap();
    let set = dir.path().join("deeper/set");
    ensure(&set, &SMALL, &mut go_on).unwrap();
    let modified = || names().map(|name| fs::metadata(set.join(name)).unwrap().modified().unwrap());
    let before: Vec<_> = modified().collect();
    ensure(&set, &SMALL, &mut must_not_draw).unwrap();
    assert!(modified().eq(before));
    assert_eq!(fs::read_to_string(set.join("batches.meta.txt")).unwrap().lines().count(), CLASS_NAMES.len());
}

#[test]
fn progress_counts_up_to_the_whole() {
    let dir = tempdir().unwrap();
    let mut seen = Vec::new();
    let recipe = Recipe { train_per_file: 30, test: 60, ..SMALL };
    ensure(dir.path().join("set"), &recipe, &mut |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, [0, 100, 200, 210].map(|done| Progress { done, total: 210 }));
}

#[test]
fn stopping_leaves_nothing_behind() {
    let dir = tempdir().unwrap();
    let set = dir.path().join("set");
    let mut stop =
        |at: Progress| if at.done == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let error = ensure(&set, &SMALL, &mut stop).unwrap_err();
    assert!(matches!(error, Error::Stopped { .. }), "{error}");
    assert!(entries(dir.path()).is_empty());
    ensure(&set, &SMALL, &mut go_on).unwrap();
}

#[test]
fn a_panic_leaves_nothing_behind() {
    let dir = tempdir().unwrap();
    let set = dir.path().join("set");
    let interrupted = catch_unwind(AssertUnwindSafe(|| ensure(&set, &SMALL, &mut must_not_draw)));
    assert!(interrupted.is_err());
    assert!(entries(dir.path()).is_empty());
}

#[test]
fn what_a_killed_process_left_is_cleared_away() {
    let dir = tempdir().unwrap();
    let partial = dir.path().join(".set.partial");
    fs::create_dir(&partial).unwrap();
    fs::write(partial.join("data_batch_1.bin"), "half a rec").unwrap();
    ensure(dir.path().join("set"), &SMALL, &mut go_on).unwrap();
    assert_eq!(entries(dir.path()), ["set"]);
}

#[test]
fn an_empty_directory_is_filled() {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("set")).unwrap();
    ensure(dir.path().join("set"), &SMALL, &mut go_on).unwrap();
}

#[test]
fn many_at_once_agree() {
    let dir = tempdir().unwrap();
    let set = dir.path().join("set");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(ensure(&set, &SMALL, &mut go_on).unwrap().train().len(), 100));
        }
    });
    assert_eq!(entries(dir.path()), ["set"]);
}

#[test]
fn a_set_that_was_tampered_with_is_not_touched() {
    let dir = tempdir().unwrap();
    let set = dir.path().join("set");
    ensure(&set, &SMALL, &mut go_on).unwrap();
    let refused = |recipe: &Recipe| ensure(&set, recipe, &mut must_not_draw).unwrap_err().to_string();

    let other = refused(&Recipe { seed: 2, ..SMALL });
    assert!(other.contains("seed 2") && other.contains("but holds 'ferrotape synthetic images"), "{other}");

    fs::write(set.join("data_batch_2.bin"), [0; 7]).unwrap();
    assert!(refused(&SMALL).contains("data_batch_2.bin: expected the synthetic set"), "{}", refused(&SMALL));
    assert!(
        refused(&SMALL).contains("has 7 bytes instead of 61460; remove the directory"),
        "{}",
        refused(&SMALL)
    );

    fs::remove_file(set.join(MANIFEST)).unwrap();
    assert!(refused(&SMALL).contains("synthetic.txt: expected the synthetic set"), "{}", refused(&SMALL));
    assert_eq!(refused(&SMALL).lines().count(), 1);
}

#[test]
fn a_size_of_zero_is_refused() {
    let dir = tempdir().unwrap();
    let error = ensure(dir.path().join("set"), &Recipe { test: 0, ..SMALL }, &mut go_on).unwrap_err();
    assert_eq!(error.to_string(), "synthetic test images is 0, expected 1 to 4294967295");
    assert!(entries(dir.path()).is_empty());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let error = ensure(dir.path().join("file/set"), &SMALL, &mut go_on).unwrap_err();
    assert!(error.to_string().contains(&dir.path().join("file").display().to_string()), "{error}");
}

#[test]
fn synthetic_images_do_not_pass_for_published_ones() {
    let dir = tempdir().unwrap();
    ensure(dir.path().join("set"), &SMALL, &mut go_on).unwrap();
    assert!(matches!(Cifar10::open(dir.path().join("set")), Err(Error::NoSet { .. })));
    ensure(dir.path().join("gray"), &GRAY, &mut go_on).unwrap();
    for set in [Published::Mnist, Published::FashionMnist] {
        assert!(matches!(set.open(&dir.path().join("gray")), Err(Error::NoSet { .. })));
    }
}
