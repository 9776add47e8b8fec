//! The report's binary: flags, PDF, and damaged results, each in one clear line.
mod report_support;
mod support;

use report_support::{Recipe, part3, write_all};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};
use support::{failed, files};

fn report(dir: &Path, more: &[&str]) -> Output {
    // A PATH without a Typst.
    let mut command = Command::new(env!("CARGO_BIN_EXE_report"));
    command.arg("--dir").arg(dir).args(more).env("PATH", "/nowhere").output().unwrap()
}

fn results() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    part3(dir.path(), Recipe { records: 60, ..Recipe::default() });
    dir
}

#[test]
fn it_says_where_the_report_is() {
    let dir = results();
    let done = report(dir.path(), &[]);
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && done.stderr.is_empty());
    assert!(
        text.contains("report.html")
            && text.contains("no PDF: Typst is not installed")
            && text.contains("typst compile"),
        "{text}"
    );
    assert_eq!(files(dir.path()), ["part3", "report.html", "report.typ"]);

    let elsewhere = dir.path().join("elsewhere.html");
    assert!(report(dir.path(), &["--out", elsewhere.to_str().unwrap()]).status.success());
    assert!(elsewhere.is_file());
}

#[test]
fn damaged_results_are_named() {
    let cases: [(&str, &[&str]); 5] = [
        ("{\"name\": \"mlp_1\", ", &["part3_mlp_1.json", "line 1"]),
        ("{\"epochs\": 3}", &["part3_mlp_1.json", "unknown field `epochs`"]),
        ("", &["part3_mlp_1.json", "EOF"]),
        (
            &fs::read_to_string(results().path().join("part3/part3_mlp_2.json")).unwrap(),
            &["part3_mlp_1.json", "holds the result of part3_mlp_2.json"],
        ),
        (
            &fs::read_to_string(results().path().join("part3/part3_mlp_1.json")).unwrap().replacen(
                "\"train_acc_curve\": [",
                "\"train_acc_curve\": [1.0,",
                1,
            ),
            &["part3_mlp_1.json", "train_acc_curve has 61 values, expected 60"],
        ),
    ];
    for (text, words) in cases {
        let dir = results();
        fs::write(dir.path().join("part3/part3_mlp_1.json"), text).unwrap();
        failed(&report(dir.path(), &[]), 1, words);
        assert_eq!(files(dir.path()), ["part3"], "nothing is written");
    }
}

#[test]
fn damaged_basics_and_figures_are_named() {
    let dir = results();
    fs::create_dir(dir.path().join("part1")).unwrap();
    fs::write(dir.path().join("part1/part1.json"), "{}").unwrap();
    failed(&report(dir.path(), &[]), 1, &["part1.json", "missing field"]);

    let dir = results();
    fs::write(dir.path().join("part3/part3_all.png"), "no picture").unwrap();
    failed(&report(dir.path(), &[]), 1, &["part3_all.png", "expected a PNG or SVG"]);
}

#[test]
fn a_folder_without_results_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    failed(&report(dir.path(), &[]), 1, &["expected a folder with results in part1, part2"]);
    failed(&report(&dir.path().join("absent"), &[]), 1, &["absent", "expected a folder with results"]);
    failed(&report(dir.path(), &["--dirr"]), 2, &["--dirr"]);
}

#[test]
fn other_files_are_named_in_the_page() {
    let dir = results();
    fs::write(dir.path().join("part3/notes.json"), "{}").unwrap();
    fs::remove_file(dir.path().join("part3/part3_cnn_3.json")).unwrap();
    assert!(report(dir.path(), &[]).status.success());
    let page = fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(page.contains("part3/notes.json: not the name of a result"));
    assert!(page.contains("part3/part3_cnn_3_details.json: there is no result it belongs to"));
}

/// A stand-in for Typst's compiler.
#[cfg(unix)]
fn compiler(dir: &Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join("typst.sh");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
#[cfg(unix)]
fn a_compiler_makes_the_pdf() {
    let (dir, tools) = (results(), tempfile::tempdir().unwrap());
    // Arguments: compile --ignore-system-fonts --root DIR SOURCE PDF.
    let good = compiler(tools.path(), "echo \"%PDF of $5\" > \"$6\"");
    assert!(report(dir.path(), &["--typst", &good]).status.success());
    let pdf = dir.path().join("report.pdf");
    assert!(fs::read_to_string(&pdf).unwrap().contains("report.typ"));
    // Without a compiler the PDF of earlier results goes.
    assert!(report(dir.path(), &[]).status.success());
    assert!(!pdf.exists());

    let bad = compiler(tools.path(), "echo 'error: unknown variable: x' >&2; exit 1");
    failed(&report(dir.path(), &["--typst", &bad]), 1, &["report.typ", "unknown variable"]);
    failed(&report(dir.path(), &["--typst", "/nowhere/typst"]), 1, &["/nowhere/typst", "--typst"]);
}

/// Every figure that the paper shows is there.
#[test]
fn the_paper_refers_to_files_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    write_all(dir.path(), Recipe { records: 60, ..Recipe::default() });
    assert!(report(dir.path(), &[]).status.success());
    let source = fs::read_to_string(dir.path().join("report.typ")).unwrap();
    let files: Vec<&str> = source.split('"').filter(|s| s.ends_with(".svg") || s.ends_with(".png")).collect();
    assert!(files.len() > 30, "{files:?}");
    for file in files {
        assert!(dir.path().join(file).is_file(), "{file}");
    }
    assert!(
        source.contains("#set document(title:")
            && source.contains("date: none")
            && !source.contains("@preview")
    );
}
