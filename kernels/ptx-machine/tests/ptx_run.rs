//! The command: its tables, its steps, its refusals.
use std::process::{Command, Output};

const SAXPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/speed/saxpy.ptx");

fn ptx_run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ptx-run")).args(args).output().unwrap()
}

/// Its output, which must be one of success.
fn shown(args: &[&str]) -> String {
    let output = ptx_run(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Exit status and the one line on stderr.
fn refused(args: &[&str]) -> (Option<i32>, String) {
    let output = ptx_run(args);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn saxpy<'a>(x: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = [SAXPY, "--block", "64", "--arg", x, "--arg", "f32[60]=1!", "--arg", "2.0", "--arg", "60"];
    args.iter().chain(more).copied().collect()
}

#[test]
fn counts_and_results() {
    let text = shown(&saxpy("f32[60]=i", &["--lines"]));
    assert!(text.contains("1 blocks, 2 warps, 64 threads"), "{text}");
    assert!(
        text.contains(
            "loads                        4                16               480  4.00 sectors a request"
        ),
        "{text}"
    );
    assert!(text.contains("    30             2              60  fma.rn.f32 %vy, %vx, %a, %vy;"), "{text}");
    assert!(
        text.ends_with(
            "y = 1.0 3.0 5.0 7.0 9.0 11.0 13.0 15.0 17.0 19.0 21.0 23.0 25.0 27.0 29.0 31.0 ...\n"
        ),
        "{text}"
    );
}

#[test]
fn steps() {
    let text = shown(&saxpy("f32[60]=i", &["--trace", "0,1"]));
    let line = text.lines().find(|line| line.contains("fma.rn.f32")).unwrap();
    assert!(line.starts_with("    30  0x0fffffff  fma") && line.ends_with("%vy = 65.0"), "{line}");
}

#[test]
fn refusals() {
    let (code, message) = refused(&saxpy("f32[59]=i", &[]));
    assert_eq!(code, Some(1));
    assert!(
        message.contains("saxpy.ptx:28: kernel `saxpy`, block (0, 0, 0), thread (59, 0, 0)"),
        "{message}"
    );
    let (code, message) = refused(&["/nowhere/x.ptx"]);
    assert_eq!(code, Some(1));
    assert!(message.starts_with("ptx-run: /nowhere/x.ptx: ") && message.lines().count() == 1, "{message}");
    let (code, message) = refused(&[SAXPY, "--arg", "1"]);
    assert_eq!(code, Some(1));
    assert!(message.contains("--arg 1 times, kernel `saxpy` has 4: x (8 bytes)"), "{message}");
    let (code, message) = refused(&saxpy("f32[60", &[]));
    assert_eq!(code, Some(2));
    assert!(message.contains("expected a number or a buffer"), "{message}");
    let (code, message) = refused(&saxpy("f32[60]", &["--trace", "0,2"]));
    assert_eq!(code, Some(1));
    assert!(message.contains("there are 1 blocks of 2 warps"), "{message}");
}
