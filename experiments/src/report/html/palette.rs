//! Figures with a palette of 96 colours: half the bytes, and no difference that a reader sees.
use anyhow::Result;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Transformations};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

/// Smaller pictures stay as they are: pictures of weights and images, in which every colour counts.
const LARGE: u32 = 1000;
/// Colours that a palette has as they are: the most frequent ones.
const FREQUENT: usize = 32;
/// The most colours of a palette: of each of 4x4x4 cells one more.
const MOST: usize = FREQUENT + 64;

/// The same picture with a palette, where it is large and that makes it smaller.
///
/// # Errors
/// If it cannot be decoded.
pub(super) fn smaller(file: Vec<u8>) -> Result<Vec<u8>> {
    let mut decoder = Decoder::new(Cursor::new(&file));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = (reader.info().width, reader.info().height);
    let channels = match reader.output_color_type().0 {
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        _ => return Ok(file),
    };
    let mut pixels = vec![0; reader.output_buffer_size().unwrap_or(0)];
    reader.next_frame(&mut pixels)?;
    if width < LARGE {
        return Ok(file);
    }
    let colours: Vec<[u8; 3]> = pixels.chunks_exact(channels).map(on_white).collect();
    let with_palette = encode(width, height, &colours)?;
    Ok(if with_palette.len() < file.len() { with_palette } else { file })
}

/// What a pixel looks like on paper.
fn on_white(pixel: &[u8]) -> [u8; 3] {
    let alpha = pixel.get(3).copied().map_or(255, u32::from);
    [0, 1, 2].map(|c| ((u32::from(pixel[c]) * alpha + 255 * (255 - alpha)) / 255) as u8)
}

fn encode(width: u32, height: u32, colours: &[[u8; 3]]) -> Result<Vec<u8>> {
    // Most pixels are the same as the one before: runs are looked up once.
    let runs: Vec<&[[u8; 3]]> = colours.chunk_by(|a, b| a == b).collect();
    let (palette, index) = palette(&runs);
    let indices: Vec<u8> =
        runs.iter().flat_map(|run| std::iter::repeat_n(index[&run[0]], run.len())).collect();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indices)?;
    writer.finish()?;
    Ok(file)
}

/// The colours that occur most, rounded the more coarsely the more there are, and which of them stands for each colour.
fn palette(runs: &[&[[u8; 3]]]) -> (Vec<[u8; 3]>, BTreeMap<[u8; 3], u8>) {
    let mut counts: BTreeMap<[u8; 3], usize> = BTreeMap::new();
    for run in runs {
        *counts.entry(run[0]).or_default() += run.len();
    }
    let mut palette: Vec<[u8; 3]> = counts.keys().copied().collect();
    if palette.len() > MOST {
        // The most frequent ones, and of each cell its most frequent one.
        palette.sort_by_key(|colour| (std::cmp::Reverse(counts[colour]), *colour));
        let (mut cells, mut rank) = (BTreeSet::new(), 0);
        palette.retain(|colour| {
            rank += 1;
            cells.insert(colour.map(|c| c >> 6)) || rank <= FREQUENT
        });
    }
    let nearest = |colour: &[u8; 3]| {
        let distance =
            |p: &[u8; 3]| (0..3).map(|c| i32::from(p[c]).abs_diff(i32::from(colour[c])).pow(2)).sum::<u32>();
        (0..palette.len()).min_by_key(|&k| distance(&palette[k])).unwrap_or(0) as u8
    };
    let index = counts.keys().map(|colour| (*colour, nearest(colour))).collect();
    (palette, index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, pixels: &[u8], kind: ColorType) -> Vec<u8> {
        let mut file = Vec::new();
        let channels = if kind == ColorType::Rgba { 4 } else { 3 };
        let mut encoder = Encoder::new(&mut file, width, pixels.len() as u32 / width / channels);
        encoder.set_color(kind);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        file
    }

    fn rgb(file: &[u8]) -> Vec<u8> {
        let mut decoder = Decoder::new(Cursor::new(file));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        pixels
    }

    #[test]
    fn few_colours_are_kept_exactly() {
        let pixels: Vec<u8> = (0..1200 * 40)
            .flat_map(|i| [[255, 255, 255, 255], [0, 0, 255, 255], [9, 9, 9, 0]][i * i % 7 % 3])
            .collect();
        let file = png(1200, &pixels, ColorType::Rgba);
        let small = smaller(file.clone()).unwrap();
        assert!(small.len() < file.len());
        let expected: Vec<u8> = pixels.chunks_exact(4).flat_map(on_white).collect();
        assert_eq!(rgb(&small), expected);
    }

    #[test]
    fn many_colours_are_met_closely() {
        // White ground with shades of two hues, as where lines are antialiased.
        let pixels: Vec<u8> = (0..1500 * 40)
            .flat_map(|i: u32| match i % 5 {
                0 => [(i / 5 % 256) as u8, (i / 5 % 256) as u8, 255],
                1 => [255, (i / 7 % 256) as u8, (i / 9 % 250) as u8],
                _ => [255, 255, 255],
            })
            .collect();
        let small = smaller(png(1500, &pixels, ColorType::Rgb)).unwrap();
        let distance =
            |(a, b): (&[u8], &[u8])| (0..3).map(|c| u32::from(a[c].abs_diff(b[c])).pow(2)).sum::<u32>();
        let worst = rgb(&small).chunks(3).zip(pixels.chunks(3)).map(distance).max().unwrap();
        assert!(worst <= 3 * 63 * 63, "farther than the far corner of its cell: {worst}");
    }

    #[test]
    fn small_pictures_stay_and_damaged_ones_are_refused() {
        let file = png(20, &[7; 60], ColorType::Rgb);
        assert_eq!(smaller(file.clone()).unwrap(), file);
        assert!(smaller(file[..40].to_vec()).is_err());
    }
}
