//! The report's page: whole, valid, without references to elsewhere, and saying what was not run.
mod report_support;

use ferrotape_experiments::report;
use report_support::{Recipe, part3, write_all};
use scraper::{Html, Selector};
use std::{collections::HashSet, fs, path::Path, sync::OnceLock};
use tempfile::TempDir;

/// Questions of all parts: 3, 6, 10, 4 and 4.
const QUESTIONS: usize = 27;

/// Made-up results of every part, to look at: `tools/screenshots.sh` runs this.
#[test]
#[ignore = "writes into target/report-demo for tools/screenshots.sh"]
fn demo() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/report-demo");
    write_all(&dir, Recipe::default());
    report::write(&dir).unwrap();
}

fn short() -> Recipe {
    Recipe { records: 150, ..Recipe::default() }
}

/// The page of these results.
fn page(fill: impl Fn(&Path)) -> String {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    fs::read_to_string(report::write(dir.path()).unwrap().html).unwrap()
}

/// The page of results of every part.
fn whole() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page(|dir| write_all(dir, short())))
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    html.select(&Selector::parse(selector).unwrap()).map(|e| e.text().collect::<String>()).collect()
}

fn attributes<'a>(html: &'a Html, name: &str) -> Vec<&'a str> {
    html.select(&Selector::parse(&format!("[{name}]")).unwrap())
        .filter_map(|e| e.value().attr(name))
        .collect()
}

#[test]
fn it_is_valid() {
    assert!(!Html::parse_document("<!doctype html><p><b></p>").errors.is_empty(), "the parser tells");
    let html = Html::parse_document(whole());
    assert!(html.errors.is_empty(), "{:?}", html.errors);
    let ids = attributes(&html, "id");
    let unique: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    for link in attributes(&html, "href") {
        assert!(link.strip_prefix('#').is_some_and(|id| unique.contains(id)), "{link}");
    }
    assert!(texts(&html, "img:not([alt])").is_empty());
}

#[test]
fn it_needs_nothing_but_itself() {
    let html = Html::parse_document(whole());
    for source in attributes(&html, "src") {
        assert!(source.starts_with("data:image/"), "{source:.80}");
    }
    assert!(
        html.select(&Selector::parse("link, iframe, object, embed, script[src]").unwrap()).next().is_none()
    );
    for style in texts(&html, "style") {
        assert!(!style.contains("url(") && !style.contains("@import"), "{style:.200}");
    }
    assert!(whole().contains("Copyright (c) 2022 Leon Sorokin"), "the licence of uPlot");
}

#[test]
fn what_is_read_is_words_and_numbers() {
    let html = Html::parse_document(whole());
    let read = texts(
        &html,
        "header, nav, h2, h3, h4, p, li, td, th, dd, dt, figcaption, .caption, summary, [role=cell]",
    );
    assert!(read.len() > 500);
    for text in read {
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| ["NaN", "undefined", "inf", "None", "null"].contains(w));
        assert_eq!(words.count(), 0, "{text}");
        assert!(!text.contains('`') && !text.contains("**") && !text.contains("{{"), "{text}");
    }
}

#[test]
fn charts_have_values_for_every_abscissa() {
    let long = page(|dir| part3(dir, Recipe { records: 4000, ..Recipe::default() }));
    for (page, least) in [(whole(), 30), (&*long, 12)] {
        let charts = texts(&Html::parse_document(page), "script[type='application/json']");
        assert!(charts.len() >= least, "{}", charts.len());
        for chart in charts {
            let chart: serde_json::Value = serde_json::from_str(&chart).unwrap();
            let points = chart["x"].as_array().unwrap().len();
            assert!((2..=1500).contains(&points), "{points}");
            for series in chart["series"].as_array().unwrap() {
                assert_eq!(series["y"].as_array().unwrap().len(), points, "{}", chart["title"]);
            }
        }
    }
}

#[test]
fn every_question_is_answered() {
    let html = Html::parse_document(whole());
    let questions = texts(&html, ".question");
    assert_eq!(questions.len(), QUESTIONS);
    for question in questions {
        assert!(question.len() > 150 && !question.to_lowercase().contains("not run"), "{question}");
    }
}

#[test]
fn what_is_absent_is_said() {
    let html = Html::parse_document(&page(|dir| fs::create_dir(dir.join("part3")).unwrap()));
    assert!(html.errors.is_empty(), "{:?}", html.errors);
    assert_eq!(texts(&html, ".absent").len(), 7, "all parts and tasks");
    let questions = texts(&html, ".question");
    assert_eq!(questions.len(), QUESTIONS);
    let open = questions.iter().filter(|q| q.to_lowercase().contains("not run")).count();
    assert!(open >= QUESTIONS - 2, "only what needs no numbers is answered without them: {open}");
    assert!(texts(&html, "tr.agree, tr.disagree, tr.not_comparable").is_empty());

    let only = page(|dir| part3(dir, short()));
    assert_eq!(texts(&Html::parse_document(&only), ".absent").len(), 6);
}

#[test]
fn equal_results_give_equal_bytes() {
    let dir = tempfile::tempdir().unwrap();
    write_all(dir.path(), short());
    let read = |dir: &TempDir| {
        let paths = report::write(dir.path()).unwrap();
        (fs::read(paths.html).unwrap(), fs::read(paths.typst).unwrap())
    };
    let first = read(&dir);
    assert!(first == read(&dir));
    let other = tempfile::tempdir().unwrap();
    write_all(other.path(), short());
    assert!(first == read(&other), "the folder's own name does not matter");
}

#[test]
fn uplot_is_the_published_one() {
    use sha2::{Digest, Sha256};
    let digest =
        |text: &str| Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let expected = [
        (report::UPLOT, "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
        (report::UPLOT_CSS, "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
        (report::UPLOT_LICENCE, "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"),
    ];
    for (file, sha256) in expected {
        assert_eq!(digest(file), sha256);
        assert!(!file.to_lowercase().contains("</script") && !file.contains("*/\n*/"));
    }
}
