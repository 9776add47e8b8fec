//! Ctrl-C in a child process, and the plain progress lines.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ferrotape_experiments::interrupt;
use ferrotape_experiments::progress::{Mode, Progress};

const CHILD: &str = "FERROTAPE_INTERRUPT_CHILD";

/// What the child does; by itself the test is empty.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else { return };
    interrupt::install().expect("handler is installed");
    interrupt::install().expect("a second call does nothing");
    println!("ready");
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if interrupt::requested() && mode == "polite" {
            std::process::exit(7);
        }
        if interrupt::requested() {
            let _ = writeln!(io::stderr(), "heard");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn spawn(mode: &str) -> (Child, BufReader<impl io::Read>) {
    let mut command = Command::new(std::env::current_exe().expect("own path"));
    command.args(["--exact", "child", "--nocapture"]).env(CHILD, mode);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("child starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("ready"))));
    let stderr = BufReader::new(child.stderr.take().expect("stderr"));
    (child, stderr)
}

fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([signal, &pid]).status();
    assert!(sent.expect("kill runs").success());
}

#[cfg(unix)]
#[test]
fn the_first_signal_asks() {
    for signal in ["-INT", "-TERM"] {
        let (mut child, _stderr) = spawn("polite");
        send(signal, &child);
        assert_eq!(child.wait().expect("child ends").code(), Some(7), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn the_second_signal_leaves() {
    let (mut child, stderr) = spawn("stubborn");
    send("-INT", &child);
    let heard = stderr.lines().any(|line| line.is_ok_and(|line| line.contains("heard")));
    assert!(heard, "the first signal is answered");
    send("-INT", &child);
    let code = child.wait().expect("child ends").code();
    assert_eq!(code, Some(interrupt::EXIT_STATUS));
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("unpoisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn plain_lines_are_few_and_full() {
    let sink = Sink::default();
    let mut progress = Progress::plain_to(sink.clone(), 100, 50, "cnn_3").with_epoch(40);
    for step in (10..=100).step_by(10) {
        progress.record(step, 2.0, 30.0, (step > 10).then_some(25.5));
    }
    progress.note("below the line");
    progress.finish("test 58.9 %");
    let text = String::from_utf8(sink.0.lock().expect("unpoisoned").clone()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "first, two epochs, last, note, summary:\n{text}");
    for (line, step) in lines.iter().zip([10, 40, 80, 100]) {
        assert!(line.starts_with(&format!("cnn_3  step {step}/100  loss 2.0000  train 30.0 %")), "{line}");
        assert!(line.contains("images/s  ETA "), "{line}");
    }
    assert!(!lines[0].contains("val") && lines[1].contains("val 25.5 %"));
    assert_eq!(lines[4], "cnn_3  below the line");
    assert!(lines[5].starts_with("cnn_3  test 58.9 %  in 0."), "{text}");
}

#[test]
fn quiet_and_closed_outputs_do_no_harm() {
    let mut quiet = Progress::new(10, 50, "x", Mode::Quiet);
    quiet.record(10, 1.0, None, None);
    quiet.finish("done");
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut closed = Progress::plain_to(Closed, 10, 50, "x").resumed_at(5);
    closed.record(10, f64::NAN, 0.0, 0.0);
    closed.finish("done");
}
