//! Kernels of n numbers against a definition whose bits they give.
use crate::{
    harness::{Operand, Output, run},
    support::Random,
};
use ferrotape_kernels::cuda::Launches;

/// Around the four of a thread and the 256 threads of a block.
pub const LENGTHS: [usize; 10] = [0, 1, 2, 3, 4, 5, 255, 1023, 1025, 4099];

/// Asserts that both hold the same bits, where one NaN is as good as another.
#[track_caller]
pub fn assert_same(fast: &[f32], expected: &[f32], what: &str) {
    assert_eq!(fast.len(), expected.len(), "{what}");
    for (i, (a, b)) in fast.iter().zip(expected).enumerate() {
        assert!(
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            "{what}: [{i}] = {a:e}, expected {b:e}"
        );
    }
}

/// Random numbers, special ones among them.
pub fn numbers(random: &mut Random, len: usize) -> Vec<f32> {
    let special = [f32::NAN, 0.0, -0.0, f32::INFINITY, -f32::INFINITY, 1e-40, -1e-40, f32::MAX];
    let mut x = random.numbers(len);
    for (i, x) in x.iter_mut().skip(1).step_by(3).enumerate() {
        *x = special[i % special.len()];
    }
    x
}

/// Asserts that `launches(n)` of operands a and b gives the bits of `reference` for every length, with operands and output
/// at multiples of 256 bytes and in the flat buffers of parameters.
#[track_caller]
pub fn same(launches: impl Fn(usize) -> Launches, reference: impl Fn(&[f32], &[f32], &mut [f32])) {
    let mut random = Random::new(5);
    for n in LENGTHS {
        let (a, b) = (numbers(&mut random, n), numbers(&mut random, n + 1));
        let b = &b[..n];
        let [mut expected, mut y, mut dx] = [(); 3].map(|()| vec![0.0; n]);
        reference(&a, b, &mut expected);
        run(&launches(n), &[Operand::F32(&a), Operand::F32(b)], &mut [Output::F32(&mut y)]);
        assert_same(&y, &expected, &format!("{n} elements"));
        let x = [Operand::Parameter(&a), Operand::F32(b)];
        run(&launches(n), &x, &mut [Output::Gradient(&mut dx)]);
        assert_same(&dx, &expected, &format!("{n} elements, parameters"));
    }
}
