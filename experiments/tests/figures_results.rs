//! Result files: exact keys, exact numbers, no NaN.

use std::collections::BTreeMap;

use ferrotape_experiments::output::OutDir;
use ferrotape_experiments::results::{Meta, Nested, Part3, ResultFile};
use serde_json::Value;

fn sample() -> Part3 {
    let flags = [("batch", "50"), ("epochs", "15")];
    let flags = flags.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Part3 {
        name: "cnn_3".to_owned(),
        loss_curve: vec![2.2978515625, 0.1 + 0.2, 1e-7],
        train_acc_curve: vec![10.0, 33.333333333333336],
        val_acc_curve: vec![],
        test_acc: 58.92,
        weights: Nested::new(&[2, 1, 2, 1], vec![0.1, -1.5, 1e-8, 16777216.0]),
        meta: Meta {
            data_set: "synthetic \"quoted\"".to_owned(),
            edition: 2025,
            input: "rgb".to_owned(),
            seed: u64::MAX,
            flags: BTreeMap::from(flags),
            digest: "00ff".to_owned(),
            seconds: 1.5,
            parameters: 11_394,
            runs: 2,
            run_test_accs: vec![58.92, 57.0],
            ..Meta::default()
        },
    }
}

#[test]
fn a_result_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = OutDir::create(folder.path()).expect("folder is writable");
    let mut result = sample();
    // Long decimals: serde_json reads such numbers one ulp off unless told otherwise.
    result.loss_curve.extend((1..2000).map(|i| (f64::from(i)).sqrt() / 7.3));
    result.meta.diverged_at = Some(130);
    let path = result.write(&out).expect("result is written");
    assert_eq!(path, folder.path().join("part3_cnn_3.json"));
    assert_eq!(Part3::read(&path).expect("result is read"), result);
}

#[test]
fn keys_are_the_sheets_and_meta() {
    let text = sample().to_json().expect("JSON");
    let value: Value = serde_json::from_str(&text).expect("valid JSON");
    let keys: Vec<&str> = value.as_object().expect("object").keys().map(String::as_str).collect();
    let mut expected =
        ["name", "loss_curve", "train_acc_curve", "val_acc_curve", "test_acc", "weights", "meta"];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert!(value["meta"].get("diverged_at").is_none());
    assert_eq!(value["weights"], serde_json::json!([[[[0.1], [-1.5]]], [[[1e-8], [16777216.0]]]]));
}

#[test]
fn a_key_is_a_line_and_numbers_are_short() {
    let text = sample().to_json().expect("JSON");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 9);
    assert_eq!(lines[0], "{");
    assert_eq!(lines[1], "  \"name\": \"cnn_3\",");
    assert_eq!(lines[2], "  \"loss_curve\": [2.2978515625,0.30000000000000004,1e-7],");
    assert_eq!(lines[6], "  \"weights\": [[[[0.1],[-1.5]]],[[[1e-8],[16777216.0]]]],");
    assert!(text.ends_with("\n}\n"));
}

#[test]
fn nan_is_refused_by_key_and_index() {
    type Spoil = fn(&mut Part3);
    let cases: [(Spoil, &str); 6] = [
        (|r| r.loss_curve[1] = f64::NAN, "loss_curve[1]: not a finite number"),
        (|r| r.train_acc_curve[0] = f64::INFINITY, "train_acc_curve[0]: not a finite number"),
        (|r| r.val_acc_curve.push(f64::NEG_INFINITY), "val_acc_curve[0]: not a finite number"),
        (|r| r.test_acc = f64::NAN, "test_acc: not a finite number"),
        (|r| r.weights = Nested::new(&[1, 2], vec![0.0, f32::NAN]), "weights[1]: not a finite number"),
        (|r| r.meta.run_test_accs[1] = f64::NAN, "meta.run_test_accs[1]: not a finite number"),
    ];
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = OutDir::create(folder.path()).expect("folder is writable");
    for (spoil, expected) in cases {
        let mut result = sample();
        spoil(&mut result);
        let error = result.write(&out).expect_err("must be refused").to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
}

#[test]
fn foreign_files_are_refused_with_the_place() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("bad.json");
    std::fs::write(&path, "{\"name\": \"x\", \"extra\": 1}").expect("file is written");
    let error = Part3::read(&path).expect_err("must be refused").to_string();
    assert!(error.contains("bad.json") && error.contains("line 1"), "{error}");
    assert!(Part3::read(&folder.path().join("none.json")).is_err());
}

#[test]
fn nested_lists_of_any_rank() {
    let text = |shape: &[usize], values: &[f32]| {
        serde_json::to_string(&Nested::new(shape, values.to_vec())).expect("JSON")
    };
    assert_eq!(text(&[3], &[1.0, 2.5, -3.0]), "[1.0,2.5,-3.0]");
    assert_eq!(text(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), "[[1.0,2.0],[3.0,4.0]]");
    assert_eq!(text(&[2, 0], &[]), "[[],[]]");
    assert_eq!(text(&[0, 3], &[]), "[]");
    let ragged = serde_json::from_str::<Nested>("[[1, 2], [3]]").expect_err("ragged");
    assert!(ragged.to_string().contains("ragged"), "{ragged}");
    assert!(serde_json::from_str::<Nested>("[[1], 2]").is_err());
    assert!(serde_json::from_str::<Nested>("7").is_err());
    for ragged in ["[1, [2]]", "[[], 1]", "[[], [[1]]]", "[[[]], [[], []]]", "[[1], []]", "[[[1]], [2]]"] {
        let error = serde_json::from_str::<Nested>(ragged).expect_err(ragged).to_string();
        assert!(error.contains("ragged"), "{ragged}: {error}");
    }
    for other in ["[null]", "[\"1\"]", "[{}]", "[1e39]"] {
        assert!(serde_json::from_str::<Nested>(other).is_err(), "{other}");
    }
    let read: Nested = serde_json::from_str("[[1, -2], [0.5, 3e2]]").expect("numbers of all kinds");
    assert_eq!((read.shape(), read.values()), (&[2, 2][..], &[1.0, -2.0, 0.5, 300.0][..]));
}

#[test]
#[should_panic(expected = "shape [2, 2] means 4 values, got 3")]
fn nested_lists_check_their_length() {
    Nested::new(&[2, 2], vec![0.0; 3]);
}
