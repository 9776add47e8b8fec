//! Copies with threads. Flattening images, its inverse and a transpose are changes of layout too:
//!
//! | copy | is the change of layout |
//! |---|---|
//! | flatten | to rows |
//! | unflatten | from rows |
//! | transpose of (r, c) | of (r, c) from rows to `in_out` |
use super::Relayout;
use crate::{Cpu, MAX_RANK, elementwise::cpu::SERIAL};

/// `y[i] = x[i]` at every spoken index `i`; y is written in memory order.
pub fn relayout(s: &Relayout, x: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!([x.len(), y.len()], [s.shape.len(); 2]);
    if y.is_empty() {
        return;
    }
    let ([_, b, c, d], [sa, sb, sc, sd]) = walk(s);
    cpu.workers(y.len() > SERIAL).for_each_chunk(y, b * c * d, |a, y| {
        for (row, y) in y.chunks_exact_mut(d).enumerate() {
            let x = &x[a * sa + row / c * sb + row % c * sc..];
            y.iter_mut().zip(x.iter().step_by(sd)).for_each(|(y, x)| *y = *x);
        }
    });
}

/// Sizes in the order the output lies in memory, slowest first, and the input's stride along each; ones and zeros
/// before them where the rank is lower.
fn walk(s: &Relayout) -> ([usize; MAX_RANK], [usize; MAX_RANK]) {
    let rank = s.shape.rank();
    let (from, to) = (s.from.strides(&s.shape), s.to.strides(&s.shape));
    let mut order: [usize; MAX_RANK] = std::array::from_fn(|d| d);
    // Dimensions of one element tie; any order of theirs is the same walk.
    order[..rank].sort_by_key(|&d| std::cmp::Reverse(to[d]));
    let (mut sizes, mut strides) = ([1; MAX_RANK], [1; MAX_RANK]);
    for (at, &d) in order[..rank].iter().enumerate() {
        sizes[MAX_RANK - rank + at] = s.shape.dim(d);
        strides[MAX_RANK - rank + at] = from[d];
    }
    (sizes, strides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Shape, layout::reference};

    /// Every pair of layouts, sizes of one among them, bit for bit.
    #[test]
    fn equals_the_definition() {
        let shapes =
            [vec![2, 3, 4, 5], vec![1, 3, 1, 7], vec![5, 1, 1, 1], vec![3, 8], vec![1, 9], vec![6], vec![]];
        let layouts = [Layout::Rows, Layout::Nhwc, Layout::Hwio, Layout::InOut];
        for shape in shapes.iter().map(|s| Shape::new(s)) {
            for (from, to) in layouts.iter().flat_map(|&a| layouts.map(|b| (a, b))) {
                let Ok(s) = Relayout::new(&shape, from, to) else { continue };
                let x: Vec<f32> = (0..shape.len()).map(|i| i as f32).collect();
                let [mut expected, mut got] = [(); 2].map(|()| vec![f32::NAN; x.len()]);
                reference::relayout(&s, &x, &mut expected);
                relayout(&s, &x, &mut got, &Cpu::new(2).unwrap());
                assert_eq!(expected, got, "{shape} from {from} to {to}");
            }
        }
    }
}
