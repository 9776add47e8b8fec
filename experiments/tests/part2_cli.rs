//! Part 2's binary as a user meets it: what it writes, and what it says to bad input.
mod support;

use ferrotape_experiments::npy;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};
use support::{failed, files, part2};
use tempfile::TempDir;

/// A directory with samples (2, 3, 6, 5) and a kernel (4, 3, 2, 2).
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write("samples.npy", &[2, 3, 6, 5], |i| i as f64);
        files.write("kernel.npy", &[4, 3, 2, 2], |i| (i as f64).sin());
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, shape: &[usize], value: impl Fn(usize) -> f64) {
        let values: Vec<f64> = (0..shape.iter().product()).map(value).collect();
        npy::write(&self.path(name), shape, &values).unwrap();
    }

    fn run(&self, samples: &str, kernel: &str) -> Output {
        let mut command = part2(&[]);
        command.arg("--samples").arg(self.path(samples)).arg("--kernel").arg(self.path(kernel));
        command.arg("--out").arg(self.path("out")).output().unwrap()
    }

    /// Fails with one line that holds all of `words`, and writes nothing.
    #[track_caller]
    fn refuses(&self, samples: &str, kernel: &str, words: &[&str]) {
        failed(&self.run(samples, kernel), 1, words);
        assert!(!self.path("out").exists(), "something was written");
    }
}

fn json(out: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(out.join("part2.json")).unwrap()).unwrap()
}

#[test]
fn without_arguments_it_draws_digits_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, more: &[&str]| {
        let out = dir.path().join(name);
        let output = part2(&[&["--quiet", "--out", out.to_str().unwrap()], more].concat()).output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "--quiet");
        out
    };
    let out = run("a", &[]);
    let expected =
        ["kernel.npy", "out.npy", "part2.json", "part2_clipped.png", "part2_normalised.png", "samples.npy"];
    assert_eq!(files(&out), expected);
    assert_eq!(npy::read(&out.join("out.npy")).unwrap().shape, [5, 8, 25, 25]);
    let mut picture =
        png::Decoder::new(std::io::BufReader::new(fs::File::open(out.join("part2_clipped.png")).unwrap()))
            .read_info()
            .unwrap();
    assert_eq!((picture.info().width, picture.info().height), (218, 137));
    let mut pixels = vec![0; picture.output_buffer_size().unwrap()];
    picture.next_frame(&mut pixels).unwrap();
    assert!(
        pixels[..218 * 3 * 2].iter().all(|&v| v == 0) && pixels.contains(&255),
        "black border, white strokes"
    );
    let result = json(&out);
    assert!(result["float32"]["worst_share"].as_f64().unwrap() <= 1.0);
    assert!(
        result["correlation"]["same_kernel"].as_f64() > result["correlation"]["same_sample"].as_f64(),
        "numbers in a column look alike, those in a row do not: {result}"
    );
    let bytes = |out: &Path| fs::read(out.join("out.npy")).unwrap();
    assert!(bytes(&out) == bytes(&run("b", &[])), "the same call gives the same bytes");
    assert!(bytes(&out) != bytes(&run("c", &["--seed", "2"])));
    assert!(bytes(&out) != bytes(&run("d", &["--digit", "7"])));
}

