//! Softmax, cross-entropy and the gradient.
use crate::{
    harness::{Buffers, Operand, Output, Ran, execute, run},
    same::assert_same,
    support::{Random, assert_within, bounds},
};
use ferrotape_kernels::{
    Bound,
    Layout::Rows,
    View, ViewMut, count_correct,
    cross_entropy::{Also, CrossEntropy, cuda, reference},
    cuda::Refusal,
    elementwise::Channels,
    reduce::cuda::channel_sum,
};

/// Loss and probabilities, and what else is left.
fn forward(s: &CrossEntropy, x: &[f32], labels: &[u32]) -> (f32, Vec<f32>, Ran) {
    let (mut loss, mut p) = ([0.0], vec![0.0; x.len()]);
    let operands = [Operand::F32(x), Operand::U32(labels)];
    let y = &mut [Output::F32(&mut loss), Output::F32(&mut p)];
    let ran = execute(&cuda::forward(s), Buffers { x: &operands, y, ..Buffers::default() });
    (loss[0], p, ran)
}

/// The definition, in arithmetic that derives its bounds.
fn definition(s: &CrossEntropy, x: &[f32], labels: &[u32]) -> (Bound, Vec<Bound>) {
    let (mut loss, mut p) = (Bound::default(), vec![Bound::default(); x.len()]);
    let x = bounds(x);
    let view = View::new(&x, &s.logits(), Rows);
    reference::forward(s, view, labels, &mut loss, ViewMut::new(&mut p, &s.logits(), Rows));
    (loss, p)
}

fn labels(random: &mut Random, s: &CrossEntropy) -> Vec<u32> {
    (0..s.n).map(|_| random.within(0..s.classes) as u32).collect()
}

#[test]
fn loss_and_probabilities_are_within_the_bound() {
    let mut random = Random::new(1);
    // Groups of every size, more classes than a warp has lanes, several rows a group, several blocks.
    let sizes =
        [[1, 1], [1, 10], [3, 2], [2, 3], [50, 10], [7, 33], [5, 100], [257, 10], [300, 3], [1000, 10]];
    for [n, classes] in sizes {
        let s = CrossEntropy { n, classes };
        for size in [1.0, 20.0, 300.0] {
            let x: Vec<f32> = random.numbers(n * classes).iter().map(|x| x * size).collect();
            let labels = labels(&mut random, &s);
            let (loss, p, ran) = forward(&s, &x, &labels);
            let (expected_loss, expected_p) = definition(&s, &x, &labels);
            assert_within(&[loss], &[expected_loss], (s, size));
            assert_within(&p, &expected_p, (s, size));
            assert_eq!(ran.refusal, Refusal::default());
        }
    }
}

/// Two classes, the larger logit 0: e^d, divided by Z = 1 + e^d, and ln Z, for d of every size.
#[test]
fn powers_and_logarithms_of_every_size() {
    let d: Vec<f32> = (0..4000).map(|i| -(i as f32) * 0.027_3).collect();
    let x: Vec<f32> = d.iter().flat_map(|&d| [0.0, d]).collect();
    let (_, p, _) = forward(&CrossEntropy { n: d.len(), classes: 2 }, &x, &vec![0; d.len()]);
    for (&d, p) in d.iter().zip(p.as_chunks::<2>().0) {
        // In units of 2^-24: e^d is within an ulp, 2; its error in Z at most 1; Z and the quotient are rounded, 1 each. Where
        // the power is subnormal, an ulp of it and the rounding of the quotient.
        let power = f64::from(d).exp();
        let exact = power / (1.0 + power);
        let within = 5.0 * 0.5f64.powi(24) * exact + 2.0 * 0.5f64.powi(149);
        assert!((f64::from(p[1]) - exact).abs() <= within, "e^{d}: {}, expected {exact}", p[1]);
    }
    for &d in d.iter().step_by(23) {
        // Z is within 2^-24 by its rounding and as much again by that of e^d; ln passes that on, and adds an ulp.
        let (loss, ..) = forward(&CrossEntropy { n: 1, classes: 2 }, &[0.0, d], &[0]);
        let exact = f64::from(d).exp().ln_1p();
        let within = 0.5f64.powi(23) * (1.0 + exact);
        assert!((f64::from(loss) - exact).abs() <= within, "ln(1 + e^{d}): {loss}, expected {exact}");
    }
}

#[test]
fn special_logits() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let s = CrossEntropy { n: 1, classes: 3 };
    let of = |x: [f32; 3], label| forward(&s, &x, &[label]);
    let (loss, p, _) = of([-inf, 0.0, 0.0], 0);
    assert_eq!((loss, p), (inf, vec![0.0, 0.5, 0.5]), "an impossible class has an infinite loss");
    assert_eq!(of([1e30, -1e30, 0.0], 0).1, [1.0, 0.0, 0.0], "nothing overflows");
    assert_eq!(of([-1e4, 0.0, -1e4], 0).0, 1e4);
    // Wherever the largest is, among the first of each lane or the last.
    for largest in [0, 31, 32, 69] {
        let (mut x, mut one) = ([0.0; 70], vec![0.0; 70]);
        (x[largest], one[largest]) = (1e4, 1.0);
        assert_eq!(forward(&CrossEntropy { n: 1, classes: 70 }, &x, &[0]).1, one);
    }
    for x in [[nan, 0.0, 1.0], [0.0, nan, 1.0], [0.0, 1.0, nan], [inf, 0.0, 1.0], [-inf; 3], [nan; 3]] {
        let (loss, p, _) = of(x, 1);
        assert!(loss.is_nan() && p.iter().all(|p| p.is_nan()), "{x:?}: {loss}, {p:?}");
    }
}

