//! One file over HTTP, going on where an earlier transfer stopped.
use super::{Error, OnProgress, Progress};
use crate::Error as DataError;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

/// A connection on which nothing comes for so long is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of a file: no server fills the disk. The largest published one has 170 million.
const MOST: u64 = 1 << 30;

/// Bytes asked of the connection at a time.
const PIECE: usize = 1 << 16;

/// Appends to `part` until the file at `url` is whole.
///
/// A connection that breaks after it brought something is opened again. A part without a byte is removed.
pub(super) fn receive(
    url: &str,
    name: &str,
    part: &Path,
    progress: &mut OnProgress<'_>,
) -> Result<(), DataError> {
    let file = File::options().create(true).append(true).open(part);
    let mut file = file.map_err(DataError::io(part, "create the file"))?;
    let received = Transfer { url, name, part, file: &mut file, progress }.all();
    if received.is_err() && length(&file, part)? == 0 {
        fs::remove_file(part).map_err(DataError::io(part, "remove the empty file"))?;
    }
    received
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_per_read(Some(PATIENCE));
    config.build().new_agent()
}

fn length(file: &File, part: &Path) -> Result<u64, DataError> {
    Ok(file.metadata().map_err(DataError::io(part, "read the file's size"))?.len())
}

struct Transfer<'a, 'b> {
    url: &'a str,
    name: &'a str,
    part: &'a Path,
    file: &'a mut File,
    progress: &'a mut OnProgress<'b>,
}

/// How one connection ended.
enum Attempt {
    Whole,
    Broken(String),
}

impl Transfer<'_, '_> {
    fn all(&mut self) -> Result<(), DataError> {
        let agent = agent();
        loop {
            let before = length(self.file, self.part)?;
            let attempt = self.attempt(&agent, before)?;
            let received = length(self.file, self.part)?;
            match attempt {
                Attempt::Whole => {
                    return self.file.sync_all().map_err(DataError::io(self.part, "write the file"));
                }
                Attempt::Broken(_) if received > before => {}
                Attempt::Broken(reason) => {
                    let (url, part) = (self.url.to_owned(), self.part.to_owned());
                    return Err(Error::Broken { url, reason, received, part }.into());
                }
            }
        }
    }

    /// Asks for what follows the first `have` bytes, and appends it.
    fn attempt(&mut self, agent: &Agent, have: u64) -> Result<Attempt, DataError> {
        let mut request = agent.get(self.url);
        if have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Attempt::Broken(error.to_string())),
        };
        match response.status() {
            // To a server that ignores ranges, or a file without a beginning.
            StatusCode::OK => {
                self.truncate()?;
                let total = response.body().content_length();
                self.append(response, 0, total)
            }
            StatusCode::PARTIAL_CONTENT if begins_at(&response, have) => {
                let rest = response.body().content_length();
                self.append(response, have, rest.map(|rest| have.saturating_add(rest)))
            }
            // The part is longer than the file, or the server's range is another: it cannot be gone on with.
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {
                self.truncate()?;
                self.attempt(agent, 0)
            }
            status => Err(Error::Status { url: self.url.to_owned(), status: status.to_string() }.into()),
        }
    }

    fn truncate(&mut self) -> Result<(), DataError> {
        self.file.set_len(0).map_err(DataError::io(self.part, "truncate the file"))
    }

    /// Appends the body, of which `received` of `total` bytes are there already.
    fn append(
        &mut self,
        response: Response<Body>,
        mut received: u64,
        total: Option<u64>,
    ) -> Result<Attempt, DataError> {
        let mut body = response.into_body().into_reader();
        let mut piece = vec![0; PIECE];
        loop {
            if (self.progress)(Progress { file: self.name, received, total }).is_break() {
                return Err(Error::Stopped { part: self.part.to_owned(), received }.into());
            }
            let bytes = total.unwrap_or(0).max(received);
            if bytes > MOST {
                self.truncate()?;
                return Err(Error::TooLarge { url: self.url.to_owned(), bytes, most: MOST }.into());
            }
            let n = match body.read(&mut piece) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) => return Ok(Attempt::Broken(error.to_string())),
            };
            self.file.write_all(&piece[..n]).map_err(DataError::io(self.part, "write the file"))?;
            received += n as u64;
        }
        Ok(match total {
            Some(total) if received != total => {
                Attempt::Broken(format!("the connection ended at byte {received} of {total}"))
            }
            _ => Attempt::Whole,
        })
    }
}

/// Whether the answer is the range that begins at byte `have`: `Content-Range: bytes 100-199/200`.
fn begins_at(response: &Response<Body>, have: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let first = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
    have > 0 && first == Some(have)
}
