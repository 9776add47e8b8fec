//! What is said of a program is true of it.
mod support;

use ferrotape_autograd::{Feed, Params, Phase, Sgd, Tape};
use ferrotape_inspect::{
    Inspection, Inspector,
    model::{Fate, Instruction, Origin},
    write,
};
use ferrotape_nn::{Linear, Module, models::TABLE_A};

/// y = tanh(x w + b), its loss, and the rest of a step; a value that nobody reads.
fn small() -> Inspection {
    let params = Params::seeded(3);
    let layer = Linear::new(&params, "fc", 4, 3);
    let tape = Tape::recording(&params);
    let (x, target) = (tape.feed([2, 4]), tape.feed([2, 3]));
    let y = tape.within("0 (Linear)", || layer.forward(x)).tanh();
    let _unread = y.scale(2.0);
    let loss = y.mse(target);
    loss.backward().step(Sgd::default());
    let mut inspector = Inspector::of("small", &tape, &[loss]).unwrap();
    let (x, target) = ([0.5f32; 8], [0.1f32; 6]);
    let feeds: [Feed; 2] = [x[..].into(), target[..].into()];
    let before = params.digest();
    inspector.time(&params, &feeds, 2).unwrap();
    assert_eq!(params.digest(), before, "timing leaves no trace");
    inspector.look(&params, &feeds, true).unwrap();
    inspector.run(&params, &feeds).unwrap();
    inspector.look(&params, &feeds, false).unwrap();
    inspector.finish()
}

fn only<'a>(of: &'a Inspection, op: &str) -> (usize, &'a Instruction) {
    let mut found = of.recorded.instructions.iter().enumerate().filter(|(_, i)| i.op == op);
    let one = found.next().unwrap_or_else(|| panic!("no {op}"));
    assert!(found.next().is_none(), "more than one {op}");
    one
}

#[test]
fn a_small_program() {
    let of = small();
    let ops: Vec<&str> = of.recorded.instructions.iter().map(|i| &*i.op).collect();
    assert_eq!(
        ops,
        [
            "linear",
            "tanh",
            "scale",
            "mse",
            "fill",
            "mse_grad",
            "tanh_grad",
            "linear_wgrad",
            "channel_sum",
            "sgd"
        ]
    );
    let (tanh, linear) = (only(&of, "tanh").0, only(&of, "linear").0);
    // The rule of each forward instruction appended its gradients.
    assert_eq!(only(&of, "tanh_grad").1.gradient_of, Some(tanh));
    assert_eq!(
        of.gradients_of(linear).map(|g| &*of.recorded.instructions[g].op).collect::<Vec<_>>(),
        ["linear_wgrad", "channel_sum"]
    );
    assert_eq!(only(&of, "fill").1.gradient_of, Some(only(&of, "mse").0));
    assert_eq!(only(&of, "sgd").1.gradient_of, None);
    // tanh's gradient reads y, not x; mse's reads y too; that of the weights reads an input, which is not saved but fed.
    let y = only(&of, "tanh").1.y[0];
    assert_eq!(only(&of, "tanh_grad").1.saved, [y]);
    assert_eq!(of.saved_for(tanh), [only(&of, "mse_grad").0, only(&of, "tanh_grad").0]);
    assert!(only(&of, "linear_wgrad").1.saved.is_empty() && of.saved_for(linear).is_empty());
    // Gradients come from the module of their forward instruction.
    for op in ["linear", "linear_wgrad", "channel_sum"] {
        assert_eq!(only(&of, op).1.module.as_deref(), Some("0 (Linear)"), "{op}");
    }
    assert_eq!(only(&of, "tanh").1.module, None);
    assert!(only(&of, "tanh").1.text.as_ref().unwrap().contains(".tanh()"), "the line of this file");
    assert_eq!(only(&of, "sgd").1.updates, ["fc.weight", "fc.bias"]);
    // What the planner does.
    assert_eq!(of.fates[only(&of, "scale").0], Fate::Dropped);
    assert_eq!(of.fates[only(&of, "fill").0], Fate::Constant);
    assert_eq!(of.fates[linear], of.fates[tanh], "linear_tanh");
    let planned: Vec<(&str, &[usize])> =
        of.planned.instructions.iter().map(|i| (&*i.op, &*i.recorded)).collect();
    assert_eq!(planned[0], ("linear_tanh", &[0, 1][..]));
    // Values.
    let [first, last] = &of.steps[..] else { panic!("two looks") };
    assert_eq!((first.number, last.number), (0, 2));
    assert!(last.results[0].1 < first.results[0].1, "it learns");
    assert_eq!(first.gradients.iter().map(|n| &*n.param).collect::<Vec<_>>(), ["fc.weight", "fc.bias"]);
    assert!(first.gradients.iter().all(|n| n.gradient > Some(0.0)));
    let x = of.slots.iter().position(|slot| slot.origin == Origin::Fed).unwrap();
    assert_eq!(first.seen[x].as_ref().unwrap().values.mean, Some(0.5));
    assert!(
        first.seen[y].as_ref().unwrap().picture.is_some() && last.seen[y].as_ref().unwrap().picture.is_none()
    );
}

