//! Every instruction of every shipped network, training and validation, has a fast kernel on every instruction set.
use ferrotape_autograd::{Adam, Cpu, Device, Error, Input, Isa, Params, Program, REFERENCE};
use ferrotape_nn::{
    Module, Step,
    models::{Activation, Network, TABLE_A, TABLE_B, Variant},
};
use ferrotape_tests::{Task, noise, recorded};
use std::collections::BTreeSet;

/// The instructions that run by their definition and should not, as they are listed.
fn slow(program: &Program) -> BTreeSet<&'static str> {
    let (code, machine) = (program.code(), program.machine());
    let runs_by_definition =
        |&(action, x, _): &(_, &[_], _)| machine.variant(action, &code.types(x)) == REFERENCE;
    let all = code.instructions().iter().map(|i| (&i.action, &i.x[..], i.name()));
    all.filter(runs_by_definition).map(|(.., name)| name).collect()
}

fn check(network: &Network, variant: &Variant, input: Input, device: &Device) -> Result<(), Error> {
    let source = noise(50, [3, variant.image[1], variant.image[2]]);
    let task = Task { source, input, device: device.clone() };
    let params = Params::seeded(7);
    let model = network.build(&params, variant);
    let mut training = recorded(&task, &model, Adam::default());
    let mut validation = Step::evaluation(|tape, n| {
        let (x, labels) = tape.batch(&task.source, task.input, n);
        let scores = model.forward(x);
        vec![scores.cross_entropy(labels), scores.count_correct(labels)]
    })
    .on(device.clone());
    // The usual batch, and the smaller last one.
    for n in [50, 7, 1] {
        for program in [training.program(&params, n), validation.program(&params, n)].map(Result::unwrap) {
            assert!(program.code().instructions().len() > 3, "a program");
            let (name, machine) = (network.name, program.machine().name());
            assert_eq!(
                slow(program),
                BTreeSet::new(),
                "slow on {machine}, in {name} for {n} images:\n{program}"
            );
        }
    }
    Ok(())
}

#[test]
fn networks_run_on_fast_kernels() -> Result<(), Error> {
    for isa in Isa::available() {
        let device = Device::CpuWith(Cpu::with_isa(&ferrotape_kernels::Pool::new(1), isa)?);
        let rgb = Variant::default();
        for activation in [Activation::LeakyRelu, Activation::Sigmoid, Activation::Tanh] {
            check(&TABLE_A[2], &Variant { activation, ..rgb }, Input::Rgb, &device)?;
        }
        let gray = Variant { image: [1, 32, 32], ..rgb };
        let fashion = Variant { image: [1, 28, 28], ..rgb };
        for network in TABLE_A {
            check(network, &rgb, Input::Rgb, &device)?;
            check(network, &gray, Input::Gray, &device)?;
        }
        for network in TABLE_B {
            check(network, &fashion, Input::Gray, &device)?;
        }
    }
    Ok(())
}
