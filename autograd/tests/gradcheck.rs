//! The checker as a product: what it accepts, what it refuses, and what it says.
use ferrotape_autograd::{
    Io, Layout, Op, Params, Scalar, ShapeError, Site, Type, Var,
    card::Input,
    check::{Fault, Function, GradCheck, Hypothesis, Mode, Variation, What},
    ops::Mul,
};

/// y_i = x_i² in pairs with x_i x_{i+1}: a function outside any tape, and its gradient, scaled by `factor`.
struct Pairs {
    factor: f64,
}

impl Function for Pairs {
    fn value<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        x.windows(2).map(|x| x[0] * x[0] + x[0] * x[1]).collect()
    }

    fn vjp(&self, x: &[f64], v: &[f64]) -> Vec<f64> {
        let mut g = vec![0.0; x.len()];
        for (k, v) in v.iter().enumerate() {
            g[k] += self.factor * v * (2.0 * x[k] + x[k + 1]);
            g[k + 1] += v * x[k];
        }
        g
    }
}

#[test]
fn functions_outside_a_tape() {
    let right = Pairs { factor: 1.0 };
    let report = GradCheck::function(&right).input([7]).seed(3).second_order().run();
    report.assert_ok();
    assert!(report.comparisons.iter().any(|c| c.mode == Mode::Exact), "{report}");
    // Nearly right, as in HIPS/autograd's test of its tests: 2.001 for 2.
    let report = GradCheck::function(&Pairs { factor: 1.0005 }).input([7]).run();
    assert!(report.comparisons.iter().all(|c| !c.ok()), "{report}");
    // No dual numbers without a generic function.
    let [f, vjp] = [0, 1].map(|_| &right);
    let report = GradCheck::closures(|x| f.value(x), |x, v| vjp.vjp(x, v)).input([7]).run();
    report.assert_ok();
    assert!(report.comparisons.iter().all(|c| c.mode == Mode::Finite), "{report}");
}

/// A field that is no gradient: first order cannot know, its derivative is not symmetric.
#[test]
fn second_order_notices_what_has_no_potential() {
    let report = GradCheck::closures(
        |x| vec![x[0] * x[0] + x[1] * x[1]],
        |x, v| vec![v[0] * (2.0 * x[0] + x[1]), v[0] * (2.0 * x[1] - x[0])],
    );
    let report = report.input([2]).second_order().run();
    let symmetry = report.comparisons.iter().filter(|c| c.mode == Mode::Symmetry);
    assert!(symmetry.clone().count() > 0 && symmetry.clone().all(|c| !c.ok()), "{report}");
}

/// |x| at 0: any slope from -1 to 1 is a subgradient, nothing else.
#[test]
fn at_a_kink_every_subgradient_will_do() {
    let check = |slope: f64| {
        let vjp = move |_: &[f64], v: &[f64]| vec![v[0] * slope];
        GradCheck::closures(|x| vec![x[0].abs()], vjp).values([1], &[0.0]).run()
    };
    for slope in [-1.0, 0.0, 0.3, 1.0] {
        check(slope).assert_ok();
    }
    for slope in [-1.001, 1.001, f64::NAN] {
        assert!(!check(slope).ok(), "{slope}");
    }
}

/// The distance to a kink is found.
#[test]
fn the_nearest_kink() {
    let report = GradCheck::closures(|x| vec![x[0] + (x[0] - 3e-4).abs()], |_, v| vec![0.5 * v[0]]);
    let report = report.values([1], &[0.0]).run();
    let at = report.explanation.expect("it is wrong").curve.expect("a curve").kink.expect("a kink");
    assert!((at / 3e-4 - 1.0).abs() < 0.05, "{at}");
}

#[test]
fn small_jacobians_are_compared_whole() {
    let entries = |report: &ferrotape_autograd::check::Report| {
        report.comparisons.iter().find_map(|c| match c.what {
            What::Jacobian { entries, .. } => Some(entries),
            What::Direction(_) => None,
        })
    };
    let small = GradCheck::of(|_, x| x[0].tanh()).input([5, 5]).run();
    assert_eq!(entries(&small), Some(625));
    let large = GradCheck::of(|_, x| x[0].tanh()).input([8, 8]).run();
    assert_eq!(entries(&large), None);
    [small, large].iter().for_each(|report| report.assert_ok());
}

