//! Arithmetic element by element.
use crate::{
    harness::{Operand, Output, run},
    same::{assert_same, numbers, same},
    support::Random,
};
use ferrotape_kernels::elementwise::{Channels, cuda, reference};

#[test]
fn arithmetic_has_the_bits_of_the_reference() {
    same(cuda::add, reference::add);
    same(cuda::sub, reference::sub);
    same(cuda::mul, reference::mul);
    same(|n| cuda::scale(0.3, n), |a, _, y| reference::scale(0.3, a, y));
    same(cuda::neg, |a, _, y| reference::neg(a, y));
}

#[test]
fn fill() {
    for value in [0.0, 1.0, 0.3, f64::NAN] {
        same(|n| cuda::fill(value, n), |_, _, y| y.fill(value as f32));
    }
}

#[test]
fn a_number_a_channel() {
    let mut random = Random::new(6);
    let sizes = [
        [1, 1, 1, 1],
        [50, 50, 10, 1],
        [3, 3, 7, 5],
        [2, 18, 33, 1],
        [7, 7, 3, 30],
        [0, 0, 3, 1],
        [5, 0, 3, 1],
    ];
    for [n, outer, c, inner] in sizes {
        let s = Channels { n, outer, c, inner };
        let (x, b) = (numbers(&mut random, s.len()), random.numbers(c));
        let [mut expected, mut y] = [(); 2].map(|()| vec![0.0; x.len()]);
        reference::add_channels(&s, &x, &b, &mut expected);
        for b in [Operand::F32(&b), Operand::Parameter(&b)] {
            run(&cuda::add_channels(&s), &[Operand::F32(&x), b], &mut [Output::F32(&mut y)]);
            assert_same(&y, &expected, &format!("{s:?}"));
        }
    }
}

/// A warp's 32 vectors are one run of 16 sectors; operands that lie askew go number by number.
#[test]
fn four_at_a_time() {
    let n = 4096;
    let (x, mut y) = (vec![1.0; n], vec![0.0; n]);
    let counters = run(&cuda::scale(2.0, n), &[Operand::F32(&x)], &mut [Output::F32(&mut y)]);
    for requests in [counters[0].global_loads, counters[0].global_stores] {
        assert_eq!([requests.requests, requests.sectors], [n as u64 / 128, n as u64 / 8]);
    }
    let counters = run(&cuda::scale(2.0, n), &[Operand::Parameter(&x)], &mut [Output::F32(&mut y)]);
    assert_eq!(counters[0].global_loads.requests, n as u64 / 32);
}