/// The values are those of an eager tape.
#[test]
fn values_are_those_of_the_tape() {
    let of = small();
    let params = Params::seeded(3);
    let layer = Linear::new(&params, "fc", 4, 3);
    let tape = Tape::inference(&params);
    let y = layer.forward(tape.input([2, 4], &[0.5; 8])).tanh().values();
    let seen = of.steps[0].seen[only(&of, "tanh").1.y[0]].as_ref().unwrap().values;
    assert_eq!(seen.max, y.iter().copied().reduce(f32::max));
    assert_eq!(seen.min, y.iter().copied().reduce(f32::min));
}

/// A tape that has run already is looked at like one that only records.
#[test]
fn a_tape_that_ran() {
    let params = Params::default();
    let tape = Tape::training(&params);
    let x = tape.variable([3], &[-1.0, f32::NAN, 2.0]);
    let y = x.relu();
    let gradients = y.sum().backward();
    let keep = [y, gradients.get(x).unwrap()];
    let mut inspector = Inspector::of("relu", &tape, &keep).unwrap();
    inspector.look(&params, &[], true).unwrap();
    let of = inspector.finish();
    let seen = of.steps[0].seen[only(&of, "relu").1.y[0]].as_ref().unwrap().values;
    assert_eq!((seen.nan, seen.zeros, seen.max), (1, 1, Some(2.0)));
    assert!(of.steps[0].gradients.is_empty() && of.run_ns.is_none());
    let text = write::text(&of);
    assert!(text.contains("relu_grad") && !text.contains("TIMES"), "{text}");
    assert_eq!(Inspection::from_json(&of.to_json()).unwrap(), of);
    assert!(write::page(&of).contains("<svg"));
}

#[test]
fn every_network() {
    for network in TABLE_A {
        let (of, program) = support::network(network.name, 4, 2);
        complete(&of, network.name);
        assert_eq!(of.recorded.instructions.len(), program.code().instructions().len(), "nothing is dropped");
        disjoint(&of);
        // What was written and is read again gives the same files.
        let again = Inspection::from_json(&of.to_json()).unwrap();
        assert_eq!(again, of);
        assert_eq!(write::text(&again), write::text(&of));
        assert_eq!(write::page(&again), write::page(&of));
        let page = write::page(&of);
        assert!(page.len() < 10_000_000, "{}: {} bytes", network.name, page.len());
        assert!(
            !page.contains("http://") && !page.contains("https://") && !page.contains("src="),
            "from elsewhere"
        );
    }
}

/// The same numbers, but for rounding: gradients too, which lie on the device until the run has ended.
#[cfg(feature = "cuda")]
#[test]
fn on_the_ptx_machine() {
    use ferrotape_autograd::Device;
    let ((cpu, _), (gpu, _)) =
        (support::network("mlp_1", 2, 2), support::network_on(Device::PtxMachine, "mlp_1", 2, 2));
    for (a, b) in cpu.steps.iter().zip(&gpu.steps) {
        let near = |a: Option<f32>, b: Option<f32>| {
            let (a, b) = (a.unwrap(), b.unwrap());
            assert!((a - b).abs() <= 1e-4 * a.abs().max(1e-6), "{a} and {b}");
        };
        let norm =
            |seen: &Option<ferrotape_inspect::model::Seen>| seen.as_ref().and_then(|seen| seen.values.norm);
        for (a, b) in a.seen.iter().zip(&b.seen).filter(|(a, _)| a.is_some()) {
            near(norm(a), norm(b));
        }
        assert!(!a.gradients.is_empty());
        a.gradients.iter().zip(&b.gradients).for_each(|(a, b)| near(a.gradient, b.gradient));
    }
    assert!(gpu.planned.stages.iter().all(|stage| stage.images.is_none()), "no chains there");
}

