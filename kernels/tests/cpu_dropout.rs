//! Dropout on every instruction set: the bits of the reference, whole or in pieces.
mod support;

use ferrotape_kernels::{
    Layout, Shape,
    dropout::{Draw, Dropout, cpu, reference},
};
use support::{Random, on_every_isa};

const DRAW: Draw = Draw { seed: 7, step: 3 };

#[test]
fn the_reference_bit_for_bit() {
    let s = Dropout::new(0.3, 2).unwrap();
    for sizes in [[1, 1, 1, 1], [3, 5, 7, 9], [20, 16, 12, 12], [2, 3, 1, 1]] {
        let shape = Shape::from(sizes);
        let x = Random::new(shape.len() as u32).numbers(shape.len());
        for layout in [Layout::Rows, Layout::Nhwc, Layout::Hwio] {
            let mut y = vec![f32::NAN; x.len()];
            reference::forward(&s, DRAW, (&shape, layout), &x, &mut y);
            let run = |cpu: &_, y: &mut [f32]| cpu::forward(&s, DRAW, 0, (&shape, layout), &x, y, cpu);
            for (isa, fast) in on_every_isa(y.len(), run) {
                assert_eq!(fast, y, "{isa}: {shape} in {layout}");
            }
        }
    }
}

/// Images have the masks they have in the batch.
#[test]
fn in_pieces() {
    let s = Dropout::new(0.5, 0).unwrap();
    let (whole, piece) = (Shape::from([7, 3, 5, 3]), Shape::from([2, 3, 5, 3]));
    let image = whole.len() / 7;
    let x = vec![1.0; whole.len()];
    for layout in [Layout::Rows, Layout::Nhwc] {
        let mut y = vec![f32::NAN; x.len()];
        reference::forward(&s, DRAW, (&whole, layout), &x, &mut y);
        for from in 0..5 {
            let first = from * image;
            let part = first..first + 2 * image;
            let x = &x[part.clone()];
            let run = |cpu: &_, y: &mut [f32]| cpu::forward(&s, DRAW, first, (&piece, layout), x, y, cpu);
            for (isa, fast) in on_every_isa(x.len(), run) {
                assert_eq!(fast, y[part.clone()], "{isa}: images from {from} on in {layout}");
            }
        }
    }
}
