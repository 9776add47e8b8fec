//! Operations number by number: 5,000 numbers (first-level cache) and the largest activation (720,000). Bytes moved.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{settings, values};
use ferrotape_kernels::{
    Cpu,
    activation::{Activation, cpu as act},
    elementwise::cpu as el,
};
use std::hint::black_box;

/// Name, numbers read or written for each result, operation on two operands.
type Case = (&'static str, u64, fn(&[f32], &[f32], &mut [f32], &Cpu));

const CASES: [Case; 9] = [
    ("add", 3, el::add),
    ("mul", 3, el::mul),
    ("scale", 2, |a, _, y, cpu| el::scale(0.3, a, y, cpu)),
    ("relu", 2, |a, _, y, cpu| act::forward(Activation::Relu, a, y, cpu)),
    ("relu_grad", 3, |a, b, y, cpu| act::backward(Activation::Relu, a, b, y, cpu)),
    ("sigmoid", 2, |a, _, y, cpu| act::forward(Activation::Sigmoid, a, y, cpu)),
    ("sigmoid_grad", 3, |a, b, y, cpu| act::backward(Activation::Sigmoid, a, b, y, cpu)),
    ("tanh", 2, |a, _, y, cpu| act::forward(Activation::Tanh, a, y, cpu)),
    ("tanh_grad", 3, |a, b, y, cpu| act::backward(Activation::Tanh, a, b, y, cpu)),
];

fn elementwise(c: &mut Criterion) {
    for len in [5_000, 50 * 16 * 30 * 30] {
        let (a, b, mut y) = (values(len), values(len), vec![0.0; len]);
        for (name, numbers, run) in CASES {
            let mut group = c.benchmark_group(format!("elementwise/{name}/{len}"));
            group.throughput(Throughput::Bytes(4 * numbers * len as u64));
            for threads in [1, 2] {
                let cpu = Cpu::new(threads).expect("threads");
                group.bench_function(format!("{threads}t"), |t| {
                    t.iter(|| run(&a, &b, black_box(&mut y), &cpu))
                });
            }
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = elementwise);
criterion_main!(benches);
