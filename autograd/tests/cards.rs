//! Every operation of the registry, by its card: gradients, replay, layouts, kernels, refusals.
use ferrotape_autograd::{
    Action, Adam, Bound, Cpu, DType, Device, DynUpdate, Isa, Layout, Params, Range, Rewrites, Sgd, Tape, Var,
    card::{Card, Case, Family},
    check::{
        self,
        parity::{self, Parity},
    },
    ops::{CARDS, NAMES},
};
#[cfg(feature = "cuda")]
use ferrotape_autograd::{Outputs, Part, Sequence};
use ferrotape_kernels::Pool;
use std::collections::BTreeSet;

/// Runs `f` on every case of every card, naming the case in whatever panic comes of it.
fn each_case(f: impl Fn(&Card, &Case)) {
    let mut failed = Vec::new();
    for card in CARDS {
        for (k, case) in (card.cases)().iter().enumerate() {
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(card, case))).is_err() {
                failed.push(format!("{} case {k} ({:?})", card.name, case.family));
            }
        }
    }
    assert!(failed.is_empty(), "failed: {failed:#?}");
}

/// The registry, the directory and the cards agree; no card is empty.
#[test]
fn every_operation_has_a_card() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ops");
    let files: BTreeSet<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "mod")
        .collect();
    let cards: BTreeSet<String> = CARDS.iter().map(|c| c.name.to_owned()).collect();
    assert_eq!(files, cards, "files in src/ops against cards in the registry");
    for card in CARDS {
        assert!(!card.equation.is_empty(), "{}: no equation", card.name);
        let cases = (card.cases)();
        assert!(cases.len() >= 2, "{}: fewer than two cases", card.name);
        let families: BTreeSet<Family> = cases.iter().map(|c| c.family).collect();
        if cases.iter().any(|c| c.differentiable && !c.inputs.is_empty()) && card.name != "fill" {
            for family in [Family::OneElement, Family::UsedTwice, Family::OddSizes] {
                assert!(families.contains(&family), "{}: no case of family {family:?}", card.name);
            }
        }
    }
}

/// Every type of the registry, gradient operations too, is recorded by some case.
#[test]
fn every_operation_occurs() {
    let mut recorded = BTreeSet::new();
    for case in CARDS.iter().flat_map(|card| (card.cases)()) {
        let params = Params::seeded(1);
        let tape = Tape::recording(&params);
        results(&case, &tape);
        recorded.extend(tape.code().instructions().iter().filter_map(|i| match &i.action {
            Action::Compute(op) => Some(op.type_name()),
            Action::Update(..) => None,
        }));
    }
    let missing = |name: &&&str| !recorded.contains(**name);
    assert_eq!(NAMES.iter().filter(missing).collect::<Vec<_>>(), [] as [&&str; 0]);
}

/// The CPU kernels of the update rules against their definitions, within the derived bound.
#[test]
fn updates_equal_their_definition() {
    let data =
        |k: usize| -> Vec<f32> { (0..1003).map(|i| ((i * 37 + k * 11) as f32 * 0.713).sin()).collect() };
    for isa in Isa::available() {
        let cpu = Cpu::with_isa(&Pool::new(2), isa).unwrap();
        for rule in [
            &Adam { weight_decay: 0.01, ..Adam::default() } as &dyn DynUpdate,
            &Sgd { momentum: 0.9, weight_decay: 0.01 },
        ] {
            assert_eq!(rule.variant(isa), isa.name());
            let [mut p, g, mut m, mut v] = [0, 1, 2, 3].map(data);
            v.iter_mut().for_each(|v| *v *= *v);
            let exact = |x: &Vec<f32>| x.iter().map(|&x| Bound::exact(f64::from(x))).collect::<Vec<_>>();
            let [mut p_, g_, mut m_, mut v_] = [&p, &g, &m, &v].map(exact);
            let moments = [&mut m[..], &mut v].into_iter().take(rule.moments()).collect();
            rule.cpu(Range { values: &mut p, grads: &g, moments, step: 3, lr: 0.01 }, &cpu);
            let moments = [&mut m_[..], &mut v_].into_iter().take(rule.moments()).collect();
            rule.apply_bound(Range { values: &mut p_, grads: &g_, moments, step: 3, lr: 0.01 });
            for (ran, defined) in p.iter().zip(&p_).chain(m.iter().zip(&m_)).chain(v.iter().zip(&v_)) {
                let error = (f64::from(*ran) - defined.re).abs();
                assert!(error <= defined.tolerance(), "{}: {ran} against {defined:?}", rule.name());
            }
        }
    }
}

