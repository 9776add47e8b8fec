//! One image: a soft background, clutter, a textured shape that may be partly hidden, noise.
//!
//! Only `+ - * /`, `sqrt`, `floor` and comparisons are used: IEEE 754 fixes their results, so the bytes are
//! the same on every machine.
use super::Form;
use super::shape::Shape;
use super::texture::Texture;
use crate::rng::{below, between};
use rand::Rng;

const SHAPES: [Shape; 5] = [Shape::Disc, Shape::Square, Shape::Triangle, Shape::Ring, Shape::Cross];
const TEXTURES: [Texture; 5] =
    [Texture::Banded, Texture::Striped, Texture::Slanted, Texture::Checked, Texture::Dotted];

/// Most pieces of clutter in an image.
const MAX_CLUTTER: u32 = 3;
/// Share of the images whose hue tells their class; in all others it is random.
const HUE_HINT: f32 = 0.15;

type Colour = [f32; 3];

/// A square picture, row by row.
struct Canvas {
    side: usize,
    pixels: Vec<Colour>,
}

/// A textured shape somewhere in the picture.
struct Figure {
    shape: Shape,
    texture: Texture,
    centre: (f32, f32),
    radius: f32,
    turn: (f32, f32),
    period: f32,
    phase: (f32, f32),
    grain: (f32, f32),
    tones: [Colour; 2],
    opacity: f32,
}

/// Draws an image of `class` into `planes`: red, green, blue, or gray alone, each row by row.
///
/// The figures have the same size in pixels in either form, so a smaller picture is a closer crop.
pub(super) fn draw(rng: &mut impl Rng, form: Form, class: usize, planes: &mut [u8]) {
    let [_, side, _] = form.shape();
    let mut canvas = background(rng, side);
    for _ in 0..below(rng, MAX_CLUTTER + 1) {
        let clutter = Figure::clutter(rng, canvas.last());
        clutter.paint(&mut canvas);
    }
    Figure::subject(rng, canvas.last(), class).paint(&mut canvas);
    develop(rng, form, &canvas, planes);
}

impl Canvas {
    /// Coordinate of the last row and column.
    fn last(&self) -> f32 {
        (self.side - 1) as f32
    }
}

impl Figure {
    /// What the image is of.
    fn subject(rng: &mut impl Rng, last: f32, class: usize) -> Self {
        let (shape, texture) = pair(class);
        let radius = between(rng, 7.0, 12.0);
        let middle = 0.5 * last;
        let reach = middle - 0.75 * radius;
        let hue =
            if between(rng, 0.0, 1.0) < HUE_HINT { class as f32 / 10.0 } else { between(rng, 0.0, 1.0) };
        Self {
            shape,
            texture,
            centre: (middle + between(rng, -reach, reach), middle + between(rng, -reach, reach)),
            radius,
            turn: rotation(between(rng, -0.12, 0.12)),
            period: between(rng, 3.6, 5.4),
            phase: (between(rng, 0.0, 1.0), between(rng, 0.0, 1.0)),
            grain: rotation(between(rng, -0.1, 0.1)),
            tones: tones(rng, hue, 0.5),
            opacity: 1.0,
        }
    }

    /// Something small and pale that belongs to no class.
    fn clutter(rng: &mut impl Rng, last: f32) -> Self {
        let hue = between(rng, 0.0, 1.0);
        Self {
            shape: SHAPES[below(rng, 5) as usize],
            texture: TEXTURES[below(rng, 5) as usize],
            centre: (between(rng, 0.0, last), between(rng, 0.0, last)),
            radius: between(rng, 3.0, 7.0),
            turn: rotation(between(rng, -1.0, 1.0)),
            period: between(rng, 2.5, 7.0),
            phase: (between(rng, 0.0, 1.0), between(rng, 0.0, 1.0)),
            grain: rotation(between(rng, -1.0, 1.0)),
            tones: tones(rng, hue, 0.15),
            opacity: 0.7,
        }
    }

    fn paint(&self, canvas: &mut Canvas) {
        let side = canvas.side;
        for (at, pixel) in canvas.pixels.iter_mut().enumerate() {
            let (x, y) = ((at % side) as f32 - self.centre.0, (at / side) as f32 - self.centre.1);
            let (u, v) = turned((x, y), self.turn);
            let cover = self.opacity * (0.5 - self.shape.distance(u, v, self.radius)).clamp(0.0, 1.0);
            if cover == 0.0 {
                continue;
            }
            let (u, v) = turned((x, y), self.grain);
            let tone = self.texture.tone(u / self.period + self.phase.0, v / self.period + self.phase.1);
            *pixel = mix(*pixel, mix(self.tones[0], self.tones[1], tone), cover);
        }
    }
}

/// The shape and texture of a class. Each is shared by two classes, so that neither alone decides.
fn pair(class: usize) -> (Shape, Texture) {
    (SHAPES[class / 2], TEXTURES[(class / 2 + class % 2) % TEXTURES.len()])
}

/// A gradient between two colours across a random direction.
fn background(rng: &mut impl Rng, side: usize) -> Canvas {
    let (cos, sin) = rotation(between(rng, -4.0, 4.0));
    let ends = [muted(rng), muted(rng)];
    let last = (side - 1) as f32;
    let pixel = |at| {
        let (x, y) = ((at % side) as f32 / last - 0.5, (at / side) as f32 / last - 0.5);
        mix(ends[0], ends[1], (0.5 + 0.75 * (x * cos + y * sin)).clamp(0.0, 1.0))
    };
    Canvas { side, pixels: (0..side * side).map(pixel).collect() }
}

