//! Every operation's page in the documentation has all that is asked of one, and so has every method that records one.
//!
//! What an example asserts, `cargo test --doc` sees to.
use ferrotape_autograd::ops::NAMES;
use std::{fs, iter::zip, path::Path};

/// What a page says under these words.
const SECTIONS: [&str; 4] = ["- **Shapes**: ", "- **Gradient**: ", "- **Conventions**: ", "- **Errors**: "];

/// The documentation of every `pub struct` and `pub fn` of a file, by its line.
fn pages(source: &str) -> Vec<(String, String)> {
    let (mut pages, mut page) = (Vec::new(), String::new());
    for line in source.lines().map(str::trim_start) {
        match line.strip_prefix("///") {
            Some(text) => page += &format!("{}\n", text.strip_prefix(' ').unwrap_or(text)),
            None if line.starts_with("#[") => (),
            None => {
                let text = std::mem::take(&mut page);
                if line.starts_with("pub struct ") || line.starts_with("pub fn ") {
                    pages.push((line.to_owned(), text));
                }
            }
        }
    }
    pages
}

/// What is wrong with an example, if anything is.
fn example(page: &str) -> Option<&'static str> {
    let Some((_, rest)) = page.split_once("```\n") else { return Some("no example") };
    let example = rest.split("```").next().unwrap_or_default();
    let visible = example.lines().filter(|line| !line.starts_with("# ")).count();
    match visible {
        _ if !example.contains("assert") => Some("an example that asserts nothing"),
        0..20 => None,
        _ => Some("an example of 20 lines or more"),
    }
}

#[test]
fn every_operation_has_its_page() {
    let mut wrong = Vec::new();
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        for (line, page) in pages(&source) {
            let mut must = |holds: bool, what: &str| {
                if !holds {
                    wrong.push(format!("{line}\n  {what}"));
                }
            };
            let name = line["pub ".len()..].split(|c: char| !c.is_alphanumeric() && c != '_').nth(1).unwrap();
            if let Some(known) = NAMES.iter().find(|known| **known == name) {
                found.push(*known);
                let about = page.split("\n- **").next().unwrap_or_default();
                // Every other piece between backticks is code: an equation is code with an equals sign.
                let equation = about.split('`').skip(1).step_by(2).any(|code| code.contains(" = "));
                must(equation, "no equation between backticks");
                let places: Vec<_> = SECTIONS.iter().map(|section| page.find(section)).collect();
                for (section, place) in zip(SECTIONS, &places) {
                    must(place.is_some(), section);
                }
                must(places.is_sorted(), "sections in another order");
            } else if !line.contains("(self") && !line.contains("&self") && !line.contains("&'t self") {
                // A constructor.
                continue;
            }
            if let Some(what) = example(&page) {
                must(false, what);
            }
        }
    }
    found.sort_unstable();
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(found, names, "operations with a page");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is missing is seen.
#[test]
fn a_page_without_an_assertion_is_found() {
    let of = |text: &str| {
        pages(&format!("/// Text.\n{text}pub fn f(self)")).iter().find_map(|(_, page)| example(page))
    };
    assert_eq!(of("///\n/// ```\n/// assert!(true);\n/// ```\n"), None);
    assert_eq!(of("///\n/// ```\n/// let x = 1;\n/// ```\n"), Some("an example that asserts nothing"));
    assert_eq!(of(""), Some("no example"));
}