/// Both gradient checks on every differentiable case; a case that claims no gradient must have none.
#[test]
fn gradients() {
    each_case(|_, case| {
        let params = Params::seeded(1);
        let tape = Tape::training(&params);
        let x = case.inputs(&tape, 2);
        let y = (case.body)(&tape, &x);
        assert_eq!(y.needs_grad(), case.differentiable && !x.is_empty());
        if case.differentiable {
            check::GradCheck::recorded(&x, y).seed(3).run().assert_ok();
        }
    });
}

/// A recorded program gives the bits of eager execution, whatever the planner makes of it: value and gradients, on the
/// second run too.
#[test]
fn replay_equals_eager() {
    each_case(|_, case| {
        let params = Params::seeded(1);
        let eager = Tape::training(&params);
        let expected: Vec<Vec<u32>> = results(case, &eager).iter().map(|v| bits(&v.values())).collect();
        let chained = Rewrites { chain: Some(0), ..Rewrites::ALL };
        let plans = [(Rewrites::NONE, 1), (Rewrites::ALL, 1), (chained, 1), (chained, 3)];
        for (rewrites, threads) in plans {
            let recorded = Tape::recording(&params).with_device(Device::threads(threads).unwrap());
            let keep = results(case, &recorded);
            let mut program = recorded.compile_with(&keep, rewrites);
            for _ in 0..2 {
                let outputs = program.run(&params, &[]).unwrap();
                let got: Vec<Vec<u32>> = (0..outputs.len()).map(|k| bits(outputs.values(k))).collect();
                assert_eq!(expected, got, "{rewrites:?}, {threads} threads");
            }
        }
    });
}

/// The result of a case and the gradients of all its inputs.
fn results<'t>(case: &Case, tape: &'t Tape<'t>) -> Vec<Var<'t>> {
    results_in(case, tape, Layout::Rows)
}

/// The same with real inputs brought to `layout` first, where it fits them.
fn results_in<'t>(case: &Case, tape: &'t Tape<'t>, layout: Layout) -> Vec<Var<'t>> {
    let x = case.inputs(tape, 2);
    let lies = |x: &Var<'t>| {
        let real = x.ty().dtype == DType::Real;
        if real && layout.fits(x.shape().rank()) { x.relayout(layout) } else { *x }
    };
    let y = (case.body)(tape, &x.iter().map(lies).collect::<Vec<_>>());
    let mut all = vec![y];
    if case.differentiable {
        let v: Vec<f32> = (0..y.shape().len()).map(|i| (i as f32 * 0.7).sin()).collect();
        let gradients = y.backward_with(tape.input(y.shape(), &v));
        all.extend(x.iter().filter_map(|&x| gradients.get(x)));
    }
    all
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// Values and gradients do not depend on the layout the inputs lie in: on the reference machine, in f64.
#[test]
fn layouts_do_not_matter() {
    each_case(|card, case| {
        for layout in [Layout::Nhwc, Layout::Hwio, Layout::InOut] {
            let [rows, other] = [Layout::Rows, layout].map(|layout| in_layout(case, layout));
            assert_eq!(rows.len(), other.len(), "{}: as many gradients", card.name);
            for (a, b) in rows.iter().zip(&other) {
                let allowed = 1e-13 * a.iter().map(|a| a.abs()).fold(0.0, f64::max);
                let same = a.iter().zip(b).all(|(a, b)| (a - b).abs() <= allowed);
                assert!(same && a.len() == b.len(), "{}: {layout} gives {b:?}, rows {a:?}", card.name);
            }
        }
    });
}

fn in_layout(case: &Case, layout: Layout) -> Vec<Vec<f64>> {
    let params = Params::seeded(1);
    let tape = Tape::recording(&params);
    let keep = results_in(case, &tape, layout);
    let mut replay = tape.replay::<f64>(&keep);
    replay.run(&[]).unwrap();
    keep.iter().map(|v| replay.values(v.id())).collect()
}

