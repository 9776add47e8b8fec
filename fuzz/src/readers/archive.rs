//! CIFAR-10's archive, from the downloaded file to the set in its place.
use super::gzip;
use crate::{Allowance, Form, Random, Reader};
use ferrotape_data::{
    Cifar10, Published, RECORD_BYTES,
    cifar::{DIRECTORY, TEST_FILE, TRAIN_FILES},
    download::{Package, Remote},
};
use md5::{Digest, Md5};
use std::{fs, ops::ControlFlow, path::Path};
use tar::EntryType;

pub(super) struct Archive;

/// What the publisher calls it.
const NAME: &str = "cifar-10-binary.tar.gz";
const BLOCK: usize = 512;

fn entry(tar: &mut Vec<u8>, name: &str, kind: EntryType, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("/tmp/elsewhere").expect("a short name");
    }
    header.set_cksum();
    tar.extend(header.as_bytes());
    tar.extend(bytes);
    tar.resize(tar.len().next_multiple_of(BLOCK), 0);
}

/// An archive of the six files, one record each, with `more` in front.
fn archive(more: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    more.iter().for_each(|(name, kind, bytes)| entry(&mut tar, name, *kind, bytes));
    for name in TRAIN_FILES.into_iter().chain([TEST_FILE]) {
        entry(&mut tar, &format!("{DIRECTORY}/{name}"), EntryType::Regular, &[3; RECORD_BYTES]);
    }
    tar.resize(tar.len() + 2 * BLOCK, 0);
    tar
}

impl Reader for Archive {
    fn name(&self) -> &'static str {
        "archive"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        use EntryType::{Directory, GNULongLink, GNULongName, Link, Regular, Symlink, XHeader};
        let first = format!("{DIRECTORY}/{}", TRAIN_FILES[0]);
        let long = [b'x'; 300];
        vec![
            archive(&[]),
            archive(&[("../evil", Regular, b"evil"), ("/tmp/evil", Regular, b"evil")]),
            archive(&[(&first, Symlink, b""), (&first, Link, b""), (DIRECTORY, Symlink, b"")]),
            archive(&[
                ("cifar-10-batches-bin/", Directory, b""),
                ("cifar-10-batches-bin/../../evil", Regular, b"evil"),
            ]),
            archive(&[("././@LongLink", GNULongName, &long), ("short", Regular, b"x")]),
            archive(&[("././@LongLink", GNULongLink, b"/tmp/elsewhere"), ("link", Symlink, b"")]),
            archive(&[("pax", XHeader, b"19 path=../../evil\n10 size=1\n"), ("p", Regular, b"x")]),
            archive(&[("zeros", Regular, &[0; 40_000])]),
        ]
    }

    fn form(&self) -> Form {
        Form::Mixed
    }

    /// Name, size, checksum, kind and link of the first headers.
    fn marks(&self) -> Vec<usize> {
        let fields = [0, 100, 124, 148, 156, 157, 257, 345, 386, 482];
        (0..4).flat_map(|block| fields.map(|field| block * BLOCK + field)).collect()
    }

    fn words(&self) -> &[&str] {
        &[
            "../",
            "/",
            "data_batch_1.bin",
            "test_batch.bin",
            "77777777777",
            "00000000001",
            "\u{80}",
            "path=",
            "size=",
        ]
    }

    /// Checksums of headers are made right again, mostly.
    fn dress(&self, mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
        if !random.once_in(4) {
            for block in
                bytes.as_chunks_mut::<BLOCK>().0.iter_mut().filter(|block| block[257..262] == *b"ustar")
            {
                let sum: u32 = block
                    .iter()
                    .enumerate()
                    .map(|(at, &b)| if (148..156).contains(&at) { 32 } else { u32::from(b) })
                    .sum();
                block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            }
        }
        gzip(&bytes, random)
    }

    /// An entry is held whole before it is written, and the list of what is read grows by doubling.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 3 * 1032, constant: 512 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let folder = file.parent().expect("the folder of the case").join("into");
        fs::create_dir(&folder).expect("a folder to unpack into");
        let part = folder.join(format!("{NAME}.part"));
        fs::rename(file, &part).expect("the file, where a download would be");
        let md5 = Md5::digest(fs::read(&part).expect("the file"));
        let md5 = md5.iter().map(|byte| format!("{byte:02x}")).collect();
        let files = vec![Remote { name: NAME.into(), md5 }];
        let package = Package { set: Published::Cifar10, base: String::new(), files };
        let fetched = package.fetch_into(&folder, &mut |_| ControlFlow::Continue(()));
        // Nothing but the set, the lock and what was there.
        let set = [TRAIN_FILES.as_slice(), &[TEST_FILE, "batches.meta.txt"]].concat();
        for (place, allowed) in [
            (folder.parent().expect("the folder of the case"), vec!["into"]),
            (&folder, vec![DIRECTORY, ".cifar-10-batches-bin.lock", "cifar-10-binary.tar.gz.part"]),
            (&folder.join(DIRECTORY), set),
        ] {
            for found in fs::read_dir(place).into_iter().flatten() {
                let found = found.expect("an entry").file_name();
                let known = allowed.iter().any(|name| found == *name);
                assert!(known, "{} was written into {}", found.display(), place.display());
            }
        }
        fetched.map_err(|error| error.to_string())?;
        // What was unpacked may yet be no set of images.
        Cifar10::open(&folder).map(drop).map_err(|error| error.to_string())
    }
}