fn complete(of: &Inspection, name: &str) {
    for i in &of.recorded.instructions {
        assert!(i.ns.is_some() && !i.kernel.is_empty() && i.line > 0, "{name}: {}", i.op);
        assert!(!i.launches.is_empty(), "{name}: {} has no kernel for a GPU", i.op);
        match i.phase {
            Phase::Forward => assert_eq!(i.gradient_of, None),
            Phase::Backward => {
                let forward = &of.recorded.instructions[i.gradient_of.expect("a rule appended it")];
                assert_eq!((forward.phase, &forward.module), (Phase::Forward, &i.module));
                let family = ["relu", "conv2d", "max_pool2d", "linear", "cross_entropy"];
                let own = family.iter().find(|f| i.op.starts_with(*f));
                assert!(own.is_none_or(|own| forward.op == *own), "{name}: {} of {}", i.op, forward.op);
                assert!(i.saved.iter().all(|id| i.x.contains(id) && of.slots[*id].origin == Origin::Made));
            }
            Phase::Update => assert_eq!(i.updates.len(), i.x.len()),
        }
        let known = i.module.as_deref().is_some_and(|m| m.ends_with(')'));
        let loss = ["cross_entropy", "cross_entropy_grad", "adam", "fill"].contains(&&*i.op);
        assert!(known || loss, "{name}: {} comes from no module", i.op);
    }
    for grad in of.recorded.instructions.iter().filter(|i| i.op == "relu_grad") {
        let forward = &of.recorded.instructions[grad.gradient_of.unwrap()];
        assert_eq!(grad.saved, forward.y, "{name}: relu's gradient reads what relu made");
    }
    let done: Vec<usize> = of.planned.instructions.iter().flat_map(|i| i.recorded.clone()).collect();
    let mut once = done.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), done.len(), "{name}: work done twice");
    assert!(of.planned.instructions.iter().all(|i| i.ns.is_some()));
    assert!(of.planned.stages.iter().all(|stage| stage.ns.is_some()) && of.run_ns.is_some());
    for step in &of.steps {
        let parameters = of.slots.iter().filter(|slot| slot.origin == Origin::Parameter).count();
        assert_eq!(step.gradients.len(), parameters, "{name}");
        for id in of.recorded.instructions.iter().flat_map(|i| i.x.iter().chain(&i.y)) {
            let seen = step.seen[*id].as_ref().unwrap_or_else(|| panic!("{name}: %{id} was not seen"));
            assert_eq!(seen.values.nan + seen.values.infinite, 0);
            assert_eq!(seen.picture.is_some(), seen.values.len > 1);
        }
    }
}

/// No two values are in one buffer at the same time, and each fits.
fn disjoint(of: &Inspection) {
    for memory in &of.memory {
        for (k, a) in memory.lives.iter().enumerate() {
            let Some(buffer) = a.buffer else { continue };
            assert!(a.bytes <= memory.buffers[buffer].bytes);
            let others = memory.lives[k + 1..].iter().filter(|b| b.buffer == Some(buffer));
            for b in others {
                assert!(a.last < b.first || b.last < a.first, "{}: {} and {}", memory.name, a.name, b.name);
            }
        }
        assert!(
            memory.alive() <= memory.with_reuse()
                && memory.with_reuse() + memory.local() <= memory.without_reuse()
        );
        assert!(!memory.lives.is_empty());
    }
}

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    let of = small();
    let spoil = |change: fn(&mut Inspection)| {
        let mut of = of.clone();
        change(&mut of);
        Inspection::from_json(&of.to_json()).expect_err("spoilt")
    };
    let errors = [
        spoil(|of| of.format = 2),
        spoil(|of| of.recorded.instructions[0].x[0] = 1000),
        spoil(|of| of.recorded.instructions[0].launches[0].kernel = 1000),
        spoil(|of| of.fates[0] = Fate::Done(99)),
        spoil(|of| of.fates.clear()),
        spoil(|of| of.planned.stages[0].last += 1),
        spoil(|of| of.planned.stages.truncate(1)),
        spoil(|of| of.planned.instructions[0].flops = u64::MAX),
        spoil(|of| of.memory[0].buffers[0].bytes = u64::MAX),
        spoil(|of| of.memory[0].lives[0].last = 1000),
        spoil(|of| of.memory[0].instructions = usize::MAX),
        spoil(|of| of.steps[0].results[0].0 = 1000),
        spoil(|of| {
            of.steps[0].seen.iter_mut().flatten().find_map(|s| s.picture.as_mut()).unwrap().width = usize::MAX
        }),
        spoil(|of| {
            of.steps[0].seen.iter_mut().flatten().find_map(|s| s.picture.as_mut()).unwrap().cells = "?".into()
        }),
    ];
    assert!(errors.iter().all(|e| !e.is_empty() && !e.contains('\n')), "{errors:?}");
    assert!(Inspection::from_json("{}").unwrap_err().contains("missing field"));
}
