//! MD5 of a file.
use crate::Error;
use md5::{Digest, Md5};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// As 32 lower-case hexadecimal digits.
pub(super) fn md5(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(Error::io(path, "open the file"))?;
    let (mut hasher, mut piece) = (Md5::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece).map_err(Error::io(path, "read the file"))? {
            0 => return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            n => hasher.update(&piece[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321, A.5.
    #[test]
    fn known_digests() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for (text, expected) in
            [("", "d41d8cd98f00b204e9800998ecf8427e"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0")]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(md5(&path).unwrap(), expected);
        }
    }
}