#[test]
fn any_shapes_that_fit() {
    let files = Files::new();
    let output = files.run("samples.npy", "kernel.npy");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("[2, 4, 5, 4] float64"), "{text}");
    assert_eq!(npy::read(&files.path("out/out.npy")).unwrap().shape, [2, 4, 5, 4]);
    // One number: no pair to correlate, no range to normalise to.
    files.write("one.npy", &[1, 1, 1, 1], |_| 2.0);
    let output = files.run("one.npy", "one.npy");
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("no pair"));
    assert_eq!(npy::read(&files.path("out/out.npy")).unwrap().values, [4.0]);
    // Beyond float32, within float64.
    files.write("large.npy", &[1, 1, 1, 1], |_| 1e100);
    let output = files.run("large.npy", "one.npy");
    assert!(
        output.status.success() && String::from_utf8_lossy(&output.stdout).contains("float32: not compared")
    );
    assert!(json(&files.path("out"))["float32"].is_null());
    // More samples than a picture of 4,096 pixels has room for.
    files.write("many.npy", &[1500, 1, 1, 1], |i| i as f64);
    let output = files.run("many.npy", "one.npy");
    assert!(String::from_utf8_lossy(&output.stdout).contains("the first 1364 samples"), "{output:?}");
    assert_eq!(npy::read(&files.path("out/out.npy")).unwrap().shape, [1500, 1, 1, 1]);
}

#[test]
fn files_that_are_not_as_they_must_be() {
    let files = Files::new();
    files.refuses("missing.npy", "kernel.npy", &["missing.npy"]);
    files.write("flat.npy", &[6, 5], |i| i as f64);
    files.refuses("flat.npy", "kernel.npy", &["flat.npy", "[6, 5]", "samples (N, C, H, W)"]);
    files.refuses("samples.npy", "flat.npy", &["flat.npy", "[6, 5]", "a kernel (O, C, kh, kw)"]);
    files.write("gray.npy", &[2, 1, 6, 5], |i| i as f64);
    files.refuses("gray.npy", "kernel.npy", &["kernel.npy", "expects 3 channels", "[2, 1, 6, 5]", "have 1"]);
    files.write("tiny.npy", &[2, 3, 1, 5], |i| i as f64);
    files.refuses("tiny.npy", "kernel.npy", &["kernel.npy", "2x2", "larger", "1x5"]);
    files.write("empty.npy", &[0, 3, 6, 5], |_| 0.0);
    files.refuses("empty.npy", "kernel.npy", &["empty.npy", "[0, 3, 6, 5]", "nothing"]);
    files.write("nan.npy", &[2, 3, 6, 5], |i| if i == 37 { f64::NAN } else { 0.0 });
    files.refuses("nan.npy", "kernel.npy", &["nan.npy", "[0, 1, 1, 2]", "NaN", "finite"]);
    fs::write(files.path("text.npy"), "1 2 3").unwrap();
    files.refuses("text.npy", "kernel.npy", &["text.npy", "not an .npy file"]);
    let bytes = fs::read(files.path("samples.npy")).unwrap();
    fs::write(files.path("cut.npy"), &bytes[..bytes.len() - 3]).unwrap();
    files.refuses("cut.npy", "kernel.npy", &["cut.npy", "1440 bytes", "1437"]);
    fs::write(files.path("cut.npy"), &bytes[..40]).unwrap();
    files.refuses("cut.npy", "kernel.npy", &["cut.npy", "header"]);
    files.write("huge.npy", &[1, 3, 2, 2], |_| 1e200);
    files.write("huge_kernel.npy", &[1, 3, 2, 2], |_| 1e200);
    let output = files.run("huge.npy", "huge_kernel.npy");
    failed(&output, 1, &["[0, 0, 0, 0]", "overflows float64"]);
    assert!(support::files(&files.path("out")).is_empty(), "something was written");
}

#[test]
fn wrong_usage() {
    let usage = |args: &[&str], words: &[&str]| failed(&part2(args).output().unwrap(), 2, words);
    usage(&["--digit", "10"], &["--digit", "0..=9"]);
    usage(&["--digit", "1", "--samples", "x.npy"], &["--digit", "--samples"]);
    usage(&["--stride", "2"], &["--stride"]);
    usage(&["--samples"], &["--samples"]);
}

#[test]
fn output_that_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"mine").unwrap();
    for out in [file.join("out"), file.clone()] {
        failed(&part2(&["--out", out.to_str().unwrap()]).output().unwrap(), 1, &["file"]);
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}
