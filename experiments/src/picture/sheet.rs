//! A sheet of sample images: one row a class, its name beside it.

use ferrotape_autograd::Source;

use super::{Picture, refuse};
use crate::figure;
use crate::output::Result;

/// An image is magnified to about this many pixels a side.
const CELL: usize = 96;
/// Pixels between images and around them.
const GAP: usize = 4;
/// Pixels left and right of a name.
const MARGIN: usize = 12;
/// Type size of the names in pixels.
const TYPE: f64 = 22.0;
const WHITE: [u8; 3] = [255; 3];

/// Draws the first `columns` images of each class of `source`, one class a row, in label order; where a
/// class has fewer, its row ends earlier.
///
/// # Errors
/// Where there are not as many names as classes, images have neither 1 nor 3 channels, or there is nothing
/// to draw.
pub fn sheet(source: &dyn Source, names: &[&str], columns: usize) -> Result<Picture> {
    let ([channels, h, w], classes) = (source.shape(), source.classes());
    let fail = |reason: String| Err(refuse("sample picture", reason));
    if names.len() != classes {
        return fail(format!("{} names for {classes} classes", names.len()));
    }
    if !matches!(channels, 1 | 3) {
        return fail(format!("images have {channels} channels, expected 1 or 3"));
    }
    if classes * columns * h * w == 0 {
        return fail(format!("{classes} classes, {columns} columns, images of {h}x{w}: nothing to draw"));
    }
    let zoom = (CELL / h.max(w)).max(1);
    let (step_x, step_y) = (w * zoom + GAP, h * zoom + GAP);
    let names = names.iter().map(|name| figure::words(name, TYPE)).collect::<Result<Vec<Picture>>>()?;
    let left = names.iter().map(|name| name.width).max().unwrap_or(0) + 2 * MARGIN;
    let mut picture = Picture::plain(left + columns * step_x, GAP + classes * step_y, WHITE);
    for (class, name) in names.iter().enumerate() {
        let middle = GAP + class * step_y + h * zoom / 2;
        picture.paste(name, left - MARGIN - name.width, middle.saturating_sub(name.height / 2));
        let members = (0..source.len()).filter(|&i| usize::from(source.label(i)) == class);
        for (column, record) in members.take(columns).enumerate() {
            let image = image(source, record).magnified(zoom);
            picture.paste(&image, left + column * step_x, GAP + class * step_y);
        }
    }
    Ok(picture)
}

/// The image of `record`; planes become pixels, gray ones three equal channels.
fn image(source: &dyn Source, record: usize) -> Picture {
    let ([channels, height, width], bytes) = (source.shape(), source.pixels(record));
    let plane = height * width;
    let pixel = |i: usize| [0, 1, 2].map(|channel: usize| bytes[channel.min(channels - 1) * plane + i]);
    Picture { width, height, pixels: (0..plane).map(pixel).collect() }
}