/// Who has a wrong label is told, the loss is no number, and all probabilities are there.
#[test]
fn a_label_that_is_no_class_is_refused() {
    let mut random = Random::new(2);
    for n in [3, 500] {
        let s = CrossEntropy { n, classes: 10 };
        for wrong in [10, 15, 16, u32::MAX] {
            let (x, mut labels) = (random.numbers(n * 10), labels(&mut random, &s));
            let (_, expected, _) = forward(&s, &x, &labels);
            let row = n - 2;
            labels[row] = wrong;
            let (loss, p, ran) = forward(&s, &x, &labels);
            assert_eq!(ran.refusal, Refusal { what: 2, row: row as u32, found: wrong, below: 10 });
            assert!(loss.is_nan());
            assert_same(&p, &expected, "probabilities");
            // The first who finds one is heard.
            labels.fill(wrong);
            let Refusal { what, row, found, below } = forward(&s, &x, &labels).2.refusal;
            assert!((row as usize) < n);
            assert_eq!([what, found, below], [2, wrong, 10]);
        }
    }
}

/// All that is made of logits in one pass has the bits of the operations by themselves.
#[test]
fn in_one_pass_as_one_by_one() {
    let mut random = Random::new(4);
    for [n, classes] in
        [[1, 1], [4, 10], [50, 10], [256, 10], [7, 33], [500, 10], [3, 2], [2000, 2], [128, 32]]
    {
        let s = CrossEntropy { n, classes };
        let (mut x, labels) = (random.numbers(n * classes), labels(&mut random, &s));
        // Ties, zeros of both signs, and numbers that are none, for the count.
        (x[0], x[n * classes - 1]) = (-0.0, f32::NAN);
        x.iter_mut().skip(1).step_by(5).for_each(|x| *x = 0.0);
        let (loss, p, _) = forward(&s, &x, &labels);
        let [mut dx, mut db, mut count] = [n * classes, classes, 1].map(|len| vec![0.0; len]);
        let (logits, labels) = (Operand::F32(&x), Operand::U32(&labels));
        let dloss = Operand::F32(&[-0.7]);
        run(&cuda::backward(&s), &[Operand::F32(&p), labels, dloss], &mut [Output::F32(&mut dx)]);
        run(&channel_sum(&Channels::rows(n, classes)), &[Operand::F32(&dx)], &mut [Output::F32(&mut db)]);
        run(&count_correct::cuda::forward(&s), &[logits, labels], &mut [Output::F32(&mut count)]);
        let expected = [p, dx, db, count];
        for asked in 0..16 {
            let [probabilities, gradient, bias_gradient, count] = [1, 2, 4, 8].map(|bit| asked & bit != 0);
            if bias_gradient && !gradient {
                continue;
            }
            let also = Also { probabilities, gradient, bias_gradient, count };
            let mut found = vec![vec![0.0; 1]];
            let wanted = [probabilities, gradient, bias_gradient, count];
            let expected: Vec<_> =
                expected.iter().zip(wanted).filter(|(_, on)| *on).map(|(y, _)| y).collect();
            found.extend(expected.iter().map(|y| vec![0.0; y.len()]));
            let mut y: Vec<_> = found.iter_mut().map(|y| Output::F32(y)).collect();
            run(&cuda::block(&s, also), &[logits, labels, dloss], &mut y);
            assert_same(&found[0], &[loss], &format!("loss of {s:?}, {also:?}"));
            for (found, expected) in found[1..].iter().zip(expected) {
                assert_same(found, expected, &format!("{s:?}, {also:?}"));
            }
        }
    }
}

#[test]
fn the_gradient_has_the_bits_of_the_reference() {
    let mut random = Random::new(3);
    for [n, classes] in [[1, 1], [3, 2], [50, 10], [7, 33], [301, 3]] {
        let s = CrossEntropy { n, classes };
        let (mut p, labels) = (random.numbers(n * classes), labels(&mut random, &s));
        p[0] = f32::NAN;
        let (mut dx, mut expected) = (vec![0.0; p.len()], vec![0.0; p.len()]);
        let view = View::new(&p, &s.logits(), Rows);
        reference::backward(&s, view, &labels, -0.7, ViewMut::new(&mut expected, &s.logits(), Rows));
        let operands = [Operand::F32(&p), Operand::U32(&labels), Operand::F32(&[-0.7])];
        run(&cuda::backward(&s), &operands, &mut [Output::F32(&mut dx)]);
        assert_same(&dx, &expected, &format!("{s:?}"));
    }
}
