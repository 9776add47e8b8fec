//! Pictures pixel by pixel: feature maps, sample images. Nothing is interpolated, nothing plotted.

mod grid;
mod sheet;

use std::path::Path;

pub use grid::{Range, grid};
pub use sheet::sheet;

use crate::output::{self, Error, Result};

/// An 8-bit RGB picture, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// One colour a pixel.
    pub pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// A picture of one colour.
    pub fn plain(width: usize, height: usize, colour: [u8; 3]) -> Self {
        Self { width, height, pixels: vec![colour; width * height] }
    }

    /// Copies `other` so that its upper left pixel lies at `left`, `top`; what does not fit is cut off.
    pub fn paste(&mut self, other: &Self, left: usize, top: usize) {
        let width = other.width.min(self.width.saturating_sub(left));
        let height = other.height.min(self.height.saturating_sub(top));
        for y in 0..height {
            let from = &other.pixels[y * other.width..][..width];
            self.pixels[(top + y) * self.width + left..][..width].copy_from_slice(from);
        }
    }

    /// Every pixel as a square of `zoom` by `zoom`.
    pub fn magnified(&self, zoom: usize) -> Self {
        let (width, height) = (self.width * zoom, self.height * zoom);
        let from = |i: usize| self.pixels[i / width / zoom * self.width + i % width / zoom];
        Self { width, height, pixels: (0..width * height).map(from).collect() }
    }

    /// Encodes the picture with a tEXt chunk `Description`; the same arguments give the same bytes.
    ///
    /// # Errors
    /// Where a side is 0 or too long for a PNG.
    pub fn png(&self, description: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.encode(description, &mut bytes).map_err(|e| refuse("picture", e.to_string()))?;
        Ok(bytes)
    }

    /// Writes [`Picture::png`] to `path`.
    ///
    /// # Errors
    /// As [`Picture::png`], or where the file cannot be written.
    pub fn write(&self, description: &str, path: &Path) -> Result<()> {
        output::write_bytes(path, &self.png(description)?)
    }

    fn encode(&self, description: &str, bytes: &mut Vec<u8>) -> std::result::Result<(), png::EncodingError> {
        let fits = |side: usize| u32::try_from(side).map_err(|_| png::EncodingError::LimitsExceeded);
        let mut encoder = png::Encoder::new(bytes, fits(self.width)?, fits(self.height)?);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_color(png::ColorType::Rgb);
        encoder.add_text_chunk("Description".into(), description.into())?;
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()
    }
}

fn refuse(what: &str, reason: String) -> Error {
    Error::Picture { what: what.to_owned(), reason }
}
