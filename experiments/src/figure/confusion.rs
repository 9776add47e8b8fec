//! Confusion matrices: counts and shares of each row.

use rizzma::core::color::Rgba;
use rizzma::{HorizontalAlignment as H, VerticalAlignment as V};

use super::Rendered;
use super::frame::{Anchor, CENTRED, Frame, fitting_size, text_width};
use super::legend::Legend;
use super::page::{Margins, Page, Plot, refuse};
use super::style::{self, SMALL};
use crate::metrics::Confusion;
use crate::output::Result;

/// Fill of a share of 1; lesser shares are mixed with white.
const FULL: [f64; 3] = [0.03, 0.19, 0.42];
/// Shares above this carry white words.
const DARK: f64 = 0.45;
/// Tilt of the class names below, in degrees.
const TILT: f64 = 35.0;

/// Draws a confusion matrix: one row a true class, one column a prediction; a cell's colour is its share of
/// the row, its words are the count and that share in percent.
///
/// # Errors
/// Where there are not as many names as classes.
pub fn confusion(title: &str, matrix: &Confusion, names: &[&str]) -> Result<Rendered> {
    if names.len() != matrix.classes() || names.is_empty() {
        let reason = format!("{} class names for {} classes", names.len(), matrix.classes());
        return Err(refuse(title, reason));
    }
    let matrix = Matrix { matrix, names };
    let page = Page::new(title, Legend::default(), vec![&matrix as &dyn Plot]);
    Page { cell: [8.0, 7.4], ..page }.draw()
}

struct Matrix<'a> {
    matrix: &'a Confusion,
    names: &'a [&'a str],
}

impl Plot for Matrix<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let classes = self.matrix.classes();
        let last = classes as f64;
        // The first class stands on top.
        frame.limits((0.0, last), (last, 0.0));
        frame.ax().grid(false);
        for label in 0..classes {
            for prediction in 0..classes {
                self.cell(frame, label, prediction);
            }
        }
        let middles: Vec<f64> = (0..classes).map(|i| i as f64 + 0.5).collect();
        frame.y_ticks(&middles, &self.names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        frame.x_ticks(&middles, &vec![String::new(); classes]);
        for (x, name) in middles.iter().zip(self.names) {
            let below = last * (1.0 + 0.12 / frame.inches()[1]);
            let right = x + 0.06 * last / frame.inches()[0];
            frame.tilted_text([right, below], name, Anchor(H::Right, V::Top), TILT);
        }
        let accuracy = self.matrix.accuracy();
        frame.labels("", "true class");
        let below = last * (1.0 + (self.margins().bottom - 0.12) / frame.inches()[1]);
        frame.sized_text([last / 2.0, below], "predicted class", CENTRED, Rgba::BLACK, 10.0);
        frame.title(&format!("{} images, {accuracy:.2} % right", self.matrix.total()));
    }

    fn words(&self) -> String {
        format!("true class over predicted class of {}", self.names.join(", "))
    }

    fn margins(&self) -> Margins {
        let widest = self.names.iter().map(|name| text_width(name, SMALL)).fold(0.0, f64::max);
        let tilted = widest * TILT.to_radians().sin();
        Margins { left: widest + 0.45, bottom: tilted + 0.5, ..Margins::default() }
    }

    fn aspect(&self) -> Option<f64> {
        Some(1.0)
    }
}

impl Matrix<'_> {
    fn cell(&self, frame: &mut Frame<'_>, label: usize, prediction: usize) {
        let share = self.matrix.share(label, prediction);
        let (x, y) = (prediction as f64, label as f64);
        frame.rectangle([x, y], [x + 1.0, y + 1.0], shade(share), Some(style::hex("#dddddd")));
        let colour = if share > DARK { Rgba::WHITE } else { Rgba::BLACK };
        let count = self.matrix.count(label, prediction);
        if count == 0 {
            return frame.text([x + 0.5, y + 0.5], "0", CENTRED, style::faint());
        }
        let count = count.to_string();
        let room = frame.inches()[0] / self.matrix.classes() as f64 - 0.06;
        let percent = format!("{:.1} %", 100.0 * share);
        let size = fitting_size(&percent, SMALL, room).min(fitting_size(&count, SMALL, room));
        frame.sized_text([x + 0.5, y + 0.36], &count, CENTRED, colour, size);
        frame.sized_text([x + 0.5, y + 0.68], &percent, CENTRED, colour, size * 0.85);
    }
}

/// White for 0, [`FULL`] for 1.
fn shade(share: f64) -> Rgba {
    let [r, g, b] = FULL.map(|full| 1.0 + (full - 1.0) * share);
    Rgba::rgb(r, g, b)
}
