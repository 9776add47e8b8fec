//! The number of right answers: the reference's, whatever the values.
use crate::{
    harness::{Buffers, Operand, Output, Ran, execute},
    support::Random,
};
use ferrotape_kernels::{
    Layout::Rows,
    View,
    count_correct::{cuda, reference},
    cross_entropy::CrossEntropy,
    cuda::Refusal,
};

fn forward(s: &CrossEntropy, x: &[f32], labels: &[u32]) -> (f32, Ran) {
    let mut count = [0.0];
    let operands = [Operand::F32(x), Operand::U32(labels)];
    let y = &mut [Output::F32(&mut count)];
    let ran = execute(&cuda::forward(s), Buffers { x: &operands, y, ..Buffers::default() });
    (count[0], ran)
}

#[test]
fn counts_are_those_of_the_reference() {
    let mut random = Random::new(1);
    for [n, classes] in
        [[1, 1], [3, 2], [50, 10], [7, 33], [9, 100], [256, 10], [257, 10], [600, 5], [3000, 2]]
    {
        let s = CrossEntropy { n, classes };
        // Few values, so that there are ties; some that order in their own way.
        let special = [f32::NAN, -0.0, f32::INFINITY, f32::NEG_INFINITY, -f32::NAN, 1e-40, -1e-40];
        let value = |random: &mut Random| match random.within(0..12) {
            i @ 0..7 => special[i],
            i => i as f32 - 9.0,
        };
        let x: Vec<f32> = (0..n * classes).map(|_| value(&mut random)).collect();
        let labels: Vec<u32> = (0..n).map(|_| random.within(0..classes) as u32).collect();
        let mut expected = 0.0;
        reference::forward(&s, View::new(&x, &s.logits(), Rows), &labels, &mut expected);
        assert_eq!(forward(&s, &x, &labels).0, expected, "{s:?}");
    }
}

/// Each rule by itself, in every place.
#[test]
fn ties_and_nans() {
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    let winners: [([f32; 3], u32); 9] = [
        ([1.0, 2.0, 2.0], 1),
        ([-0.0, 0.0, -0.0], 0),
        ([0.0, -0.0, 1e-40], 2),
        ([-3.0, -1.0, -2.0], 1),
        ([-inf, -inf, -inf], 0),
        ([nan, inf, nan], 0),
        ([inf, nan, -nan], 1),
        ([9.0, 9.0, nan], 2),
        ([-1e-40, -1e-39, -inf], 0),
    ];
    let s = CrossEntropy { n: 1, classes: 3 };
    for (x, winner) in winners {
        for label in 0..3 {
            let right = if label == winner { 1.0 } else { 0.0 };
            assert_eq!(forward(&s, &x, &[label]).0, right, "{x:?} against {label}");
        }
    }
}

#[test]
fn a_label_that_is_no_class_is_refused() {
    for n in [4, 700] {
        let (s, x) = (CrossEntropy { n, classes: 10 }, vec![0.0; n * 10]);
        let mut labels = vec![0; n];
        let (count, ran) = forward(&s, &x, &labels);
        assert_eq!((count, ran.refusal), (n as f32, Refusal::default()));
        labels[n - 1] = 16;
        let refusal = Refusal { what: 2, row: n as u32 - 1, found: 16, below: 10 };
        assert_eq!(forward(&s, &x, &labels).1.refusal, refusal);
    }
}
