//! Reductions and their gradients.
use crate::{
    harness::{Operand, Output, run},
    same::{assert_same, numbers},
    support::{Random, assert_within, bounds},
};
use ferrotape_kernels::{
    Bound,
    cuda::Launches,
    elementwise::Channels,
    reduce::{cuda, reference},
};

/// Around a warp, a block, four numbers a thread, the block that is alone, and pieces.
const LENGTHS: [usize; 13] = [0, 1, 2, 31, 33, 255, 1000, 1025, 4097, 8192, 8193, 20_000, 100_003];

/// The one number that `launches` make of `x`.
fn number(launches: &Launches, x: Operand) -> f32 {
    let mut y = [0.0];
    run(launches, &[x], &mut [Output::F32(&mut y)]);
    y[0]
}

#[test]
fn sums_are_within_the_bound() {
    type Case = (&'static str, fn(usize) -> Launches, fn(&[Bound]) -> Bound);
    let cases: [Case; 4] = [
        ("sum", cuda::sum, reference::sum),
        ("mean", cuda::mean, reference::mean),
        ("sum_of_squares", cuda::sum_of_squares, reference::sum_of_squares),
        ("l2_norm", cuda::l2_norm, reference::l2_norm),
    ];
    let mut random = Random::new(1);
    for n in LENGTHS {
        let x = random.numbers(n);
        for (name, launches, definition) in cases {
            if n == 0 && name == "mean" {
                continue;
            }
            let y = number(&launches(n), Operand::F32(&x));
            assert_within(&[y], &[definition(&bounds(&x))], (name, n));
            let parameter = number(&launches(n), Operand::Parameter(&x));
            assert_eq!(y.to_bits(), parameter.to_bits(), "{name} of {n} parameters");
        }
    }
}

/// Whole numbers: nothing rounds, so that every element counts once or the sum is another one.
#[test]
fn every_element_counts_once() {
    for n in LENGTHS {
        let x: Vec<f32> = (0..n).map(|i| (i % 7) as f32 + 1.0).collect();
        let expected: usize = (0..n).map(|i| i % 7 + 1).sum();
        assert_eq!(number(&cuda::sum(n), Operand::F32(&x)), expected as f32, "{n} elements");
    }
}

#[test]
fn nan_and_infinity_stay() {
    for n in [3, 20_000] {
        let mut x = vec![1.0; n];
        x[n - 1] = f32::INFINITY;
        assert_eq!(number(&cuda::sum(n), Operand::F32(&x)), f32::INFINITY);
        assert_eq!(number(&cuda::l2_norm(n), Operand::F32(&x)), f32::INFINITY);
        x[n / 2] = f32::NAN;
        assert!(number(&cuda::mean(n), Operand::F32(&x)).is_nan());
        assert!(number(&cuda::sum_of_squares(n), Operand::F32(&x)).is_nan());
    }
}

#[test]
fn gradients_have_the_bits_of_the_reference() {
    let mut random = Random::new(2);
    for n in [1, 255, 256, 257, 1000] {
        let x = numbers(&mut random, n);
        let (mut expected, mut dx) = (vec![0.0; n], vec![0.0; n]);
        for dy in [-0.75, 0.0, f32::NAN, 3e38] {
            let what = format!("{n} elements, dy {dy}");
            reference::expand(1.0 / 3.0, dy, &mut expected);
            run(&cuda::expand(1.0 / 3.0, n), &[Operand::F32(&[dy])], &mut [Output::F32(&mut dx)]);
            assert_same(&dx, &expected, &what);

            reference::sum_of_squares_grad(&x, dy, &mut expected);
            let operands = [Operand::Parameter(&x), Operand::F32(&[dy])];
            run(&cuda::sum_of_squares_grad(n), &operands, &mut [Output::Gradient(&mut dx)]);
            assert_same(&dx, &expected, &what);

            for y in [2.5, 0.0, -0.0, f32::NAN, 1e-40] {
                reference::l2_norm_grad(&x, y, dy, &mut expected);
                let operands = [Operand::Parameter(&x), Operand::F32(&[y]), Operand::F32(&[dy])];
                run(&cuda::l2_norm_grad(n), &operands, &mut [Output::Gradient(&mut dx)]);
                assert_same(&dx, &expected, &format!("{what}, norm {y}"));
            }
        }
    }
}

#[test]
fn sums_of_channels() {
    let mut random = Random::new(3);
    // (N, C): one block, then several, of a few channels and of more than a warp has lanes.
    let matrices = [[0, 3], [1, 1], [7, 3], [50, 10], [1000, 1], [1001, 10], [50, 128], [33, 33], [900, 65]];
    let matrices = matrices.map(|[n, c]| Channels { n, outer: n, c, inner: 1 });
    // Images, their channels together, and each by itself.
    let images = [[1, 5, 3, 5], [2, 16, 9, 7], [3, 8, 32, 32], [50, 3, 5, 5], [2, 40, 16, 17]];
    let nhwc = images.map(|[n, c, h, w]| Channels { n, outer: n * h * w, c, inner: 1 });
    let rows = images.map(|[n, c, h, w]| Channels { n, outer: n, c, inner: h * w });
    for s in [&matrices[..], &nhwc, &rows, &[Channels { n: 0, outer: 0, c: 2, inner: 6 }]].concat() {
        let x = random.numbers(s.len());
        let (mut y, mut expected) = (vec![0.0; s.c], vec![Bound::default(); s.c]);
        reference::channel_sum(&s, &bounds(&x), &mut expected);
        run(&cuda::channel_sum(&s), &[Operand::F32(&x)], &mut [Output::Gradient(&mut y)]);
        assert_within(&y, &expected, s);
    }
}
