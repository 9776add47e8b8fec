//! Files are complete or absent: full disk, folders in the way, devices, permissions.

mod support;

use std::fs;
use std::io;
use std::path::Path;

use ferrotape_experiments::output::{self, Error, OutDir};
use support::{SmallDisk, files};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("temporary folder")
}

#[test]
fn a_failed_write_leaves_the_earlier_file() {
    let folder = folder();
    let path = folder.path().join("result.json");
    output::write_bytes(&path, b"earlier").expect("first write");
    let error = output::write_with(&path, |out| {
        out.write_all(b"half")?;
        Err(io::Error::other("power cut"))
    });
    let error = error.expect_err("must fail").to_string();
    assert!(error.contains("result.json") && error.contains("power cut"), "{error}");
    assert_eq!(fs::read(&path).expect("file is there"), b"earlier");
    assert_eq!(files(folder.path()), ["result.json"]);
    output::write_bytes(&path, b"later").expect("second write");
    assert_eq!(fs::read(&path).expect("file is there"), b"later");
}

#[test]
fn a_folder_below_a_file_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, b"").expect("file is written");
    let below = file.join("deep").join("out");
    let blocker = |error: Error| match error {
        Error::NotAFolder { path, blocker } => (path, blocker),
        other => panic!("expected NotAFolder, got {other}"),
    };
    let error = OutDir::create(&below).expect_err("must fail");
    assert!(error.to_string().contains("expected a folder"), "{error}");
    assert_eq!(blocker(error), (below.clone(), file.clone()));
    let error = output::write_bytes(&below.join("x.json"), b"").expect_err("must fail");
    assert_eq!(blocker(error), (below, file.clone()));
    let error = OutDir::create(&file).expect_err("must fail");
    assert_eq!(blocker(error), (file.clone(), file));
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let folder = folder();
    let error = output::write_bytes(folder.path(), b"").expect_err("must fail").to_string();
    assert!(error.contains("found a folder"), "{error}");
    let error = output::write_bytes(Path::new("/dev/null"), b"x").expect_err("must fail");
    assert!(error.to_string().contains("found a device"), "{error}");
    assert!(!fs::metadata("/dev/null").expect("device").is_file());
}

#[test]
fn folders_are_made_and_missing_ones_are_errors() {
    let folder = folder();
    let out = OutDir::create(folder.path().join("a/b")).expect("folder is made");
    let path = out.write_bytes("x.txt", b"1").expect("file is written");
    assert_eq!(path, out.path().join("x.txt"));
    let path = out.write_with("y.txt", |out| out.write_all(b"2")).expect("file is written");
    assert_eq!(fs::read(path).expect("file is there"), b"2");
    assert_eq!(files(out.path()), ["x.txt", "y.txt"]);
    let error = output::write_bytes(&folder.path().join("none/x"), b"").expect_err("must fail");
    assert!(error.to_string().contains("none/x"), "{error}");
}

#[cfg(unix)]
#[test]
fn files_get_ordinary_permissions_and_links_stay_links() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let (plain, link) = (folder.path().join("plain"), folder.path().join("link"));
    output::write_bytes(&plain, b"1").expect("file is written");
    let ordinary = folder.path().join("ordinary");
    fs::write(&ordinary, b"").expect("file is written");
    let mode = |path: &Path| fs::metadata(path).expect("file").permissions().mode();
    assert_eq!(mode(&plain), mode(&ordinary));
    std::os::unix::fs::symlink(&plain, &link).expect("link is made");
    output::write_bytes(&link, b"2").expect("file is written");
    assert!(fs::symlink_metadata(&link).expect("link").is_symlink());
    assert_eq!(fs::read(&plain).expect("file is there"), b"2");
}

#[test]
fn a_full_disk_is_reported_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount(64) else { return };
    let path = disk.path().join("curve.json");
    output::write_bytes(&path, &[b'1'; 1000]).expect("a kilobyte fits");
    for size in [65 << 10, 1 << 20] {
        let error = output::write_bytes(&path, &vec![b'2'; size]).expect_err("must be full");
        let Error::Io { source, path: named, .. } = &error else {
            panic!("expected an I/O error, got {error}");
        };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull, "{error}");
        assert_eq!(named, &path);
    }
    assert_eq!(fs::read(&path).expect("file is there"), [b'1'; 1000]);
    assert_eq!(files(disk.path()), ["curve.json"]);
    // Many small writes: the error comes from the buffer's last flush.
    let error = output::write_with(&disk.path().join("small"), |out| {
        (0..70_000).try_for_each(|_| out.write_all(b"x"))
    });
    error.expect_err("must be full");
    assert_eq!(files(disk.path()), ["curve.json"]);
}
