//! The five outlines, as signed distances.

/// An outline; [`Shape::distance`] says how far a point lies outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Disc,
    Square,
    Triangle,
    Ring,
    Cross,
}

impl Shape {
    /// Distance in pixels from (`u`, `v`) to the outline of radius `r` around the origin; negative inside.
    ///
    /// Exact near straight edges, a lower bound near corners, which is enough for edges one pixel soft.
    pub(super) fn distance(self, u: f32, v: f32, r: f32) -> f32 {
        let from_centre = (u * u + v * v).sqrt();
        let (u, height) = (u.abs(), v.abs());
        match self {
            Shape::Disc => from_centre - 0.95 * r,
            Shape::Square => u.max(height) - 0.82 * r,
            // Three half-planes at the inradius, half the circumradius.
            Shape::Triangle => v.max(0.866 * u - 0.5 * v) - 0.56 * r,
            Shape::Ring => (from_centre - 0.72 * r).abs() - 0.30 * r,
            Shape::Cross => {
                let (long, short) = (r, 0.38 * r);
                (u - long).max(height - short).min((u - short).max(height - long))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Shape; 5] = [Shape::Disc, Shape::Square, Shape::Triangle, Shape::Ring, Shape::Cross];

    #[test]
    fn only_the_ring_has_a_hole() {
        for shape in ALL {
            assert_eq!(shape.distance(0.0, 0.0, 10.0) < 0.0, shape != Shape::Ring, "{shape:?}");
        }
    }

    #[test]
    fn every_outline_ends_within_its_bounding_circle() {
        for shape in ALL {
            for (u, v) in [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (0.7, 0.7), (-0.7, 0.7)] {
                assert!(shape.distance(12.5 * u, 12.5 * v, 10.0) > 0.0, "{shape:?} at {u}, {v}");
            }
        }
    }
}
