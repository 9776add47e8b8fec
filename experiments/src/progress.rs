//! What a training says while it runs: a bar with a line below it on a terminal, plain lines elsewhere.
//!
//! Both carry the same words: step, loss, accuracies, images a second and the time left.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use ferrotape_nn::thousands;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Plain lines come no closer than this, except at the end of an epoch.
pub(crate) const LINE_EVERY: Duration = Duration::from_secs(5);

/// How progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// A bar when stderr is a terminal, else plain lines.
    #[default]
    Auto,
    /// Plain lines on stderr.
    Plain,
    /// Nothing.
    Quiet,
}

/// The reporter of one training. Dropping it without [`Progress::finish`] clears the bar.
pub struct Progress {
    label: String,
    meter: Meter,
    started: Instant,
    epoch: u64,
    display: Display,
}

enum Display {
    Bar(ProgressBar),
    Plain { out: Box<dyn Write + Send>, last: Option<Duration> },
    Quiet,
}

impl Progress {
    /// A reporter of `total_steps` steps of `batch` images, on stderr.
    pub fn new(total_steps: u64, batch: u64, label: &str, mode: Mode) -> Self {
        let display = match mode {
            Mode::Quiet => Display::Quiet,
            Mode::Auto if draws_bars() => Display::Bar(bar(total_steps, label)),
            Mode::Auto | Mode::Plain => plain(io::stderr()),
        };
        Self::with_display(total_steps, batch, label, display)
    }

    /// Plain lines into any writer.
    pub fn plain_to(out: impl Write + Send + 'static, total_steps: u64, batch: u64, label: &str) -> Self {
        Self::with_display(total_steps, batch, label, plain(out))
    }

    fn with_display(total: u64, batch: u64, label: &str, display: Display) -> Self {
        let meter = Meter { first: 0, total, batch, unit: "images" };
        Self { label: label.to_owned(), meter, started: Instant::now(), epoch: u64::MAX, display }
    }

    /// Steps an epoch; plain lines then also appear at the end of each.
    pub fn with_epoch(mut self, steps: u64) -> Self {
        self.epoch = steps.max(1);
        self
    }

    /// What a batch holds, where it is not images.
    pub fn with_unit(mut self, unit: &'static str) -> Self {
        self.meter.unit = unit;
        self
    }

    /// Says that `step` steps were done before (a resumed training): they count for no rate.
    pub fn resumed_at(mut self, step: u64) -> Self {
        self.meter.first = step;
        self.started = Instant::now();
        self
    }

    /// Reports the state after `step` steps; accuracies are percent, and may be absent.
    pub fn record(
        &mut self,
        step: u64,
        loss: f64,
        train_acc: impl Into<Option<f64>>,
        val_acc: impl Into<Option<f64>>,
    ) {
        let elapsed = self.started.elapsed();
        let values = (loss, train_acc.into(), val_acc.into());
        match &mut self.display {
            Display::Quiet => {}
            Display::Bar(bar) => {
                bar.set_position(step);
                bar.set_message(self.meter.words(step, elapsed, values));
            }
            Display::Plain { out, last } => {
                let soon = last.is_some_and(|last| elapsed < last + LINE_EVERY);
                if soon && !step.is_multiple_of(self.epoch) && step != self.meter.total {
                    return;
                }
                *last = Some(elapsed);
                let words = self.meter.words(step, elapsed, values);
                let total = self.meter.total;
                // A closed stderr is no reason to lose a training.
                let _ = writeln!(out, "{}  step {step}/{total}  {words}", self.label);
            }
        }
    }

    /// Prints a line of its own, above the bar.
    pub fn note(&mut self, text: &str) {
        match &mut self.display {
            Display::Quiet => {}
            Display::Bar(bar) => bar.println(format!("{}  {text}", self.label)),
            Display::Plain { out, .. } => {
                let _ = writeln!(out, "{}  {text}", self.label);
            }
        }
    }

    /// Ends the report with a summary and the time it took.
    pub fn finish(mut self, summary: &str) {
        let text = format!("{summary}  in {}", duration(self.started.elapsed()));
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
            let _ = writeln!(io::stderr(), "{}  {text}", self.label);
        } else {
            self.note(&text);
        }
    }
}

fn plain(out: impl Write + Send + 'static) -> Display {
    Display::Plain { out: Box::new(out), last: None }
}

pub(crate) fn draws_bars() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn bar(total: u64, label: &str) -> ProgressBar {
    // Two lines: on one, 80 columns would cut off what matters.
    let template = "{prefix} [{wide_bar}] {pos}/{len}\n  {wide_msg}";
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    bar.set_style(style);
    bar.set_prefix(label.to_owned());
    bar
}

/// Loss, training and validation accuracy.
type Values = (f64, Option<f64>, Option<f64>);

/// Turns steps and time into rate and time left.
struct Meter {
    first: u64,
    total: u64,
    batch: u64,
    unit: &'static str,
}

impl Meter {
    fn words(&self, step: u64, elapsed: Duration, (loss, train, val): Values) -> String {
        let mut words = format!("loss {loss:.4}");
        for (name, value) in [("train", train), ("val", val)] {
            if let Some(value) = value {
                let _ = write!(words, "  {name} {value:.1} %");
            }
        }
        let done = step.saturating_sub(self.first) as f64;
        let rate = done / elapsed.as_secs_f64();
        if done > 0.0 && rate.is_finite() {
            let left = self.total.saturating_sub(step) as f64 / rate;
            let (count, unit) = (thousands((rate * self.batch as f64).round() as u64), self.unit);
            let left = duration(Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX));
            let _ = write!(words, "  {count} {unit}/s  ETA {left}");
        }
        words
    }
}

/// `7.3s`, `1m05s` or `2h07m`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1}s", time.as_secs_f64()),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_carry_rate_and_time_left() {
        let meter = Meter { first: 100, total: 1100, batch: 50, unit: "images" };
        let values = (1.25, Some(40.0), None);
        let words = meter.words(600, Duration::from_secs(10), values);
        assert_eq!(words, "loss 1.2500  train 40.0 %  2,500 images/s  ETA 10.0s");
        assert_eq!(meter.words(100, Duration::ZERO, (1.0, None, None)), "loss 1.0000");
        assert!(meter.words(9999, Duration::from_nanos(1), values).ends_with("ETA 0.0s"));
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(7340)), "7.3s");
        assert_eq!(duration(Duration::from_secs(65)), "1m05s");
        assert_eq!(duration(Duration::from_secs(7625)), "2h07m");
    }
}
