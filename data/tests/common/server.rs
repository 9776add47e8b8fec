//! An HTTP server for one file set, with faults on request.
// Every test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, atomic::AtomicBool, atomic::Ordering};
use std::thread::{self, JoinHandle};

/// What the server does to a request.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// Sends the file, or the range that is asked for.
    Well,
    /// The same, but after so many bytes of the body the connection ends.
    Breaks(usize),
    /// Sends the whole file whatever is asked for.
    IgnoresRange,
    /// Sends a range that begins elsewhere.
    OtherRange,
    /// Announces so many bytes.
    Promises(usize),
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    /// First byte of the range that is asked for.
    pub from: Option<usize>,
}

/// Listens on a port of its own until it is dropped.
pub struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    requests: Arc<Mutex<Vec<Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `files` (names and bytes) under `/mirror/`; request `n` in manner `n`, those after the last well.
    pub fn start(files: &[(&str, Vec<u8>)], manners: &[Manner]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let files: Vec<_> =
            files.iter().map(|(name, bytes)| (format!("/mirror/{name}"), bytes.clone())).collect();
        let mut manners = Vec::from(manners).into_iter();
        let thread = {
            let (stop, requests) = (stop.clone(), requests.clone());
            thread::spawn(move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let mut stream = stream.unwrap();
                    let request = read(&stream);
                    requests.lock().unwrap().push(request.clone());
                    let file =
                        files.iter().find(|(path, _)| *path == request.path).map(|(_, bytes)| &bytes[..]);
                    // A client that has gone is no fault of the server.
                    let _ = stream.write_all(&answer(file, &request, manners.next().unwrap_or(Manner::Well)));
                }
            })
        };
        Self { address, stop, requests, thread: Some(thread) }
    }

    /// Address of the directory.
    pub fn base(&self) -> String {
        format!("http://{}/mirror/", self.address)
    }

    /// The requests up to now.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

fn read(stream: &TcpStream) -> Request {
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let first = lines.next().unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut from = None;
    for line in lines.take_while(|line| !line.is_empty()) {
        if let Some(range) = line.to_lowercase().strip_prefix("range: bytes=") {
            from = Some(range.trim_end_matches('-').parse().unwrap());
        }
    }
    Request { path, from }
}

fn answer(file: Option<&[u8]>, request: &Request, manner: Manner) -> Vec<u8> {
    let Some(file) = file else { return head("404 Not Found", "", 0) };
    let total = file.len();
    let from = match manner {
        Manner::IgnoresRange => None,
        Manner::OtherRange => request.from.map(|from| from - 1),
        _ => request.from,
    };
    match from {
        Some(from) if from >= total => {
            head("416 Range Not Satisfiable", &format!("Content-Range: bytes */{total}\r\n"), 0)
        }
        _ => {
            let body = &file[from.unwrap_or(0)..];
            let sent = if let Manner::Breaks(sent) = manner { &body[..sent] } else { body };
            let promised = if let Manner::Promises(bytes) = manner { bytes } else { body.len() };
            let head = match from {
                None => head("200 OK", "", promised),
                Some(from) => {
                    let range = format!("Content-Range: bytes {from}-{}/{total}\r\n", total - 1);
                    head("206 Partial Content", &range, promised)
                }
            };
            [&head, sent].concat()
        }
    }
}

fn head(status: &str, more: &str, length: usize) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n").into_bytes()
}
