//! Words as pixels, for pictures that are not plotted.

use rizzma::text::FontSource;
use rizzma::{Figure, VerticalAlignment};

use super::page::refuse;
use crate::output::Result;
use crate::picture::Picture;

/// Draws `words` black on white, `size` pixels being the height of the type; the picture is as wide as they are.
///
/// # Errors
/// Where there is nothing to draw.
pub fn words(words: &str, size: f64) -> Result<Picture> {
    let width = FontSource::dejavu_sans().measure(words, size).width.ceil() + 2.0;
    if !(width > 2.0 && size >= 1.0) {
        return Err(refuse(words, format!("no words to draw at {size} pixels")));
    }
    // At 100 pixels an inch type sizes are pixels.
    let mut figure = Figure::new(width / 100.0, (size * 1.4).ceil() / 100.0).with_dpi(100.0);
    figure.text(1.0 / width, 0.5, words).set_size(size).set_va(VerticalAlignment::Center);
    let drawn = figure.render();
    let pixmap = drawn.pixmap();
    // The paper is opaque, so colours are not premultiplied by less than 1.
    let pixels = pixmap.pixels().iter().map(|p| [p.red(), p.green(), p.blue()]).collect();
    Ok(Picture { width: pixmap.width() as usize, height: pixmap.height() as usize, pixels })
}
