//! Downloads from a server of our own: whole, broken, resumed, wrong.
#![cfg(feature = "download")]
mod common;
#[path = "common/packages.rs"]
mod packages;
#[path = "common/server.rs"]
mod server;

use common::{gzip, write_mnist};
use ferrotape_autograd::Source;
use ferrotape_data::download::{Outcome, Package, Progress};
use ferrotape_data::mnist::{TEST_FILES, TRAIN_FILES};
use ferrotape_data::{Cifar10, Mnist, Published};
use packages::{ARCHIVE, archive, asked, cifar10, fashion, fetch, files, go_on, message, package, part};
use server::{Manner, Server};
use std::fs::{self, File};
use std::ops::ControlFlow;
use tempfile::tempdir;

#[test]
fn four_files_are_fetched_and_appear_together() {
    let (set, dir) = (fashion(), tempdir().unwrap());
    let (server, package) = (Server::start(&set, &[]), package(Published::FashionMnist, &set));
    let own = dir.path().join("fashion-mnist");
    let mut seen = Vec::new();
    let outcome = package.clone().mirrored(&server.base()).fetch_into(dir.path(), &mut |progress| {
        seen.push((progress.file.to_owned(), progress.received, progress.total));
        assert!(files(dir.path()).iter().all(|name| name.ends_with(".part")));
        ControlFlow::Continue(())
    });
    assert_eq!(outcome.unwrap(), Outcome::Fetched(own.clone()));
    let opened = Mnist::open(&own).unwrap();
    assert_eq!((opened.train().len(), opened.test().len()), (20, 10));
    for (name, bytes) in &set {
        let last = seen.iter().rfind(|(file, ..)| file == name).unwrap();
        assert_eq!(last, &((*name).to_owned(), bytes.len() as u64, Some(bytes.len() as u64)));
    }
    assert_eq!(fetch(&package, &server, dir.path()).unwrap(), Outcome::AlreadyThere(own));
}

#[test]
fn what_lies_in_the_data_directory_itself_is_not_fetched() {
    let (set, dir) = (fashion(), tempdir().unwrap());
    let package = package(Published::FashionMnist, &set).mirrored("http://127.0.0.1:1/");
    write_mnist(dir.path(), 20, 10);
    let outcome = package.fetch_into(dir.path(), &mut go_on).unwrap();
    assert_eq!(outcome, Outcome::AlreadyThere(dir.path().to_owned()));
    fs::remove_file(dir.path().join(TEST_FILES[1])).unwrap();
    let message = message(package.fetch_into(dir.path(), &mut go_on));
    assert!(message.contains(&format!("{}: missing, though {} is there", TEST_FILES[1], TRAIN_FILES[0])));
}

#[test]
fn a_broken_connection_is_opened_again_where_it_broke() {
    let bytes = archive(&[], &[]);
    let (server, package, dir) = cifar10(bytes, &[Manner::Breaks(100), Manner::Breaks(50)]);
    fetch(&package, &server, dir.path()).unwrap();
    let expected = [asked(ARCHIVE, None), asked(ARCHIVE, Some(100)), asked(ARCHIVE, Some(150))];
    assert_eq!(server.requests(), expected);
    Cifar10::open(dir.path()).unwrap();
}

#[test]
fn a_repeat_goes_on_where_a_dead_connection_stopped() {
    let bytes = archive(&[], &[]);
    let (server, package, dir) = cifar10(bytes.clone(), &[Manner::Breaks(100), Manner::Breaks(0)]);
    let text = message(fetch(&package, &server, dir.path()));
    assert!(text.starts_with(&format!("{}{ARCHIVE}: ", server.base())), "{text}");
    let kept = format!("; 100 bytes are kept in {}, a repeat goes on from there", part(&dir).display());
    assert!(text.ends_with(&kept), "{text}");
    assert_eq!(fs::read(part(&dir)).unwrap(), &bytes[..100]);
    fetch(&package, &server, dir.path()).unwrap();
    assert_eq!(server.requests()[2..], [asked(ARCHIVE, Some(100))]);
    assert!(!part(&dir).exists());
}

#[test]
fn a_server_that_ignores_ranges_sends_all_again() {
    let (server, package, dir) = cifar10(archive(&[], &[]), &[Manner::Breaks(100), Manner::IgnoresRange]);
    fetch(&package, &server, dir.path()).unwrap();
    assert_eq!(server.requests(), [asked(ARCHIVE, None), asked(ARCHIVE, Some(100))]);
    Cifar10::open(dir.path()).unwrap();
}

#[test]
fn a_part_that_cannot_be_gone_on_with_is_begun_anew() {
    let bytes = archive(&[], &[]);
    for (manner, length) in [(Manner::Well, bytes.len() + 7), (Manner::OtherRange, 100)] {
        let (server, package, dir) = cifar10(bytes.clone(), &[manner]);
        fs::write(part(&dir), vec![0; length]).unwrap();
        fetch(&package, &server, dir.path()).unwrap();
        assert_eq!(server.requests(), [asked(ARCHIVE, Some(length)), asked(ARCHIVE, None)], "{manner:?}");
    }
}

