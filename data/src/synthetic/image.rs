//! One image: a soft background, clutter, a textured shape that may be partly hidden, noise.
//!
//! Only `+ - * /`, `sqrt`, `floor` and comparisons are used: IEEE 754 fixes their results, so the bytes are
//! the same on every machine.
use super::shape::Shape;
use super::texture::Texture;
use crate::rng::{below, between};
use rand::Rng;

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;

const SHAPES: [Shape; 5] = [Shape::Disc, Shape::Square, Shape::Triangle, Shape::Ring, Shape::Cross];
const TEXTURES: [Texture; 5] =
    [Texture::Banded, Texture::Striped, Texture::Slanted, Texture::Checked, Texture::Dotted];

/// Most pieces of clutter in an image.
const MAX_CLUTTER: u32 = 3;
/// Share of the images whose hue tells their class; in all others it is random.
const HUE_HINT: f32 = 0.15;

type Colour = [f32; 3];

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

/// Draws an image of `class` into `planes`: red, green, blue, each 32 rows of 32 pixels.
pub(super) fn draw(rng: &mut impl Rng, class: usize, planes: &mut [u8]) {
    let mut canvas = background(rng);
    for _ in 0..below(rng, MAX_CLUTTER + 1) {
        let clutter = Figure::clutter(rng);
        clutter.paint(&mut canvas);
    }
    Figure::subject(rng, class).paint(&mut canvas);
    develop(rng, &canvas, planes);
}

impl Figure {
    /// What the image is of.
    fn subject(rng: &mut impl Rng, class: usize) -> Self {
        let (shape, texture) = pair(class);
        let radius = between(rng, 7.0, 12.0);
        let reach = 15.5 - 0.75 * radius;
        let hue =
            if between(rng, 0.0, 1.0) < HUE_HINT { class as f32 / 10.0 } else { between(rng, 0.0, 1.0) };
        Self {
            shape,
            texture,
            centre: (15.5 + between(rng, -reach, reach), 15.5 + between(rng, -reach, reach)),
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
    fn clutter(rng: &mut impl Rng) -> Self {
        let hue = between(rng, 0.0, 1.0);
        Self {
            shape: SHAPES[below(rng, 5) as usize],
            texture: TEXTURES[below(rng, 5) as usize],
            centre: (between(rng, 0.0, 31.0), between(rng, 0.0, 31.0)),
            radius: between(rng, 3.0, 7.0),
            turn: rotation(between(rng, -1.0, 1.0)),
            period: between(rng, 2.5, 7.0),
            phase: (between(rng, 0.0, 1.0), between(rng, 0.0, 1.0)),
            grain: rotation(between(rng, -1.0, 1.0)),
            tones: tones(rng, hue, 0.15),
            opacity: 0.7,
        }
    }

    fn paint(&self, canvas: &mut [Colour]) {
        for (at, pixel) in canvas.iter_mut().enumerate() {
            let (x, y) = ((at % SIDE) as f32 - self.centre.0, (at / SIDE) as f32 - self.centre.1);
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
fn background(rng: &mut impl Rng) -> Vec<Colour> {
    let (cos, sin) = rotation(between(rng, -4.0, 4.0));
    let ends = [muted(rng), muted(rng)];
    let pixel = |at| {
        let (x, y) = ((at % SIDE) as f32 / 31.0 - 0.5, (at / SIDE) as f32 / 31.0 - 0.5);
        mix(ends[0], ends[1], (0.5 + 0.75 * (x * cos + y * sin)).clamp(0.0, 1.0))
    };
    (0..PLANE).map(pixel).collect()
}

/// Adds noise, common to the channels and of each alone, and rounds to bytes.
fn develop(rng: &mut impl Rng, canvas: &[Colour], planes: &mut [u8]) {
    let common = between(rng, 0.15, 0.3);
    for (at, colour) in canvas.iter().enumerate() {
        let [a, b, c, d] = rng.next_u32().to_le_bytes().map(|byte| f32::from(byte) - 127.5);
        for (channel, noise) in [a, b, c].into_iter().enumerate() {
            let value = 255.0 * colour[channel] + 0.2 * noise + common * d;
            // `as` saturates: below 0 is 0, above 255 is 255.
            planes[channel * PLANE + at] = (value + 0.5) as u8;
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
    fn a_blank_canvas_develops_into_noise_around_its_colour() {
        let mut planes = [0; 3 * PLANE];
        develop(&mut keyed(1, Stream::Image, 0), &[[0.25, 0.5, 0.75]; PLANE], &mut planes);
        for (plane, expected) in planes.chunks(PLANE).zip([63.75, 127.5, 191.25]) {
            let mean = plane.iter().map(|&byte| f64::from(byte)).sum::<f64>() / PLANE as f64;
            assert!((mean - expected).abs() < 3.0, "mean {mean}, expected {expected}");
        }
    }
}