/// Every fast kernel of every instruction set this processor has against its definition, forward and backward,
/// within the derived bound.
#[test]
fn cpu_kernels_equal_the_reference() {
    let pool = Pool::new(2);
    for isa in Isa::available() {
        let device = Device::CpuWith(Cpu::with_isa(&pool, isa).unwrap());
        let mut table: Vec<Parity> = Vec::new();
        for card in CARDS {
            for (k, case) in (card.cases)().iter().enumerate() {
                for parity in parities(case, &device) {
                    let right = parity.ok() || NO_CPU_KERNEL.contains(&parity.op);
                    assert!(right, "{} case {k} ({:?}): {parity:?}", card.name, case.family);
                    keep_worst(&mut table, parity);
                }
            }
        }
        table.iter().for_each(|parity| println!("{parity}"));
        let slow: BTreeSet<&str> = table.iter().filter(|p| p.worst.is_none()).map(|p| p.op).collect();
        assert_eq!(slow, BTreeSet::from(NO_CPU_KERNEL), "operations without a kernel on {isa}");
    }
}

/// Every GPU kernel against its definition, forward and backward, within the derived bound.
#[cfg(feature = "cuda")]
#[test]
fn gpu_kernels_equal_the_reference() {
    let Some(device) = check::gpu() else { return };
    let mut table: Vec<Parity> = Vec::new();
    each_case(|card, case| {
        for parity in parities(case, &device) {
            assert!(parity.ok(), "{}: {parity:?}", card.name);
        }
    });
    let cases = CARDS.iter().flat_map(|card| (card.cases)());
    cases.flat_map(|case| parities(&case, &device)).for_each(|parity| keep_worst(&mut table, parity));
    table.iter().for_each(|parity| println!("{parity}"));
}

/// On a GPU too a recorded program gives the bits of eager execution, on the second run, planned or not, and as a graph.
#[cfg(feature = "cuda")]
#[test]
fn gpu_replay_equals_eager() {
    let Some(device) = check::gpu() else { return };
    each_case(|_, case| {
        let params = Params::seeded(1);
        let eager = Tape::training(&params).with_device(device.clone());
        let expected: Vec<Vec<u32>> = results(case, &eager).iter().map(|v| bits(&v.values())).collect();
        for rewrites in [Rewrites::NONE, Rewrites::ALL] {
            let recorded = Tape::recording(&params).with_device(device.clone());
            let keep = results(case, &recorded);
            let mut program = recorded.compile_with(&keep, rewrites);
            let got = |outputs: &Outputs| -> Vec<Vec<u32>> {
                (0..outputs.len()).map(|k| bits(outputs.values(k))).collect()
            };
            assert_eq!(expected, got(program.run(&params, &[]).unwrap()), "{rewrites:?}");
            let mut sequence = Sequence::default();
            for _ in 0..2 {
                let part = Part { program: &mut program, runs: 2, feeds: &[] };
                let outputs = sequence.run(&params, &mut [part]).unwrap();
                assert_eq!(
                    [&expected, &expected],
                    [&got(&outputs[0][0]), &got(&outputs[0][1])],
                    "{rewrites:?}"
                );
            }
        }
    });
}

/// What the CPU runs by its definition: copies and fills that have nothing to gain, operations on a few numbers a batch, and what is
/// planned for GPUs alone.
const NO_CPU_KERNEL: [&str; 7] =
    ["expand", "gather_conv2d", "l2_norm_grad", "mse", "mse_grad", "reshape", "sum_of_squares_grad"];

fn parities(case: &Case, device: &Device) -> Vec<Parity> {
    let params = Params::seeded(1);
    let tape = Tape::training(&params).with_device(device.clone());
    results(case, &tape);
    parity::of_tape(&tape)
}

fn keep_worst(table: &mut Vec<Parity>, parity: Parity) {
    match table.iter_mut().find(|p| (p.op, p.variant) == (parity.op, parity.variant)) {
        Some(known) if known.worst < parity.worst => *known = parity,
        Some(_) => {}
        None => table.push(parity),
    }
}

/// Shapes that do not fit are refused with the rule and the numbers: the texts are part of the product.
#[test]
fn refusals() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut texts = String::new();
    for card in CARDS {
        for refusal in (card.refusals)() {
            let text = refusal.message().unwrap_or_else(|| format!("{}: NOT REFUSED", card.name));
            texts += &format!("{:?}\n  {text}\n", refusal.shapes);
        }
    }
    std::panic::set_hook(hook);
    assert!(!texts.contains("NOT REFUSED"), "{texts}");
    insta::assert_snapshot!(texts);
}