#[test]
fn the_same_seed_is_the_same_check() {
    let check = |seed| GradCheck::of(|_, x| x[0].matmul(x[1])).input([2, 3]).input([3, 2]).seed(seed).run();
    let [a, b, c] = [7, 7, 8].map(|seed| check(seed).comparisons);
    assert_eq!(a, b);
    assert_ne!(a, c);
}

/// Labels are inputs without a gradient; given values need not be f32.
#[test]
fn inputs_of_all_kinds() {
    let check = GradCheck::of(|_, x| x[0].cross_entropy(x[1]));
    check.input(Input::real(&[4, 3]).within(-3.0, 3.0)).input(Input::integers(4, 3)).run().assert_ok();
    let report = GradCheck::of(|_, x| x[0] * x[0]).values([1], &[0.1]).exact_only().run();
    assert_eq!(report.comparisons.last().unwrap().forward, 0.2);
}

/// A product whose rule is wrong in one operand, in a way of choice.
#[derive(Copy, Clone, Debug)]
enum Wrong {
    Negated,
    Untransposed,
    Forgotten,
}

#[derive(Debug)]
struct Product(Wrong);

impl Op for Product {
    fn name(&self) -> &'static str {
        "product"
    }
    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }
    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        Mul.reference(io)
    }
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        match (wrt, self.0) {
            (0, _) => Mul.vjp(wrt, at, dy),
            (_, Wrong::Negated) => Mul.vjp(wrt, at, dy).map(|dx| -dx),
            (_, Wrong::Untransposed) => dy[0].map(|dy| dy * at.x[0].transpose()),
            (_, Wrong::Forgotten) => None,
        }
    }
}

/// The operation, its line and operand, and the mistake are named.
#[test]
fn a_failure_explains() {
    for (wrong, looks_like) in [
        (Wrong::Negated, Hypothesis::Sign),
        (Wrong::Untransposed, Hypothesis::Operand(0, Variation::Transposed(0, 1))),
    ] {
        let line = line!() + 3;
        let check = GradCheck::of(move |tape, x| {
            let sum = x[0] + x[1].scale(2.0);
            tape.apply(Product(wrong), &[sum, x[1]]).tanh()
        });
        let report = check.input([3, 3]).input([3, 3]).run();
        let text = report.to_string();
        let explanation = report.explanation.expect("it is wrong");
        match explanation.fault {
            Some(Fault::Rule { op: "product", operand: 1, loc }) => assert_eq!(loc.line(), line, "{text}"),
            other => panic!("{other:?}\n{text}"),
        }
        assert!(explanation.others.is_empty(), "{text}");
        assert!(explanation.fits.iter().any(|fit| fit.hypothesis == looks_like), "{text}");
        assert_eq!(
            explanation.neighbours.len(),
            explanation.worst.index.iter().map(|&i| if i == 1 { 2 } else { 1 }).sum()
        );
        for part in ["product", "gradcheck.rs", "should be", "finite differences", "kink", "looks like"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

/// A rule that gives nothing is wrong too.
#[test]
fn nothing_is_not_a_gradient() {
    let report =
        GradCheck::of(|tape, x| tape.apply(Product(Wrong::Forgotten), x)).input([2]).input([2]).run();
    let explanation = report.explanation.expect("it is wrong");
    let named = matches!(explanation.fault, Some(Fault::Rule { op: "product", operand: 1, .. }));
    assert!(named, "{explanation}");
    assert_eq!(explanation.fits[0].hypothesis, Hypothesis::Missing);
}

/// Parameters are checked with the inputs.
#[test]
fn parameters() {
    let params = Params::seeded(5);
    let w = params.add("w", [2, 2], Layout::Rows, &[0.4, -0.8, 1.2, -0.6]);
    let right = GradCheck::of(move |tape, x| x[0].matmul(tape.param(w)).tanh());
    right.params(&params).input([3, 2]).run().assert_ok();
    let wrong = GradCheck::of(move |tape, x| tape.apply(Product(Wrong::Negated), &[x[0], tape.param(w)]));
    assert!(!wrong.params(&params).input([2, 2]).run().ok());
}
