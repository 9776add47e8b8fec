//! Instructions executed, counted by valgrind: the same on any quiet or busy machine with the same compiler.
//!
//! What is gated here is the price of the tape (recording, backward, planning, the dispatch of a replay) and the AVX2
//! kernels: valgrind hides AVX-512 from the detection. `benches/instructions.py` compares with the committed counts.
// The macros make modules that cannot be given a comment.
#![allow(missing_docs)]
use ferrotape_autograd::{Device, Feed, Params, Program, Tape, Var};
use ferrotape_benches::{
    ladder::{Convolution, Pass, Rung},
    networks::{Images, Input, training},
    values,
};
use ferrotape_kernels::{
    Cpu, Isa, Pool,
    activation::{self, Activation},
    conv2d::Conv2d,
    matmul::{Matmul, cpu::matmul},
    optim::{Adam, cpu::adam},
};
use gungraun::{Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use std::hint::black_box;

/// Length of the chain of additions.
const LENGTH: usize = 1000;
/// Images: enough to be more than one, few enough that valgrind takes seconds.
const FEW: usize = 2;

fn chain(x: Var<'_>) -> Var<'_> {
    (0..LENGTH).fold(x, |y, _| y + x)
}

fn device() -> Device {
    Device::threads(1).expect("a thread")
}

fn avx2() -> Cpu {
    let isa = if Isa::Avx2.is_available() { Isa::Avx2 } else { Isa::best() };
    Cpu::with_isa(&Pool::new(1), isa).expect("available")
}

#[library_benchmark(setup = Params::default)]
fn record(params: Params) -> Params {
    let tape = Tape::recording(&params);
    black_box(chain(tape.feed([1])).id());
    drop(tape);
    params
}

#[library_benchmark(setup = Params::default)]
fn record_and_backward(params: Params) -> Params {
    let tape = Tape::recording(&params);
    let x = tape.variable([1], &[1.0]);
    black_box(chain(x).backward().get(x));
    drop(tape);
    params
}

#[library_benchmark(setup = Params::default)]
fn record_and_compile(params: Params) -> (Params, Program) {
    let tape = Tape::recording(&params).with_device(device());
    let program = tape.compile(&[chain(tape.feed([1]))]);
    drop(tape);
    (params, program)
}

fn compiled() -> (Params, Program) {
    let params = Params::default();
    let tape = Tape::recording(&params).with_device(device());
    let mut program = tape.compile(&[chain(tape.feed([1]))]);
    program.run(&params, &[Feed::Real(&[1.0])]).expect("declared feeds");
    drop(tape);
    (params, program)
}

#[library_benchmark(setup = compiled)]
fn replay((params, mut program): (Params, Program)) -> (Params, Program) {
    program.run(&params, &[Feed::Real(&[1.0])]).expect("declared feeds");
    (params, program)
}

/// The step of a network, everything allocated by a first run.
fn ready(network: &str) -> Box<dyn FnMut()> {
    let (params, model, work) = Input::Rgb.network(network).expect("of the table");
    let images = Images::new(Input::Rgb, FEW);
    let mut step = training(model, work.layout, Input::Rgb.image()).on(device());
    let mut run = move || {
        black_box(step.run_with(&params, FEW, &images.feeds(0..FEW)).expect("declared feeds")[0]);
    };
    run();
    Box::new(run)
}

#[library_benchmark(setup = ready)]
#[bench::mlp_1("mlp_1")]
#[bench::cnn_3("cnn_3")]
#[bench::cnn_5("cnn_5")]
fn step(mut run: Box<dyn FnMut()>) -> Box<dyn FnMut()> {
    run();
    run
}

fn convolution([ci, co, k, size]: [usize; 4]) -> (Convolution, Cpu) {
    let s = Conv2d { n: FEW, ci, h: size, w: size, co, kh: k, kw: k, stride: 1, padding: 0 };
    let (mut operands, cpu) = (Convolution::new(s), avx2());
    for pass in Pass::ALL {
        operands.run(Rung::Direct(cpu.isa()), pass, &cpu);
    }
    (operands, cpu)
}

/// One pass of convolutions that use both forms of the kernels.
macro_rules! pass {
    ($name:ident, $pass:expr) => {
        #[library_benchmark(setup = convolution)]
        #[bench::c3to16_k3_32([3, 16, 3, 32])]
        #[bench::c16to8_k5_16([16, 8, 5, 16])]
        #[bench::c8to16_k3_16([8, 16, 3, 16])]
        fn $name((mut operands, cpu): (Convolution, Cpu)) -> (Convolution, Cpu) {
            black_box(operands.run(Rung::Direct(cpu.isa()), $pass, &cpu));
            (operands, cpu)
        }
    };
}
pass!(conv_forward, Pass::Forward);
pass!(conv_dgrad, Pass::Dgrad);
pass!(conv_wgrad, Pass::Wgrad);

type Product = (Matmul, [Vec<f32>; 3], Cpu);

fn product([m, k, n]: [usize; 3]) -> Product {
    let s = Matmul { m, k, n, ta: false, tb: false };
    let (mut operands, cpu) = ([values(m * k), values(k * n), vec![0.0; m * n]], avx2());
    let [a, b, y] = &mut operands;
    matmul(&s, a, b, y, &cpu);
    (s, operands, cpu)
}

#[library_benchmark(setup = product)]
#[bench::m50x512x32([50, 512, 32])]
#[bench::m128x128x128([128, 128, 128])]
fn gemm(mut product: Product) -> Product {
    let (s, [a, b, y], cpu) = &mut product;
    matmul(s, a, b, black_box(y), cpu);
    product
}

type Numbers = ([Vec<f32>; 4], Cpu);

fn numbers() -> Numbers {
    ([values(10_000), values(10_000), vec![0.1; 10_000], vec![0.1; 10_000]], avx2())
}

#[library_benchmark(setup = numbers)]
fn update_adam(mut numbers: Numbers) -> Numbers {
    let ([p, g, m, v], cpu) = &mut numbers;
    adam(&Adam::default(), black_box(p), g, [m, v], 100, 1e-3, cpu);
    numbers
}

#[library_benchmark(setup = numbers)]
fn elementwise_relu(mut numbers: Numbers) -> Numbers {
    let ([x, y, ..], cpu) = &mut numbers;
    activation::cpu::forward(Activation::Relu, x, black_box(y), cpu);
    numbers
}

library_benchmark_group!(
    name = tape,
    benchmarks = [record, record_and_backward, record_and_compile, replay, step]
);
library_benchmark_group!(
    name = kernels,
    benchmarks = [conv_forward, conv_dgrad, conv_wgrad, gemm, update_adam, elementwise_relu]
);
main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = [tape, kernels]
);
