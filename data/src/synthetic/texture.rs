//! The five patterns that fill an outline.

/// A periodic two-tone pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texture {
    Banded,
    Striped,
    Slanted,
    Checked,
    Dotted,
}

impl Texture {
    /// The tone at (`u`, `v`), both counted in periods: 0 or 1, or between them at a soft edge.
    pub(super) fn tone(self, u: f32, v: f32) -> f32 {
        match self {
            Texture::Banded => stripe(v),
            Texture::Striped => stripe(u),
            Texture::Slanted => stripe(0.707 * (u + v)),
            Texture::Checked => {
                let (a, b) = (stripe(0.75 * u), stripe(0.75 * v));
                a * b + (1.0 - a) * (1.0 - b)
            }
            Texture::Dotted => {
                let (a, b) = (centred(u), centred(v));
                soft(0.34 - (a * a + b * b).sqrt())
            }
        }
    }
}

/// Half dark, half bright along `t`.
fn stripe(t: f32) -> f32 {
    soft(0.25 - centred(t).abs())
}

/// Distance from `t` to its nearest integer, signed.
fn centred(t: f32) -> f32 {
    t - (t + 0.5).floor()
}

/// An edge about one pixel wide: 0 where `inside` is well below zero, 1 well above.
fn soft(inside: f32) -> f32 {
    (0.5 + 4.0 * inside).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Texture; 5] =
        [Texture::Banded, Texture::Striped, Texture::Slanted, Texture::Checked, Texture::Dotted];

    /// Tones on a fine grid over several periods.
    fn tones(texture: Texture) -> Vec<f32> {
        let at = |i: usize| 0.05 * i as f32 - 8.0;
        (0..320 * 320).map(|i| texture.tone(at(i % 320), at(i / 320))).collect()
    }

    #[test]
    fn every_texture_has_two_tones_in_fair_shares() {
        for texture in ALL {
            let tones = tones(texture);
            assert!(tones.iter().all(|tone| (0.0..=1.0).contains(tone)), "{texture:?}");
            let mean = tones.iter().sum::<f32>() / tones.len() as f32;
            assert!((0.3..0.7).contains(&mean), "{texture:?}: mean {mean}");
        }
    }

    #[test]
    fn bands_lie_and_stripes_stand() {
        for t in [0.0, 0.3, 0.6] {
            assert_eq!(Texture::Banded.tone(0.1, t), Texture::Banded.tone(0.9, t));
            assert_eq!(Texture::Striped.tone(t, 0.1), Texture::Striped.tone(t, 0.9));
        }
    }
}
