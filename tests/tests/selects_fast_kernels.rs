//! Every instruction of every shipped network, training and validation, has a fast kernel on every instruction set.
use ferrotape_autograd::{Adam, Cpu, Device, Input, Program, REFERENCE, Sgd, Update};
use ferrotape_autograd::{Isa, Params};
use ferrotape_kernels::Pool;
use ferrotape_nn::{
    Module, Step,
    models::{Activation, TABLE_A, TABLE_B, Variant},
};
use ferrotape_tests::{Task, noise, recorded};
use std::collections::BTreeSet;

/// What may run by its definition: a few numbers a batch, or a fill. Nothing here grows with an image.
const NOTHING_TO_GAIN: [&str; 4] = ["count_correct", "cross_entropy", "cross_entropy_grad", "fill"];

/// The instructions of a program that run by their definition.
fn slow(program: &Program) -> impl Iterator<Item = &'static str> {
    let (code, machine) = (program.code(), program.machine());
    let slow = code.instructions().iter().filter(move |i| machine.variant(&i.action, &code.types(&i.x)) == REFERENCE);
    slow.map(|i| i.name())
}
