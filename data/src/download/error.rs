//! What can be wrong with a download.
use std::path::PathBuf;

/// A set that could not be downloaded. Every message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No one is asked for this set.
    #[error("{set} is not downloaded, only read; put {files} into {own}/ in the data directory")]
    NotOffered {
        /// The set.
        set: &'static str,
        /// Its files.
        files: &'static str,
        /// Its own directory.
        own: &'static str,
    },
    /// The synthetic set comes from nowhere.
    #[error("the synthetic set is built in, there is nothing to download")]
    BuiltIn,
    /// Another process has the lock.
    #[error("{}: another process is downloading this set", dir.display())]
    Busy {
        /// The set's directory.
        dir: PathBuf,
    },
    /// The server cannot be reached, or the connection broke and a retry brought nothing.
    #[error("{url}: {reason}{}", kept(*.received, .part))]
    Broken {
        /// The file's address.
        url: String,
        /// What happened.
        reason: String,
        /// Bytes that are here.
        received: u64,
        /// Where they are.
        part: PathBuf,
    },
    /// The server does not give the file.
    #[error("{url}: the server answers {status}, expected 200 OK")]
    Status {
        /// The file's address.
        url: String,
        /// Number and reason.
        status: String,
    },
    /// The server sends more than any published file has.
    #[error("{url}: the server sends {bytes} bytes, expected at most {most}; none were kept")]
    TooLarge {
        /// The file's address.
        url: String,
        /// Bytes that it announced or sent.
        bytes: u64,
        /// Bytes that are taken.
        most: u64,
    },
    /// What came is not what was published.
    #[error("{url}: the MD5 of what came is {found}, expected {expected}; it was removed")]
    Checksum {
        /// The file's address.
        url: String,
        /// The published digest.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// The archive cannot be unpacked.
    #[error("{}: {reason}", archive.display())]
    Archive {
        /// The archive.
        archive: PathBuf,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// The progress callback asked to stop.
    #[error("the download was stopped{}", kept(*.received, .part))]
    Stopped {
        /// Where the bytes are.
        part: PathBuf,
        /// How many are here.
        received: u64,
    },
}

/// What a repeat finds.
fn kept(received: u64, part: &std::path::Path) -> String {
    match received {
        0 => String::new(),
        _ => format!("; {received} bytes are kept in {}, a repeat goes on from there", part.display()),
    }
}
