//! Training on a GPU: the PTX machine runs the same host code and the same kernels; `DEVICE=gpu` takes a card.
use ferrotape_autograd::{
    Adam, Device, Error, Feed, Input, Layout, Op, Params, Part, Scalar, Sequence, Sgd, ShapeError, Tape,
    Type, Update,
    check::{gpu, parity},
};
use ferrotape_nn::{
    Module, Sequential, Step,
    models::{Network, TABLE_A, Variant},
};
use ferrotape_tests::{Task, eager, losses, noise, recorded};
use std::panic::{AssertUnwindSafe, catch_unwind};

const IMAGES: usize = 24;

fn task(device: Device) -> Task {
    Task { source: noise(IMAGES, [3, 32, 32]), input: Input::Rgb, device }
}

fn network(name: &str) -> &'static Network {
    TABLE_A.iter().find(|network| network.name == name).expect("a network of table A")
}

fn built(name: &str) -> (Params, Sequential) {
    let params = Params::seeded(11);
    let model = network(name).build(&params, &Variant::default());
    (params, model)
}

/// Batches of four, none like another.
fn batches(count: u32) -> Vec<[u32; 4]> {
    (0..count).map(|k| [0, 1, 2, 3].map(|i| (5 * k + 7 * i) % IMAGES as u32)).collect()
}

/// Losses and digest of some steps, submitted as one.
fn as_graph(
    task: &Task,
    params: &Params,
    model: &Sequential,
    batches: &[[u32; 4]],
) -> Result<Vec<f32>, Error> {
    let mut step = recorded(task, model, Adam::default());
    let feeds: Vec<Feed<'_>> = batches.iter().map(|batch| Feed::U32(batch)).collect();
    let part = Part { program: step.program(params, 4)?, runs: batches.len(), feeds: &feeds };
    let mut sequence = Sequence::default();
    let outputs = sequence.run(params, &mut [part])?;
    Ok(outputs[0].iter().map(|run| run[0]).collect())
}

/// Every kernel of every network's step equals its definition on the operands it had: so the gradients are right.
#[test]
fn every_instruction_of_a_step_is_within_its_bound() {
    let Some(device) = gpu() else { return };
    let task = task(device.clone());
    for network in TABLE_A {
        let (params, model) = built(network.name);
        let tape = Tape::training(&params).with_device(device.clone());
        let (x, labels) = tape.gather(tape.source(&task.source), tape.input_u32(&[3, 8]), task.input);
        let _gradients = model.forward(x).cross_entropy(labels).backward();
        for parity in parity::of_tape(&tape) {
            assert!(parity.ok(), "{}: {parity:?}", network.name);
        }
    }
}

/// Ten free-running steps: losses within 1e-5 of the CPU's.
fn ten_steps(name: &str, steps: u32) -> Result<(), Error> {
    let Some(device) = gpu() else { return Ok(()) };
    let batches = batches(steps);
    let (on_cpu, model) = built(name);
    let refs: Vec<&[u32]> = batches.iter().map(|batch| &batch[..]).collect();
    let expected = losses(&task(Device::Cpu), &on_cpu, &model, Adam::default(), &refs);
    let (on_gpu, model) = built(name);
    let got = as_graph(&task(device), &on_gpu, &model, &batches)?;
    for (k, (a, b)) in expected.iter().zip(&got).enumerate() {
        assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{name}, step {k}: {a} on the cpu, {b}");
    }
    assert_eq!(on_cpu.step(), on_gpu.step());
    Ok(())
}

#[test]
fn mlp_2_learns_as_on_the_cpu() -> Result<(), Error> {
    ten_steps("mlp_2", 10)
}

#[test]
fn cnn_5_learns_as_on_the_cpu() -> Result<(), Error> {
    ten_steps("cnn_5", 3)
}

/// One by one, all at once, and as written: the same bits, run after run.
#[test]
fn a_graph_has_the_bits_of_single_steps() -> Result<(), Error> {
    let Some(device) = gpu() else { return Ok(()) };
    let (task, batches) = (task(device), batches(4));
    let digest = |f: &dyn Fn(&Params, &Sequential)| {
        let (params, model) = built("mlp_1");
        f(&params, &model);
        params.digest()
    };
    let refs: Vec<&[u32]> = batches.iter().map(|batch| &batch[..]).collect();
    let single = digest(&|params, model| _ = losses(&task, params, model, Adam::default(), &refs));
    let graph = digest(&|params, model| _ = as_graph(&task, params, model, &batches).expect("runs"));
    let written = digest(&|params, model| {
        batches.iter().for_each(|batch| _ = eager(&task, params, model, Adam::default(), batch));
    });
    assert_eq!([single, single], [graph, written]);
    Ok(())
}

/// Gradients of a hundred steps, each from the parameters that the CPU has.
#[test]
fn gradients_of_each_step_are_the_cpus() -> Result<(), Error> {
    let Some(device) = gpu() else { return Ok(()) };
    let (on_cpu, model) = built("mlp_1");
    let (cpu, gpu) = (task(Device::Cpu), task(device));
    let mut here = recorded(&cpu, &model, Adam::default());
    let mut there = recorded(&gpu, &model, Adam::default());
    for batch in batches(100) {
        let before = on_cpu.snapshot();
        here.run(&on_cpu, &batch)?;
        let after = on_cpu.snapshot();
        on_cpu.restore(before);
        there.run(&on_cpu, &batch)?;
        let got = on_cpu.snapshot();
        // What a sum of 3,072 terms, the first layer's, may round: other instructions' sums are shorter.
        let largest = after.grads.iter().fold(0f32, |m, g| m.max(g.abs()));
        let bound = 3072.0 * f32::EPSILON / 2.0 * largest;
        for (a, b) in after.grads.iter().zip(&got.grads) {
            assert!((a - b).abs() <= bound, "gradient {a} on the cpu, {b}; bound {bound}");
        }
        on_cpu.restore(after);
    }
    Ok(())
}

