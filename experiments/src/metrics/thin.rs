//! Fewer points that keep a curve's shape.

/// At most `most` of the points, the first and the last among them, so chosen that what is left out lies
/// close to the line between its kept neighbours.
///
/// The point farthest from its chord is kept first, then the farthest of what remains, and so on: the
/// refinement of D. Douglas and T. Peucker, *Cartographica* 10, 1973, ordered by distance and cut by number.
/// Distance is measured along y, as the two axes have no common unit.
pub fn thin(points: &[[f64; 2]], most: usize) -> Vec<[f64; 2]> {
    if points.len() <= most.max(2) {
        return points.to_vec();
    }
    let mut kept = vec![0, points.len() - 1];
    let mut open = vec![farthest(points, 0, points.len() - 1)];
    while kept.len() < most {
        let Some(best) = (0..open.len()).max_by(|&a, &b| open[a].distance.total_cmp(&open[b].distance))
        else {
            break;
        };
        let stretch = open.swap_remove(best);
        kept.push(stretch.at);
        for (from, to) in [(stretch.from, stretch.at), (stretch.at, stretch.to)] {
            if to - from > 1 {
                open.push(farthest(points, from, to));
            }
        }
    }
    kept.sort_unstable();
    kept.into_iter().map(|i| points[i]).collect()
}

/// A stretch between two kept points, and its point farthest from the chord.
struct Stretch {
    from: usize,
    to: usize,
    at: usize,
    distance: f64,
}

fn farthest(points: &[[f64; 2]], from: usize, to: usize) -> Stretch {
    let ([x0, y0], [x1, y1]) = (points[from], points[to]);
    let distance = |i: usize| {
        let [x, y] = points[i];
        // Along a vertical chord every height between its ends lies on it.
        let on_chord =
            if x1 > x0 { y0 + (y1 - y0) * (x - x0) / (x1 - x0) } else { y.clamp(y0.min(y1), y0.max(y1)) };
        (y - on_chord).abs()
    };
    let start = Stretch { from, to, at: from + 1, distance: distance(from + 1) };
    (from + 2..to).fold(start, |best, i| {
        let distance = distance(i);
        if distance > best.distance { Stretch { at: i, distance, ..best } } else { best }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_survive() {
        let stairs: Vec<[f64; 2]> =
            (0..=1000).map(|i| f64::from(i) / 1000.0).map(|x| [x, if x < 0.3 { 0.0 } else { 0.8 }]).collect();
        let few = thin(&stairs, 4);
        assert_eq!(few, [[0.0, 0.0], [0.299, 0.0], [0.3, 0.8], [1.0, 0.8]]);
        assert_eq!(thin(&stairs, 2000), stairs);
        assert_eq!(thin(&stairs, 0), [[0.0, 0.0], [1.0, 0.8]]);
        assert!(thin(&[], 5).is_empty());
    }

    #[test]
    fn a_smooth_curve_keeps_its_shape_in_200_points() {
        let curve: Vec<[f64; 2]> =
            (0..=9000).map(|i| f64::from(i) / 9000.0).map(|x| [x, x.powf(0.2)]).collect();
        let few = thin(&curve, 200);
        assert_eq!(few.len(), 200);
        for [x, y] in &curve {
            let right = few.iter().position(|p| p[0] >= *x).expect("the last point is kept").max(1);
            let ([x0, y0], [x1, y1]) = (few[right - 1], few[right]);
            let between = y0 + (y1 - y0) * (x - x0) / (x1 - x0);
            assert!((between - y).abs() < 2e-3, "off by {} at {x}", between - y);
        }
    }
}
