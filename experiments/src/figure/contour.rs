//! Marching squares: the line on which a function given on a grid takes one value.
//!
//! W. Lorensen and H. Cline, *Marching cubes*, SIGGRAPH 1987, in two dimensions.

/// Values on a grid, row by row, y rising with the row.
pub(super) struct Field<'a> {
    pub values: &'a [f64],
    pub columns: usize,
}

/// Segments of the line `value = level`, in units of the grid: `[[x, y], [x, y]]`, x in columns and y in rows.
///
/// Each square of four neighbours is cut where the value passes `level` along its sides, by linear
/// interpolation. Where all four sides are cut, the mean of the corners decides which two belong together.
/// Squares with a NaN have no segment.
pub(super) fn segments(field: &Field<'_>, level: f64) -> Vec<[[f64; 2]; 2]> {
    let rows = field.values.len().checked_div(field.columns).unwrap_or(0);
    let squares = (1..rows).flat_map(|row| (1..field.columns).map(move |column| (column - 1, row - 1)));
    squares.flat_map(|(column, row)| cut(field, column, row, level)).collect()
}

/// Corners of a square in counter-clockwise order, as steps from its lower left.
const CORNERS: [[usize; 2]; 4] = [[0, 0], [1, 0], [1, 1], [0, 1]];

fn cut(field: &Field<'_>, column: usize, row: usize, level: f64) -> Vec<[[f64; 2]; 2]> {
    let values = CORNERS.map(|[x, y]| field.values[(row + y) * field.columns + column + x]);
    if values.iter().any(|v| v.is_nan()) {
        return Vec::new();
    }
    let above = values.map(|v| v > level);
    let side = |from: usize| {
        let to = (from + 1) % 4;
        let share = (level - values[from]) / (values[to] - values[from]);
        let along = |axis: usize| {
            let (a, b) = (CORNERS[from][axis] as f64, CORNERS[to][axis] as f64);
            a + (b - a) * share
        };
        [column as f64 + along(0), row as f64 + along(1)]
    };
    let cut: Vec<usize> = (0..4).filter(|&i| above[i] != above[(i + 1) % 4]).collect();
    match cut[..] {
        [a, b] => vec![[side(a), side(b)]],
        [_, _, _, _] => {
            // Corner 0 is cut off alone unless the middle is on its side.
            let middle = values.iter().sum::<f64>() / 4.0 > level;
            let pairs = if middle == above[0] { [[0, 1], [2, 3]] } else { [[3, 0], [1, 2]] };
            pairs.map(|pair| pair.map(side)).to_vec()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_cut_straight() {
        let field = Field { values: &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0], columns: 3 };
        assert_eq!(segments(&field, 0.25), [[[0.25, 0.0], [0.25, 1.0]]]);
        assert!(segments(&field, 5.0).is_empty());
        assert!(segments(&Field { values: &[f64::NAN, 0.0, 1.0, 1.0], columns: 2 }, 0.5).is_empty());
        assert!(segments(&Field { values: &[], columns: 0 }, 0.5).is_empty());
    }

    #[test]
    fn a_saddle_joins_the_side_of_its_middle() {
        let joined = segments(&Field { values: &[1.0, 0.0, 0.2, 1.0], columns: 2 }, 0.5);
        assert_eq!(joined.len(), 2);
        // The lower right corner is cut off alone.
        assert_eq!(joined[0], [[0.5, 0.0], [1.0, 0.5]]);
        let apart = segments(&Field { values: &[1.0, 0.0, 0.0, 0.6], columns: 2 }, 0.5);
        assert!(apart[0][1] == [0.5, 0.0] && apart[0][0][0] == 0.0);
    }

    #[test]
    fn a_circle_has_its_radius() {
        let at = |i: usize| (i as f64 - 50.0) / 40.0;
        let values: Vec<f64> = (0..101 * 101).map(|i| at(i % 101).hypot(at(i / 101))).collect();
        let found = segments(&Field { values: &values, columns: 101 }, 1.0);
        assert!(found.len() > 200);
        for [x, y] in found.as_flattened() {
            assert!((((x - 50.0) / 40.0).hypot((y - 50.0) / 40.0) - 1.0).abs() < 1e-3);
        }
    }
}