/// What the host changes between runs arrives, and what the device changes is read: rates, values, rules, snapshots.
fn changes(device: Device, rule_twice: impl Update + Clone) -> Result<Vec<f32>, Error> {
    let task = task(device);
    let (params, model) = built("mlp_1");
    let (first, batch) = (params.ids().next().expect("a layer"), [1u32, 5, 9, 2]);
    let mut adam = recorded(&task, &model, Adam::default());
    let mut other = recorded(&task, &model, rule_twice);
    let mut seen = vec![adam.run(&params, &batch)?[0]];
    params.set_lr(0.01);
    params.scale_lr(first, 0.5);
    seen.push(adam.run(&params, &batch)?[0]);
    let kept = params.snapshot();
    seen.push(other.run(&params, &batch)?[0]);
    seen.push(adam.run(&params, &batch)?[0]);
    params.restore(kept);
    let halved: Vec<f32> = params.values(first).iter().map(|w| w / 2.0).collect();
    params.set(first, &halved);
    seen.push(adam.run(&params, &batch)?[0]);
    params.freeze(first, true);
    seen.push(adam.run(&params, &batch[..3])?[0]);
    seen.push(adam.run(&params, &batch)?[0]);
    seen.extend(params.values(first).iter().step_by(997));
    seen.push(params.step() as f32);
    Ok(seen)
}

#[test]
fn host_and_device_see_each_others_changes() -> Result<(), Error> {
    let Some(device) = gpu() else { return Ok(()) };
    let rule = Sgd { momentum: 0.9, weight_decay: 1e-3 };
    let (here, there) = (changes(Device::Cpu, rule)?, changes(device, rule)?);
    for (k, (a, b)) in here.iter().zip(&there).enumerate() {
        assert!((a - b).abs() <= 2e-5 * a.abs().max(1.0), "{k}: {a} on the cpu, {b}");
    }
    Ok(())
}

/// A sequence of training steps and the validation after them, twice: the second time as the same graph.
#[test]
fn steps_and_validation_are_one_sequence() -> Result<(), Error> {
    let Some(device) = gpu() else { return Ok(()) };
    let run = |device: Device| -> Result<Vec<f32>, Error> {
        let task = task(device.clone());
        let (params, model) = built("mlp_2");
        let mut train = recorded(&task, &model, Sgd::default());
        let mut validate = Step::evaluation(|tape, n| {
            let (x, labels) = tape.batch(&task.source, task.input, n);
            let logits = model.forward(x);
            vec![logits.cross_entropy(labels), logits.count_correct(labels), logits]
        })
        .on(device);
        let (batches, images) = (batches(3), (0..IMAGES as u32).collect::<Vec<_>>());
        let mut sequence = Sequence::default();
        let mut seen = Vec::new();
        for _ in 0..2 {
            let feeds: Vec<Feed<'_>> = batches.iter().map(|batch| Feed::U32(batch)).collect();
            let checks: Vec<Feed<'_>> = images.chunks(8).map(Feed::U32).collect();
            let steps = Part { program: train.program(&params, 4)?, runs: 3, feeds: &feeds };
            let check = Part { program: validate.program(&params, 8)?, runs: 3, feeds: &checks };
            let outputs = sequence.run(&params, &mut [steps, check])?;
            seen.extend(outputs[0].iter().map(|run| run[0]));
            seen.extend(outputs[1].iter().flat_map(|run| [run[0], run[1], run.values(2)[7]]));
        }
        Ok(seen)
    };
    for (k, (a, b)) in run(Device::Cpu)?.iter().zip(run(device)?).enumerate() {
        assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{k}: {a} on the cpu, {b}");
    }
    Ok(())
}

/// The text of a panic.
fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).err().expect("a panic");
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref().copied());
    text.expect("a text").to_owned()
}

/// A kernel cannot panic: it leaves word, and the host does, in the words of the CPU.
#[test]
fn an_index_beyond_the_data_set_is_refused_as_on_the_cpu() {
    let Some(device) = gpu() else { return };
    let of = |device| {
        let task = task(device);
        let (params, model) = built("mlp_1");
        let mut step = recorded(&task, &model, Adam::default());
        panic_of(move || step.run(&params, &[1, 2, 99, 3]).map(|_| ()))
    };
    assert_eq!(of(Device::Cpu), of(device));
}

/// An operation of a user's without a GPU kernel.
#[derive(Clone, Debug)]
struct Cube;

impl Op for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut ferrotape_autograd::Io<'_, S>) {
        let cubes: Vec<S> = io.x(0).iter().map(|&x| x * x * x).collect();
        io.y(0).copy_from_slice(&cubes);
    }
}

#[test]
fn an_operation_without_a_kernel_is_named_when_compiled() {
    let Some(device) = gpu() else { return };
    let params = Params::default();
    let tape = Tape::recording_inference(&params).with_device(device);
    let x = tape.feed_in([2], Layout::Rows);
    let line = line!() + 1;
    let y = tape.apply(Cube, &[x]);
    let text = panic_of(|| tape.compile(&[y]));
    assert!(text.contains(&format!("cube at {}:{line}:", file!())), "{text}");
    assert!(text.contains("no kernel"), "{text}");
}
