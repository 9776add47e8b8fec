//! Dropout.
use crate::{
    harness::{Buffers, Operand, Output, execute},
    same::{assert_same, numbers},
    support::Random,
};
use ferrotape_kernels::{
    Layout, Shape,
    cuda::RunState,
    dropout::{Draw, Dropout, cuda, reference},
};

/// Both words of seed and step count.
const DRAWS: [Draw; 3] =
    [Draw { seed: 7, step: 3 }, Draw { seed: 7 << 32, step: 3 }, Draw { seed: 7, step: 1 << 40 }];

#[track_caller]
fn check(s: &Dropout, draw: Draw, shape: Shape, layout: Layout) {
    let x = numbers(&mut Random::new(shape.len() as u32), shape.len());
    let [mut expected, mut y, mut dw] = [(); 3].map(|()| vec![f32::NAN; x.len()]);
    reference::forward(s, draw, (&shape, layout), &x, &mut expected);
    let launches = cuda::forward(s, &shape, layout);
    let run = RunState { step: draw.step, seed: draw.seed, lr: 0.0 };
    for (x, y) in
        [(Operand::F32(&x), Output::F32(&mut y)), (Operand::Parameter(&x), Output::Gradient(&mut dw))]
    {
        execute(&launches, Buffers { x: &[x], y: &mut [y], run, ..Buffers::default() });
    }
    assert_same(&y, &expected, &format!("{s:?}, {draw:?}: {shape} in {layout}"));
    assert_same(&dw, &expected, &format!("{s:?}, {draw:?}: {shape} in {layout}, a parameter"));
}

/// The CPU's mask, element for element, in every order.
#[test]
fn the_bits_of_the_reference() {
    let s = Dropout::new(0.3, 2).unwrap();
    for sizes in [[1, 1, 1, 1], [3, 5, 7, 9], [2, 16, 6, 6], [4, 3, 1, 1], [2, 1, 5, 5], [0, 3, 2, 2]] {
        for layout in [Layout::Rows, Layout::Nhwc, Layout::Hwio] {
            check(&s, DRAWS[0], Shape::from(sizes), layout);
        }
    }
    for layout in [Layout::Rows, Layout::InOut] {
        check(&s, DRAWS[0], Shape::from([33, 18]), layout);
    }
    for n in [1, 3, 4, 1021, 1024, 4099] {
        check(&s, DRAWS[0], Shape::from([n]), Layout::Rows);
    }
}

/// p, stream, seed and step decide together.
#[test]
fn every_draw() {
    for s in
        [(0.0, 0), (0.5, 0), (0.5, u32::MAX), (0.99, 1)].map(|(p, stream)| Dropout::new(p, stream).unwrap())
    {
        for draw in DRAWS {
            check(&s, draw, Shape::from([2, 9, 3, 5]), Layout::Rows);
            check(&s, draw, Shape::from([2, 9, 3, 5]), Layout::Nhwc);
        }
    }
}
