//! Copies.
use crate::{
    harness::{Operand, Output, run},
    same::same,
};
use ferrotape_kernels::{
    Layout, Shape,
    layout::{Relayout, cuda, reference},
};

#[test]
fn copy() {
    same(cuda::copy, |x, _, y| reference::reshape(x, y));
}

/// Every pair of layouts; among the sizes ones, and matrices of less than, just and more than one tile.
#[test]
fn every_change_of_layout() {
    let shapes: [&[usize]; 16] = [
        &[2, 3, 4, 5],
        &[2, 40, 3, 3],
        &[3, 16, 4, 5],
        &[2, 33, 5, 7],
        &[1, 64, 8, 8],
        &[32, 16, 1, 1],
        &[1, 3, 1, 7],
        &[5, 1, 1, 1],
        &[0, 3, 4, 4],
        &[37, 70],
        &[70, 35],
        &[32, 64],
        &[1, 9],
        &[16, 15],
        &[6],
        &[],
    ];
    let layouts = [Layout::Rows, Layout::Nhwc, Layout::Hwio, Layout::InOut];
    for shape in shapes.map(Shape::new) {
        let x: Vec<f32> = (0..shape.len()).map(|i| i as f32).collect();
        for (from, to) in layouts.iter().flat_map(|&a| layouts.map(|b| (a, b))) {
            let Ok(s) = Relayout::new(&shape, from, to) else { continue };
            let [mut expected, mut y, mut dw] = [(); 3].map(|()| vec![f32::NAN; x.len()]);
            reference::relayout(&s, &x, &mut expected);
            run(&cuda::relayout(&s), &[Operand::F32(&x)], &mut [Output::F32(&mut y)]);
            assert_eq!(y, expected, "{shape} from {from} to {to}");
            run(&cuda::relayout(&s), &[Operand::Parameter(&x)], &mut [Output::Gradient(&mut dw)]);
            assert_eq!(dw, expected, "{shape} from {from} to {to}, a parameter");
        }
    }
}

/// Tiles read and write whole sectors, and no two lanes of a warp want the same bank.
#[test]
fn transposes_in_runs() {
    let s = Relayout::new(&Shape::from([2, 64, 8, 8]), Layout::Nhwc, Layout::Rows).unwrap();
    let (x, mut y) = (vec![1.0; s.shape.len()], vec![0.0; s.shape.len()]);
    let counters = run(&cuda::relayout(&s), &[Operand::F32(&x)], &mut [Output::F32(&mut y)]);
    for requests in [counters[0].global_loads, counters[0].global_stores] {
        assert_eq!([requests.bytes, 32 * requests.sectors], [4 * x.len() as u64; 2]);
    }
    assert_eq!(counters[0].bank_conflicts(), 0);
}
