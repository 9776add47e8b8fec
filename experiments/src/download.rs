//! `--download`: the data set from its publisher, with a bar on a terminal and plain lines elsewhere.
use crate::{
    interrupt,
    progress::{LINE_EVERY, Mode, draws_bars},
};
use ferrotape_data::{
    Error, Published,
    download::{self, Outcome, Package, Progress},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::Path,
    time::Instant,
};

/// Fetches `set` into `dir` unless it is there, from `mirror` or else its publisher.
///
/// # Errors
/// Where there is nothing to fetch, or it cannot be had whole; after Ctrl-C a stop, with what has come kept.
pub(crate) fn fetch(
    set: Option<Published>,
    mirror: Option<&str>,
    dir: &Path,
    mode: Mode,
) -> Result<(), Error> {
    let set = set.ok_or(download::Error::BuiltIn)?;
    let mut package = Package::of(set)?;
    if let Some(base) = mirror {
        package = package.mirrored(base);
    }
    let mut report = Report::new(mode);
    let outcome = package.fetch_into(dir, &mut |progress| {
        report.show(progress);
        if interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    drop(report);
    if mode != Mode::Quiet {
        match outcome {
            Outcome::AlreadyThere(place) => {
                println!("{} is in {} already, nothing was downloaded", set.title(), place.display());
            }
            Outcome::Fetched(place) => println!("{} was downloaded into {}", set.title(), place.display()),
        }
    }
    Ok(())
}

/// Shows how a transfer goes, file by file.
struct Report {
    file: String,
    display: Display,
}

enum Display {
    Bar(ProgressBar),
    /// Lines on stderr, and when the last one was.
    Plain(Option<Instant>),
    Quiet,
}

impl Report {
    fn new(mode: Mode) -> Self {
        let display = match mode {
            Mode::Quiet => Display::Quiet,
            Mode::Auto if draws_bars() => Display::Bar(ProgressBar::hidden()),
            Mode::Auto | Mode::Plain => Display::Plain(None),
        };
        Self { file: String::new(), display }
    }

    fn show(&mut self, progress: Progress<'_>) {
        let another = self.file != progress.file;
        if another {
            progress.file.clone_into(&mut self.file);
        }
        match &mut self.display {
            Display::Quiet => {}
            Display::Bar(bar) => {
                if another {
                    *bar = bar_from(progress);
                }
                bar.set_position(progress.received);
            }
            Display::Plain(last) => {
                let whole = progress.total == Some(progress.received);
                if another || whole || last.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
                    *last = Some(Instant::now());
                    // A closed stderr is no reason to lose a download.
                    let _ = writeln!(io::stderr(), "{}", words(progress));
                }
            }
        }
    }
}

fn bar_from(progress: Progress<'_>) -> ProgressBar {
    let template = "{prefix} [{wide_bar}] {bytes}/{total_bytes}  {bytes_per_sec}  ETA {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(progress.total, ProgressDrawTarget::stderr());
    bar.set_style(style.progress_chars("=> "));
    bar.set_prefix(progress.file.to_owned());
    // What came in an earlier call counts for no rate.
    bar.with_position(progress.received)
}

/// `train-images-idx3-ubyte.gz  12.5 of 26.4 MB`.
fn words(progress: Progress<'_>) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let received = megabytes(progress.received);
    match progress.total {
        Some(total) => format!("{}  {received:.1} of {:.1} MB", progress.file, megabytes(total)),
        None => format!("{}  {received:.1} MB", progress.file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_the_whole_where_it_is_known() {
        let progress = Progress { file: "a.gz", received: 12_540_000, total: Some(26_421_880) };
        assert_eq!(words(progress), "a.gz  12.5 of 26.4 MB");
        assert_eq!(words(Progress { total: None, ..progress }), "a.gz  12.5 MB");
    }
}
