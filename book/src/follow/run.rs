//! Follows the chapter in a copy of the tree.
use super::{
    CHAPTER, Step,
    steps::{Commands, missing, steps},
};
use crate::{edit::Edit, root, target};
use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

/// What the copy's Cargo is told: the kernels are not optimised, or a change of them would take minutes to compile.
const CONFIG: &str = "[profile.dev.package.ferrotape-kernels]\nopt-level = 0\n";

/// Applies the chapter's steps in `target/follow`, in order, and prints what each took. What the commands print goes to
/// `target/follow.log`.
///
/// # Errors
/// Where an edit does not apply, a command ends otherwise than stated, or does not print what the chapter shows.
pub fn follow() -> Result<()> {
    let chapter = fs::read_to_string(root().join("book/text").join(CHAPTER))?;
    let copy = copy_tree()?;
    fs::write(target().join("follow.log"), "")?;
    let (mut touched, mut spoilt) = (BTreeMap::new(), Vec::new());
    let (mut added, mut removed) = (0, 0);
    let begun = Instant::now();
    for (line, step) in steps(&chapter)? {
        let at = || format!("book/text/{CHAPTER}:{line}");
        match step {
            Step::Edit(edit) => {
                let before = apply(&copy, &edit).with_context(at)?;
                println!("{:>4} s  {CHAPTER}:{line}  {}", begun.elapsed().as_secs(), edit.file);
                if edit.spoils {
                    spoilt.push((copy.join(&edit.file), before));
                } else {
                    let (more, less) = edit.lines();
                    (added, removed) = (added + more, removed + less);
                    touched.entry(edit.file).or_insert(before.is_none());
                }
            }
            Step::Run(commands) => {
                run(&copy, &commands, begun).with_context(at)?;
                for (file, before) in spoilt.drain(..) {
                    fs::write(file, before.context("a mistake is made in a file that is there")?)?;
                }
            }
        }
    }
    let seconds = begun.elapsed().as_secs();
    let new = touched.values().filter(|new| **new).count();
    println!(
        "{new} new files, {} changed, {added} lines added, {removed} removed; {} min {} s",
        touched.len() - new,
        seconds / 60,
        seconds % 60
    );
    Ok(())
}

/// Applies an edit; returns the text before it.
fn apply(copy: &Path, edit: &Edit) -> Result<Option<String>> {
    let path = copy.join(&edit.file);
    let before = fs::read_to_string(&path).ok();
    let after = edit.apply(before.as_deref())?;
    fs::create_dir_all(path.parent().context("a folder")?)?;
    fs::write(&path, after)?;
    Ok(before)
}

fn run(copy: &Path, commands: &Commands, begun: Instant) -> Result<()> {
    for (command, expected) in &commands.list {
        let started = Instant::now();
        println!("{:>4} s  $ {command}", begun.elapsed().as_secs());
        let output = Command::new("bash")
            .args(["-o", "pipefail", "-c", &format!("({command}) 2>&1")])
            .current_dir(copy)
            .env("CARGO_TARGET_DIR", target())
            .output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let mut log = fs::OpenOptions::new().append(true).open(target().join("follow.log"))?;
        writeln!(log, "$ {command}\n{printed}")?;
        ensure!(output.status.success() != commands.fail, "{command}: {}\n{printed}", output.status);
        if let Some(line) = missing(expected, &printed) {
            bail!("{command}: does not print the line\n{line}\nbut\n{printed}");
        }
        println!("        {} s, as shown", started.elapsed().as_secs());
    }
    Ok(())
}

/// The tracked files of the tree in `target/follow`, and no others. Those that are there already and the same are left
/// alone, for Cargo's sake.
fn copy_tree() -> Result<PathBuf> {
    let copy = target().join("follow");
    let listed = |what: &[&str]| -> Result<BTreeSet<String>> {
        let output = Command::new("git").args(["ls-files", "-z"]).args(what).current_dir(root()).output()?;
        ensure!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
        let names = String::from_utf8(output.stdout)?;
        Ok(names.split_terminator('\0').map(str::to_owned).collect())
    };
    let files = listed(&[])?;
    for file in &files {
        // A file that is deleted and not committed is still listed.
        let Ok(bytes) = fs::read(root().join(file)) else { continue };
        let path = copy.join(file);
        if fs::read(&path).ok().as_ref() != Some(&bytes) {
            fs::create_dir_all(path.parent().context("a folder")?)?;
            fs::write(&path, bytes)?;
        }
    }
    fs::create_dir_all(copy.join(".cargo"))?;
    fs::write(copy.join(".cargo/config.toml"), CONFIG)?;
    remove_others(&copy, &copy, &files)?;
    Ok(copy)
}

/// Removes what an earlier run added.
fn remove_others(copy: &Path, folder: &Path, files: &BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(copy)?.to_string_lossy().into_owned();
        if path.is_dir() {
            if name != ".cargo" {
                remove_others(copy, &path, files)?;
            }
        } else if !files.contains(&name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
