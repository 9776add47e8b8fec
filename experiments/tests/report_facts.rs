//! The report's sentences and verdicts follow the numbers.
mod report_support;

use ferrotape_experiments::report;
use report_support::{Recipe, part3, write_all};
use scraper::{Html, Selector};
use std::{fs, path::Path};

const SHORT: Recipe = Recipe { data: "cifar10", records: 150, tests: [47.9, 47.1, 58.7, 62.3, 60.1] };

fn page(fill: impl Fn(&Path)) -> Html {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    Html::parse_document(&fs::read_to_string(report::write(dir.path()).unwrap().html).unwrap())
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    html.select(&Selector::parse(selector).unwrap())
        .map(|e| e.text().collect::<String>().replace('\u{a0}', " "))
        .collect()
}

/// The answer to the question that has these words.
fn answer(html: &Html, words: &str) -> String {
    texts(html, ".question").into_iter().find(|q| q.contains(words)).unwrap()
}

#[track_caller]
fn has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
}

#[test]
fn the_better_family_is_named() {
    let cnns = answer(&page(|dir| part3(dir, SHORT)), "compare in generalisation");
    has(
        &cnns,
        &[
            "cnn_4 (62.3 %), cnn_5 (60.1 %)",
            "Every CNN generalises better than every MLP",
            "leads by 14.4 points",
        ],
    );
    let mlps = Recipe { tests: [50.0, 51.5, 40.0, 38.0, 39.0], ..SHORT };
    has(
        &answer(&page(|dir| part3(dir, mlps)), "compare in generalisation"),
        &["CNNs do not beat MLPs in this run", "by 11.5 points"],
    );
    let tie = Recipe { tests: [50.0, 49.5, 50.2, 48.0, 49.0], ..SHORT };
    has(&answer(&page(|dir| part3(dir, tie)), "compare in generalisation"), &["cannot be told apart"]);
    let mixed = Recipe { tests: [50.0, 49.5, 45.0, 58.0, 49.0], ..SHORT };
    has(
        &answer(&page(|dir| part3(dir, mixed)), "compare in generalisation"),
        &["not every CNN beats every MLP", "45.0 %"],
    );
}

#[test]
fn depth_and_size_follow_the_numbers() {
    let falling = page(|dir| part3(dir, SHORT));
    has(&answer(&falling, "effect of depth"), &["deeper helps up to cnn_4, and no further"]);
    has(&answer(&falling, "number of parameters"), &["correlates negatively", "r = −0.9"]);
    let rising = Recipe { tests: [60.0, 62.0, 40.0, 43.0, 46.0], ..SHORT };
    let rising = page(|dir| part3(dir, rising));
    has(&answer(&rising, "effect of depth"), &["CNNs: cnn_3 with 4 layers 40.0 %", "each step deeper helps"]);
    has(&answer(&rising, "number of parameters"), &["larger networks do better"]);
}

#[test]
fn like_is_compared_with_like_only() {
    let real = page(|dir| write_all(dir, SHORT));
    let agreed = texts(&real, "tr.agree").join("\n");
    has(&agreed, &["mlp_1, test accuracy (%) of other networks", "cnn_4 is the best"]);
    has(&texts(&real, "tr.disagree").join("\n"), &["cnn_5 is the best"]);
    has(&texts(&real, ".caption").join("\n"), &["edition 2025 instead of 2023"]);
    assert!(texts(&real, ".label").is_empty());

    let synthetic = page(|dir| write_all(dir, Recipe { data: "synthetic", ..SHORT }));
    assert!(
        texts(&synthetic, "tr.agree, tr.disagree").is_empty(),
        "nothing made of synthetic data is compared"
    );
    has(&texts(&synthetic, ".label").join("\n"), &["SYNTHETIC DATA: all networks"]);
    has(&texts(&synthetic, ".verdicts").join("\n"), &["synthetic data"]);
}

#[test]
fn activations_and_rates() {
    let html = page(|dir| write_all(dir, SHORT));
    has(
        &answer(&html, "How do gradients behave"),
        &["smaller one in every network", "With the sigmoid cnn_4 (2.30", "the gradient decays with depth"],
    );
    has(&answer(&html, "Is it the same as in part 1?"), &["not the same"]);
    has(
        &answer(&html, "inputs in [0, 255]"),
        &["raw255 diverges at step 2010; ", "rgb01"].map(|w| w.trim_end_matches("; ")),
    );
    has(&answer(&html, "speed of convergence"), &["0.1 and 0.01 are about equally fast", "at 0.001 never"]);
    has(&answer(&html, "Does the schedule work"), &["0.01 after epoch 8 (found)", "It works in both senses"]);
    has(&answer(&html, "compare with Adam"), &["60.2 % on the test images, Adam 58.7 %", "better than Adam"]);
    has(&answer(&html, "XOR problem"), &["74.0 % in the best run", "three of the four blobs"]);
    has(&answer(&html, "boundary change"), &["Yes.", "31.0 %"]);
}
