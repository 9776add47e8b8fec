//! The mean squared error and its gradient.
use crate::{
    harness::{Operand, Output, run},
    same::{assert_same, numbers},
    support::{Random, assert_within, bounds},
};
use ferrotape_kernels::{
    Bound,
    mse::{cuda, reference},
};

#[test]
fn the_loss_is_within_the_bound() {
    let mut random = Random::new(1);
    for n in [1, 2, 31, 33, 1000, 1025, 8192, 8193, 30_001] {
        let (a, b) = (random.numbers(n), random.numbers(n));
        let (mut loss, mut expected) = ([0.0], Bound::default());
        reference::forward(&bounds(&a), &bounds(&b), &mut expected);
        let operands = [Operand::Parameter(&a), Operand::F32(&b)];
        run(&cuda::forward(n), &operands, &mut [Output::F32(&mut loss)]);
        assert_within(&loss, &[expected], n);
    }
}

/// Differences that are whole numbers: nothing rounds but the mean.
#[test]
fn every_element_counts_once() {
    for n in [1, 63, 2049, 8193, 30_001] {
        let (a, b) = ((0..n).map(|i| (i % 5) as f32).collect::<Vec<_>>(), vec![2.0; n]);
        let squares: usize = (0..n).map(|i| (i % 5).abs_diff(2).pow(2)).sum();
        let mut loss = [0.0];
        run(&cuda::forward(n), &[Operand::F32(&a), Operand::F32(&b)], &mut [Output::F32(&mut loss)]);
        assert_eq!(loss[0], squares as f32 / n as f32, "{n} elements");
    }
}

#[test]
fn the_gradient_has_the_bits_of_the_reference() {
    let mut random = Random::new(2);
    for n in [1, 3, 255, 257, 1000] {
        let (a, b) = (numbers(&mut random, n), random.numbers(n));
        let (mut da, mut expected) = (vec![0.0; n], vec![0.0; n]);
        for dloss in [1.0, -0.3, f32::NAN] {
            reference::backward(&a, &b, dloss, &mut expected);
            let operands = [Operand::F32(&a), Operand::Parameter(&b), Operand::F32(&[dloss])];
            run(&cuda::backward(n), &operands, &mut [Output::Gradient(&mut da)]);
            assert_same(&da, &expected, &format!("{n} elements"));
        }
    }
}