#[test]
fn a_part_that_is_whole_needs_no_server() {
    let bytes = archive(&[], &[]);
    let (server, package, dir) = cifar10(bytes.clone(), &[]);
    fs::write(part(&dir), bytes).unwrap();
    fetch(&package, &server, dir.path()).unwrap();
    assert_eq!(server.requests(), []);
    Cifar10::open(dir.path()).unwrap();
}

#[test]
fn a_wrong_checksum_is_told_and_the_file_removed() {
    let (server, mut package, dir) = cifar10(archive(&[], &[]), &[]);
    let (found, expected) = (package.files[0].md5.clone(), "0".repeat(32));
    package.files[0].md5 = expected.clone();
    let url = format!("{}{ARCHIVE}", server.base());
    let text = format!("{url}: the MD5 of what came is {found}, expected {expected}; it was removed");
    assert_eq!(message(fetch(&package, &server, dir.path())), text);
    assert_eq!(files(dir.path()), [""; 0]);

    let set = fashion();
    let (server, mut package) = (Server::start(&set, &[]), packages::package(Published::FashionMnist, &set));
    package.files[1].md5 = expected;
    let text = message(fetch(&package, &server, dir.path()));
    assert!(text.contains("train-labels-idx1-ubyte.gz: the MD5"), "{text}");
    // The good file waits for a repeat, under a name that nothing reads.
    assert_eq!(files(dir.path()), ["train-images-idx3-ubyte.gz.part"]);
    assert_eq!(Published::FashionMnist.find(dir.path()).unwrap(), None);
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let (server, _, dir) = cifar10(archive(&[], &[]), &[]);
    let package = Package::of(Published::FashionMnist).unwrap();
    let url = format!("{}train-images-idx3-ubyte.gz", server.base());
    let text = message(fetch(&package, &server, dir.path()));
    assert_eq!(text, format!("{url}: the server answers 404 Not Found, expected 200 OK"));
    assert_eq!(files(dir.path()), [""; 0]);
    assert!(!dir.path().join("fashion-mnist").exists());
}

#[test]
fn a_server_that_is_gone_is_told() {
    let (server, package, dir) = cifar10(archive(&[], &[]), &[]);
    let package = package.mirrored(&server.base());
    let url = format!("{}{ARCHIVE}", server.base());
    drop(server);
    let text = message(package.fetch_into(dir.path(), &mut go_on));
    assert!(text.starts_with(&format!("{url}: ")) && text.to_lowercase().contains("refused"), "{text}");
    assert_eq!(files(dir.path()), [""; 0]);
    let text = message(package.mirrored("no address").fetch_into(dir.path(), &mut go_on));
    assert!(text.starts_with("no address/cifar-10-binary.tar.gz: "), "{text}");
}

#[test]
fn a_wish_to_stop_keeps_what_came() {
    // Longer than one piece of the transfer: what follows the archive's end is not looked at.
    let padding: Vec<u8> =
        (0..200_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let bytes = [archive(&[], &[]), gzip(&padding)].concat();
    let (server, package, dir) = cifar10(bytes, &[]);
    let package = package.mirrored(&server.base());
    let mut stop = |progress: Progress<'_>| match progress.received {
        0 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let error = package.fetch_into(dir.path(), &mut stop).unwrap_err();
    assert!(error.is_stop());
    let kept = fs::metadata(part(&dir)).unwrap().len();
    let place = part(&dir);
    let text = format!(
        "the download was stopped; {kept} bytes are kept in {}, a repeat goes on from there",
        place.display()
    );
    assert_eq!(error.to_string(), text);
    package.fetch_into(dir.path(), &mut go_on).unwrap();
    assert_eq!(server.requests(), [asked(ARCHIVE, None), asked(ARCHIVE, Some(kept as usize))]);
}

#[test]
fn only_one_process_downloads() {
    let (server, package, dir) = cifar10(archive(&[], &[]), &[]);
    let lock = File::create(dir.path().join(".cifar-10-batches-bin.lock")).unwrap();
    lock.lock().unwrap();
    let text = message(fetch(&package, &server, dir.path()));
    let own = dir.path().join("cifar-10-batches-bin");
    assert_eq!(text, format!("{}: another process is downloading this set", own.display()));
    drop(lock);
    fetch(&package, &server, dir.path()).unwrap();
}

#[test]
fn the_published_addresses() {
    let cifar10 = Package::of(Published::Cifar10).unwrap();
    assert_eq!(
        format!("{}{}", cifar10.base, cifar10.files[0].name),
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
    );
    let fashion = Package::of(Published::FashionMnist).unwrap();
    assert_eq!(fashion.files.len(), 4);
    for file in cifar10.files.iter().chain(&fashion.files) {
        assert!(file.md5.len() == 32 && file.md5.bytes().all(|b| b.is_ascii_hexdigit()), "{file:?}");
    }
    let text = Package::of(Published::Mnist).unwrap_err().to_string();
    assert!(text.starts_with("MNIST is not downloaded, only read; put train-images-idx3-ubyte, "), "{text}");
    assert!(text.ends_with("into mnist/ in the data directory"), "{text}");
}