/// Adds noise, common to the channels and of each alone, and rounds to bytes.
fn develop(rng: &mut impl Rng, form: Form, canvas: &Canvas, planes: &mut [u8]) {
    let common = between(rng, 0.15, 0.3);
    let plane = canvas.pixels.len();
    for (at, colour) in canvas.pixels.iter().enumerate() {
        let [a, b, c, d] = rng.next_u32().to_le_bytes().map(|byte| f32::from(byte) - 127.5);
        let values = match form {
            Form::Rgb32 => &colour[..],
            Form::Gray28 => &[value(*colour)],
        };
        for (channel, (value, noise)) in values.iter().zip([a, b, c]).enumerate() {
            let value = 255.0 * value + 0.2 * noise + common * d;
            // `as` saturates: below 0 is 0, above 255 is 255.
            planes[channel * plane + at] = (value + 0.5) as u8;
        }
    }
}

/// Two colours, one darker by at least `contrast`, in random order.
fn tones(rng: &mut impl Rng, hue: f32, contrast: f32) -> [Colour; 2] {
    let dark = between(rng, 0.0, 0.35);
    let bright = dark + between(rng, contrast, contrast + 0.15);
    let other = hue + between(rng, -0.2, 0.2);
    let pair = [tint(hue, between(rng, 0.2, 0.8), bright), tint(other, between(rng, 0.2, 0.8), dark)];
    if below(rng, 2) == 0 { pair } else { [pair[1], pair[0]] }
}

/// A background colour.
fn muted(rng: &mut impl Rng) -> Colour {
    tint(between(rng, 0.0, 1.0), between(rng, 0.1, 0.6), between(rng, 0.15, 0.85))
}

/// Hue (in turns), saturation and value as red, green and blue.
fn tint(hue: f32, saturation: f32, value: f32) -> Colour {
    [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|peak| {
        let away = hue - peak;
        let away = 6.0 * (away - (away + 0.5).floor()).abs();
        value * (1.0 - saturation * (away - 1.0).clamp(0.0, 1.0))
    })
}

/// The value in the sense of [`tint`], the largest channel. Luma would not do for gray images: two tones far apart
/// in value can have the same luma.
fn value([red, green, blue]: Colour) -> f32 {
    red.max(green).max(blue)
}

/// Cosine and sine of the angle whose half has the tangent `t`.
fn rotation(t: f32) -> (f32, f32) {
    let scale = 1.0 + t * t;
    ((1.0 - t * t) / scale, 2.0 * t / scale)
}

fn turned((x, y): (f32, f32), (cos, sin): (f32, f32)) -> (f32, f32) {
    (cos * x + sin * y, cos * y - sin * x)
}

fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    [0, 1, 2].map(|c| from[c] + share * (to[c] - from[c]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, keyed};
    use crate::synthetic::CLASS_NAMES;

    #[test]
    fn names_say_what_is_drawn() {
        for (class, name) in CLASS_NAMES.into_iter().enumerate() {
            let (shape, texture) = pair(class);
            assert_eq!(format!("{texture:?} {shape:?}").to_lowercase(), name);
        }
    }

    #[test]
    fn each_shape_and_each_texture_belongs_to_two_classes() {
        let classes =
            |has: &dyn Fn((Shape, Texture)) -> bool| (0..10).filter(|&class| has(pair(class))).count();
        assert!(SHAPES.into_iter().all(|shape| classes(&|pair| pair.0 == shape) == 2));
        assert!(TEXTURES.into_iter().all(|texture| classes(&|pair| pair.1 == texture) == 2));
    }

    #[test]
    fn primary_hues_are_primary_colours() {
        let near = |tint: Colour, expected: Colour| (0..3).all(|c| (tint[c] - expected[c]).abs() < 1e-6);
        assert!(near(tint(0.0, 1.0, 1.0), [1.0, 0.0, 0.0]));
        assert!(near(tint(1.0 / 3.0, 1.0, 0.5), [0.0, 0.5, 0.0]));
        assert!(near(tint(-1.0 / 6.0, 1.0, 1.0), [1.0, 0.0, 1.0]));
        assert!(near(tint(-0.25, 0.0, 0.5), [0.5; 3]));
    }

    #[test]
    fn a_rotation_keeps_lengths() {
        for t in [-4.0, -0.1, 0.0, 0.7, 3.0] {
            let (u, v) = turned((3.0, 4.0), rotation(t));
            assert!((u * u + v * v - 25.0).abs() < 1e-4, "{t}: ({u}, {v})");
        }
    }

    #[test]
    fn the_value_of_a_tint_is_what_it_was_made_with() {
        for hue in [-0.3, 0.0, 0.1, 0.5, 0.83] {
            assert!((value(tint(hue, 0.7, 0.4)) - 0.4).abs() < 1e-6, "{hue}");
        }
    }

    fn means(form: Form) -> Vec<f64> {
        let [channels, side, _] = form.shape();
        let canvas = Canvas { side, pixels: vec![[0.25, 0.5, 0.75]; side * side] };
        let mut planes = vec![0; channels * side * side];
        develop(&mut keyed(1, Stream::Image, 0), form, &canvas, &mut planes);
        let mean = |plane: &[u8]| plane.iter().map(|&byte| f64::from(byte)).sum::<f64>() / plane.len() as f64;
        planes.chunks(side * side).map(mean).collect()
    }

    #[test]
    fn a_blank_canvas_develops_into_noise_around_its_colour() {
        let near = |means: &[f64], expected: &[f64]| {
            assert_eq!(means.len(), expected.len());
            assert!(means.iter().zip(expected).all(|(m, e)| (m - e).abs() < 3.0), "{means:?}, {expected:?}");
        };
        near(&means(Form::Rgb32), &[63.75, 127.5, 191.25]);
        near(&means(Form::Gray28), &[191.25]);
    }
}
