//! `--data`, `--edition` and `--download` as a user meets them.
mod support;

use std::{fs, path::Path, process::Command};
use support::{failed, part3, result};

/// The four IDX files of `n` training and 20 test images, labels in turn.
fn tiny_mnist(dir: &Path, n: u32) {
    fs::create_dir_all(dir).unwrap();
    for (set, n) in [("train", n), ("t10k", 20)] {
        let words = |words: &[u32]| words.iter().flat_map(|w| w.to_be_bytes()).collect::<Vec<_>>();
        let mut images = words(&[0x0803, n, 28, 28]);
        images.extend((0..n * 784).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
        let mut labels = words(&[0x0801, n]);
        labels.extend((0..n).map(|i| (i % 10) as u8));
        fs::write(dir.join(format!("{set}-images-idx3-ubyte")), images).unwrap();
        fs::write(dir.join(format!("{set}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// A short training on what is in `data`, with results in `out`.
fn train(data: &Path, out: &Path, args: &[&str]) -> Command {
    let paths = ["--data-dir", data.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let short = ["--epochs", "1", "--runs", "1", "--batch", "9", "--eval-every", "5"];
    part3(&[&paths[..], &short, args].concat())
}

#[test]
fn the_edition_of_2022() {
    let dir = tempfile::tempdir().unwrap();
    tiny_mnist(&dir.path().join("fashion-mnist"), 100);
    let out = dir.path().join("out");
    let output = train(dir.path(), &out, &["--edition", "2022", "--models", "mlp_1,cnn_5"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (name, parameters) in [("mlp_1", 50_890), ("cnn_5", 7_426)] {
        let meta = &result(&out, name)["meta"];
        assert_eq!(meta["parameters"], parameters);
        for (flag, value) in
            [("data", "fashion-mnist"), ("edition", "2022"), ("input", "signed"), ("lr", "0.01")]
        {
            assert_eq!(meta["flags"][flag], value);
        }
        assert_eq!(meta["flags"]["prediction_bias"], "true");
    }
}

#[test]
fn gray_images_in_another_edition() {
    let dir = tempfile::tempdir().unwrap();
    tiny_mnist(&dir.path().join("mnist"), 100);
    let out = dir.path().join("out");
    let output = train(dir.path(), &out, &["--data", "mnist", "--models", "cnn_3"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let meta = &result(&out, "cnn_3")["meta"];
    assert_eq!((&meta["parameters"], &meta["input"]), (&11_106.into(), &"signed".into()));
    for (flag, value) in [("data", "mnist"), ("edition", "2025"), ("input", "signed"), ("lr", "0.001")] {
        assert_eq!(meta["flags"][flag], value);
    }
    let output = train(dir.path(), &out, &["--data", "mnist", "--input", "gray"]).output().unwrap();
    failed(&output, 1, &["--input", "3 channels, the data set has 1", "rgb01, raw255 or signed"]);
}

/// The built-in gray images do their job as the coloured ones do: after 3 epochs on 5,000 of them a CNN is ahead by at
/// least 10 points.
#[test]
fn cnns_beat_mlps_on_synthetic_gray_images() {
    let dir = tempfile::tempdir().unwrap();
    let paths = ["data", "out"].map(|name| dir.path().join(name));
    let [data, out] = paths.each_ref().map(|path| path.to_str().unwrap());
    let set = ["--edition", "2022", "--data", "synthetic", "--data-dir", data, "--train-limit", "5000"];
    let training = ["--models", "mlp_1,cnn_3", "--epochs", "3", "--runs", "1", "--lr", "0.001"];
    let output =
        part3(&[&set[..], &training, &["--eval-every", "1000", "--out", out]].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [mlp, cnn] = ["mlp_1", "cnn_3"].map(|name| result(&paths[1], name));
    let said = mlp["meta"]["data_set"].as_str().unwrap();
    assert!(said.starts_with("synthetic (built-in procedural gray images; kept in "), "{said}");
    let [mlp, cnn] = [mlp, cnn].map(|result| result["test_acc"].as_f64().unwrap());
    assert!(cnn >= mlp + 10.0, "cnn_3 {cnn} %, mlp_1 {mlp} %");
}

#[test]
fn data_that_are_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let output = train(dir.path(), &out, &["--data", "mnist"]).output().unwrap();
    failed(&output, 1, &["no MNIST here", "train-images-idx3-ubyte", "mnist/"]);
    let output = train(&dir.path().join("nowhere"), &out, &["--edition", "2022"]).output().unwrap();
    failed(&output, 1, &["nowhere: no such directory", "fashion-mnist/"]);
    tiny_mnist(&dir.path().join("mnist"), 100);
    fs::write(dir.path().join("mnist/t10k-labels-idx1-ubyte"), [0; 9]).unwrap();
    let output = train(dir.path(), &out, &["--data", "mnist"]).output().unwrap();
    failed(&output, 1, &["t10k-labels-idx1-ubyte: byte 0: the magic number is 0x00000000"]);
    assert!(!out.exists());
}

#[cfg(feature = "download")]
mod download {
    use super::{failed, train};
    use crate::support::{data, files};
    use std::{
        fs,
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
        process::{Command, Stdio},
        thread,
        time::Duration,
    };

    #[test]
    fn what_cannot_be_downloaded() {
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("new");
        let refused = |args: &[&str], status, words: &[&str]| {
            failed(&train(&new, &dir.path().join("out"), args).output().unwrap(), status, words);
        };
        refused(&["--download", "--data", "mnist"], 1, &["MNIST is not downloaded, only read", "mnist/"]);
        refused(&["--download", "--data", "synthetic"], 1, &["built in, there is nothing to download"]);
        refused(&["--mirror", "http://127.0.0.1:1/"], 2, &["--download"]);
        assert!(!new.exists());
        // Nothing listens on port 1.
        let gone = ["--download", "--mirror", "http://127.0.0.1:1/"];
        refused(&gone, 1, &["http://127.0.0.1:1/cifar-10-binary.tar.gz: "]);
        refused(&[&gone[..], &["--edition", "2022"]].concat(), 1, &["train-images-idx3-ubyte.gz: "]);
        assert!(!dir.path().join("out").exists());
    }

    #[test]
    fn what_is_there_is_not_downloaded() {
        let out = tempfile::tempdir().unwrap();
        let args = ["--download", "--mirror", "http://127.0.0.1:1/", "--models", "mlp_1"];
        let output = train(data(), out.path(), &args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            said.starts_with("CIFAR-10 is in ") && said.contains("already, nothing was downloaded"),
            "{said}"
        );
    }

    /// A server that sends a little of what it promises, again and again.
    fn trickle() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n";
            let mut sent = stream.write_all(head.as_bytes());
            while sent.is_ok() {
                sent = stream.write_all(&[7; 1000]);
                thread::sleep(Duration::from_millis(10));
            }
        });
        format!("http://{address}/")
    }

    #[test]
    fn interrupted() {
        let dir = tempfile::tempdir().unwrap();
        let args = ["--download", "--mirror", &trickle()];
        let mut command = train(dir.path(), &dir.path().join("out"), &args);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert_eq!(line, "cifar-10-binary.tar.gz  0.0 of 100.0 MB\n");
        let part = dir.path().join("cifar-10-binary.tar.gz.part");
        while fs::metadata(&part).unwrap().len() == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        line.clear();
        stderr.read_to_string(&mut line).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{line}");
        let kept = fs::metadata(&part).unwrap().len();
        let place = part.display();
        let text = format!(
            "interrupted: the download was stopped; {kept} bytes are kept in {place}, a repeat goes on from there\n"
        );
        assert_eq!(line, text);
        assert_eq!(files(dir.path()), [".cifar-10-batches-bin.lock", "cifar-10-binary.tar.gz.part"]);
    }
}
