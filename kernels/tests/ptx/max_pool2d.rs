//! Max-pooling and its gradient: bit for bit the reference.
use crate::{
    harness::{Operand, Output, run},
    same::assert_same,
    support::Random,
};
use ferrotape_kernels::{
    Layout::Nhwc,
    View, ViewMut,
    max_pool2d::{MaxPool2d, cuda, reference},
};

/// [n, c, h, w, kernel, stride]: windows apart, side by side and overlapping, what no window covers, one element, more than
/// a block.
const SIZES: [[usize; 6]; 15] = [
    [1, 1, 1, 1, 1, 1],
    [2, 3, 6, 6, 2, 2],
    [1, 8, 5, 7, 2, 2],
    [2, 16, 8, 8, 2, 2],
    [3, 5, 7, 9, 2, 3],
    [1, 1, 2, 3, 2, 1],
    [2, 3, 7, 8, 3, 1],
    [2, 3, 8, 7, 3, 2],
    [1, 2, 6, 6, 4, 1],
    [2, 2, 5, 5, 5, 1],
    [1, 3, 9, 10, 1, 2],
    [1, 33, 4, 5, 3, 7],
    [2, 10, 16, 15, 2, 2],
    [2, 7, 11, 10, 3, 1],
    [0, 3, 4, 4, 2, 2],
];

fn spec([n, c, h, w, kernel, stride]: [usize; 6]) -> MaxPool2d {
    MaxPool2d { n, c, h, w, kernel, stride }
}

/// Few values, so that there are ties, and special ones.
fn values(random: &mut Random, len: usize) -> Vec<f32> {
    let special = [f32::NAN, -0.0, 0.0, f32::INFINITY, f32::NEG_INFINITY, -f32::NAN];
    let mut value = || match random.within(0..24) {
        i @ 0..6 => special[i],
        i => i as f32 - 15.0,
    };
    (0..len).map(|_| value()).collect()
}

#[test]
fn values_and_winners() {
    let mut random = Random::new(1);
    for s in SIZES.map(spec) {
        let x = values(&mut random, s.x().len());
        let len = s.y().len();
        let (mut expected, mut expected_winner) = (vec![0.0; len], vec![0; len]);
        let outputs =
            (ViewMut::new(&mut expected, &s.y(), Nhwc), ViewMut::new(&mut expected_winner, &s.y(), Nhwc));
        reference::forward(&s, View::new(&x, &s.x(), Nhwc), outputs.0, outputs.1);
        let (mut y, mut winner) = (vec![0.0; len], vec![0; len]);
        let outputs = &mut [Output::F32(&mut y), Output::U32(&mut winner)];
        run(&cuda::forward(&s), &[Operand::F32(&x)], outputs);
        assert_same(&y, &expected, &format!("{s:?}"));
        assert_eq!(winner, expected_winner, "{s:?}");
    }
}

#[test]
fn gradients_go_to_the_winners() {
    let mut random = Random::new(2);
    for s in SIZES.map(spec) {
        let x = values(&mut random, s.x().len());
        let len = s.y().len();
        let (mut y, mut winner) = (vec![0.0; len], vec![0; len]);
        let outputs = (ViewMut::new(&mut y, &s.y(), Nhwc), ViewMut::new(&mut winner, &s.y(), Nhwc));
        reference::forward(&s, View::new(&x, &s.x(), Nhwc), outputs.0, outputs.1);
        // Fractions, whose sums round: their order shows.
        let mut dy = random.numbers(len);
        dy.iter_mut().step_by(7).for_each(|dy| *dy = -0.0);
        dy.iter_mut().skip(3).step_by(11).for_each(|dy| *dy = f32::NAN);
        let (mut dx, mut expected) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        let winners = View::new(&winner, &s.y(), Nhwc);
        let to = ViewMut::new(&mut expected, &s.x(), Nhwc);
        reference::backward(&s, View::new(&dy, &s.y(), Nhwc), winners, to);
        let operands = [Operand::F32(&dy), Operand::U32(&winner)];
        run(&cuda::backward(&s), &operands, &mut [Output::F32(&mut dx)]);
        assert_same(&dx, &expected, &format!("{s:?}"));
    }
}
