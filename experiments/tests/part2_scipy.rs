//! SciPy computes the same convolutions, to 1e-12. Skipped, and said so, where there is no SciPy.
mod support;

use ferrotape_experiments::npy;
use std::{
    env,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};
use support::{part2, skip};

/// Runs part 2; the files SciPy is to be asked about.
fn convolve(samples: Option<&Path>, kernel: Option<&Path>, out: &Path) -> [PathBuf; 3] {
    let mut command = part2(&["--quiet"]);
    command.arg("--out").arg(out);
    for (flag, file) in [("--samples", samples), ("--kernel", kernel)] {
        file.map(|file| command.arg(flag).arg(file));
    }
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let or_made = |given: Option<&Path>, name| given.map_or(out.join(name), Path::to_owned);
    [or_made(samples, "samples.npy"), or_made(kernel, "kernel.npy"), out.join("out.npy")]
}

/// What the script says of these files, and whether it agrees; `None`, said aloud, without SciPy.
fn scipy(files: &[[PathBuf; 3]]) -> Option<(bool, String)> {
    let python = env::var_os("FERROTAPE_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scipy_correlate.py");
    let done = match Command::new(python).arg(script).args(files.as_flattened()).output() {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            skip("no python3: part 2 was not compared with SciPy");
            return None;
        }
        done => done.unwrap(),
    };
    let text = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    match done.status.code() {
        Some(77) => {
            skip(&format!("part 2 was not compared with SciPy: {}", text.trim()));
            None
        }
        code => Some((code == Some(0), text)),
    }
}

/// An array of irregular numbers of both signs.
fn write(path: &Path, shape: &[usize], step: f64) {
    let values: Vec<f64> = (0..shape.iter().product()).map(|i| 300.0 * (i as f64 * step).sin()).collect();
    npy::write(path, shape, &values).unwrap();
}

#[test]
fn scipy_agrees() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = vec![convolve(None, None, &dir.path().join("built-in"))];
    for (i, (x, w)) in
        [([2, 3, 9, 7], [4, 3, 2, 5]), ([1, 1, 1, 1], [1, 1, 1, 1]), ([3, 2, 6, 8], [1, 2, 6, 8])]
            .iter()
            .enumerate()
    {
        let file = |name: &str| dir.path().join(format!("{i}_{name}.npy"));
        write(&file("x"), x, 0.7);
        write(&file("w"), w, 1.3);
        files.push(convolve(Some(&file("x")), Some(&file("w")), &dir.path().join(i.to_string())));
    }
    let Some((agrees, text)) = scipy(&files) else { return };
    println!("{text}");
    assert!(agrees, "{text}");

    // And it would not agree to just anything.
    let [samples, kernel, out] = &files[1];
    let mut wrong = npy::read(out).unwrap();
    wrong.values[5] *= 1.0 + 1e-10;
    let bad = dir.path().join("wrong.npy");
    npy::write(&bad, &wrong.shape, &wrong.values).unwrap();
    let (agrees, text) = scipy(&[[samples.clone(), kernel.clone(), bad]]).expect("it was here a moment ago");
    assert!(!agrees && text.contains("WRONG"), "{text}");
}

/// The homework's ten files, where they lie beside the repository or `FERROTAPE_PART2` names their directory.
#[test]
fn scipy_agrees_on_the_homework() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/part2");
    let data = env::var_os("FERROTAPE_PART2").map_or(beside, PathBuf::from);
    if !data.is_dir() {
        return skip(&format!("no homework files of part 2 in {}", data.display()));
    }
    let dir = tempfile::tempdir().unwrap();
    let kernel = data.join("kernel.npy");
    let files: Vec<_> = (0..10)
        .map(|i| {
            let samples = data.join(format!("samples_{i}.npy"));
            convolve(Some(&samples), Some(&kernel), &dir.path().join(i.to_string()))
        })
        .collect();
    let ones = npy::read(&files[1][2]).unwrap();
    assert_eq!(ones.shape, [5, 8, 25, 25]);
    let range = ones.values.iter().fold([0.0; 2], |[low, high], &v| [v.min(low), v.max(high)]);
    assert_eq!(range.map(|v| (v * 100.0).round() / 100.0), [-720.61, 655.15], "as the homework prints");
    let Some((agrees, text)) = scipy(&files) else { return };
    println!("{text}");
    assert!(agrees, "{text}");
}
