//! The book as its readers find it: it builds, its links lead somewhere, what it shows is so.
use anyhow::{Context, Result, ensure};
use ferrotape_book::{
    build, chapters,
    fence::fences,
    follow::{self, CHAPTER},
    record, root,
};
use pulldown_cmark::{Event, Parser};
use std::{collections::BTreeMap, env, fs, io::Write, path::Path, process::Command};

/// The steps of the worked example apply to today's tree.
#[test]
fn steps_apply() -> Result<()> {
    let chapter = fs::read_to_string(root().join("book/text").join(CHAPTER))?;
    let files = follow::apply_to_tree(&root(), &follow::steps(&chapter)?).context(CHAPTER)?;
    ensure!(files.contains_key("autograd/src/ops/softplus.rs"), "{:?}", files.keys());
    Ok(())
}

/// They do what the chapter says, too: minutes, since it builds and tests a copy of the tree.
#[test]
#[ignore = "minutes: builds and tests a copy of the tree"]
fn follow() -> Result<()> {
    follow::follow()
}

/// Rust that is shown is included from a file that is compiled, or part of the example that is followed.
#[test]
fn code_is_compiled() -> Result<()> {
    for (name, text) in chapters()? {
        for fence in fences(&text) {
            let shown = ["rust", "ptx", "c", ""].contains(&fence.language());
            ensure!(
                !shown || fence.file().is_some(),
                "{name}:{}: include it: {{{{#code FILE ITEM}}}}",
                fence.line
            );
        }
    }
    Ok(())
}

/// Files that are spoken of are there.
#[test]
fn files_are_there() -> Result<()> {
    let chapter = fs::read_to_string(root().join("book/text").join(CHAPTER))?;
    let added = follow::apply_to_tree(&root(), &follow::steps(&chapter)?)?;
    let mut missing = Vec::new();
    for (name, text) in chapters()? {
        for event in Parser::new(&text) {
            let Event::Code(code) = event else { continue };
            let path = code.split(' ').next().unwrap_or_default();
            let names_a_file = path.contains('/')
                && !path.contains(['*', '<', '…'])
                && !["target/", "$"].iter().any(|start| path.starts_with(start))
                && path.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end));
            if names_a_file && !root().join(path).exists() && !added.contains_key(path) {
                missing.push(format!("{name}: {path}"));
            }
        }
    }
    ensure!(missing.is_empty(), "no such files: {missing:#?}");
    Ok(())
}

const ENDS: [&str; 9] = ["rs", "ptx", "md", "json", "sh", "py", "toml", "txt", "snap"];

/// The book builds; every link and picture of every page is there, nothing comes from a network.
#[test]
fn links_lead_somewhere() -> Result<()> {
    let first = build::build()?;
    let folder = first.parent().context("a folder")?;
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "html") {
            pages.insert(
                path.file_name().context("a name")?.to_string_lossy().into_owned(),
                fs::read_to_string(&path)?,
            );
        }
    }
    ensure!(pages.len() > 15, "{:?}", pages.keys());
    let mut wrong = Vec::new();
    for (name, html) in &pages {
        ensure!(!html.contains("{{#"), "{name}: a directive is left");
        ensure!(
            !["&lt;m", "&amp;nbsp;"].iter().any(|tag| html.contains(tag)),
            "{name}: a formula is shown as text"
        );
        for link in attributes(html, "href").chain(attributes(html, "src")) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let page = if file.is_empty() { name } else { file };
            let found = match pages.get(page) {
                Some(html) => place.is_empty() || html.contains(&format!("id=\"{place}\"")),
                // Source files lie above target/book, wherever that is.
                None => match file.strip_prefix("../../") {
                    Some(source) => root().join(source).exists(),
                    None => folder.join(file).exists(),
                },
            };
            if !found {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// The values of an attribute.
fn attributes<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    html.split(&format!(" {name}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect::<Vec<_>>()
        .into_iter()
}

/// Outputs shown are what their commands print, where these are built: `cargo test` builds examples and binaries of the
/// packages it tests. One that is not built, or older than its source, is skipped, and said so.
#[test]
fn outputs_are_what_commands_print() -> Result<()> {
    let test = env::current_exe()?;
    let built = test.ancestors().nth(2).context("a test lies in target/<profile>/deps")?;
    for recorded in record::all()? {
        if record::TIMES.contains(&&*recorded.name) {
            continue;
        }
        let Some(command) = with_built(&recorded.command, built) else {
            // Written past the test's capture.
            let text =
                format!("\n*** SKIPPED {}: not built, or older than its source ***\n", recorded.command);
            std::io::stderr().write_all(text.as_bytes())?;
            continue;
        };
        let printed = recorded.run(&command)?;
        ensure!(
            agree(&printed, &recorded.printed),
            "{}: cargo run -p ferrotape-book -- record {}\n{printed}",
            recorded.path().display(),
            recorded.name
        );
    }
    Ok(())
}

/// Equal texts; numbers may differ as those of two mathematical libraries do.
fn agree(a: &str, b: &str) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-5 * x.abs().max(y.abs()) || x.abs().max(y.abs()) < 1e-5;
    let same = |(a, b): (&str, &str)| a == b || a.parse().is_ok_and(|x| b.parse().is_ok_and(|y| near(x, y)));
    let (a, b) = (a.split_whitespace(), b.split_whitespace());
    a.clone().count() == b.clone().count() && a.zip(b).all(same)
}

/// The command with `cargo run …` replaced by the program that it would run, if that is built.
fn with_built(command: &str, built: &Path) -> Option<String> {
    let (before, run) = command.split_once("cargo run ")?;
    let words: Vec<&str> = run.split_whitespace().collect();
    let after = |flag: &str| words.iter().position(|word| *word == flag).and_then(|at| words.get(at + 1));
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let program = match (after("--example"), after("--bin")) {
        (Some(example), _) => {
            // One that is older than its source prints what was.
            let package = after("-p")?.strip_prefix("ferrotape-")?;
            let source = root().join(package).join("examples").join(example).with_extension("rs");
            let program = built.join("examples").join(example);
            (modified(&program) >= modified(&source)).then_some(program)?
        }
        (None, Some(binary)) => built.join(binary),
        (None, None) => return None,
    };
    let arguments = run.split_once(" -- ").map_or("", |(_, arguments)| arguments);
    program.exists().then(|| format!("{before}{} {arguments}", program.display()))
}

/// The command line.
#[test]
fn help() -> Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_ferrotape-book")).arg("--help").output()?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(["record", "follow", "target/book/index.html"].iter().all(|word| text.contains(word)), "{text}");
    Ok(())
}
