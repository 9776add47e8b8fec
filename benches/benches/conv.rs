//! Every convolution of table A (RGB, batch 50): forward, input gradient, weight gradient.
//!
//! Throughput counts floating-point operations, so criterion's `Gelem/s` are GFLOP/s.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{settings, values};
use ferrotape_kernels::{
    Cpu,
    conv2d::{Conv2d, cpu},
};

/// (input channels, output channels, kernel, input size)
const LAYERS: [[usize; 4]; 13] = [
    [3, 16, 3, 32],
    [16, 8, 5, 30],
    [8, 16, 7, 13],
    [16, 8, 3, 30],
    [8, 16, 5, 28],
    [16, 16, 5, 12],
    [3, 8, 3, 32],
    [8, 16, 3, 30],
    [16, 8, 3, 28],
    [8, 16, 3, 26],
    [16, 16, 3, 12],
    [16, 8, 3, 10],
    [1, 16, 3, 32],
];

fn convolutions(c: &mut Criterion) {
    for threads in [1, 2] {
        let context = Cpu::new(threads).expect("threads");
        for [ci, co, k, size] in LAYERS {
            let s = Conv2d { n: 50, ci, h: size, w: size, co, kh: k, kw: k, stride: 1, padding: 0 };
            let (x, w, b) = (values(s.x().len()), values(s.weight().len()), values(co));
            let dy = values(s.y().len());
            let (mut y, mut dx, mut dw) = (dy.clone(), x.clone(), w.clone());
            let mut group = c.benchmark_group(format!("conv/{ci}to{co}_k{k}_{size}/{threads}t"));
            group.throughput(Throughput::Elements(s.flops()));
            group.bench_function("forward", |t| t.iter(|| cpu::forward(&s, &x, &w, &b, &mut y, &context)));
            group.bench_function("wgrad", |t| t.iter(|| cpu::wgrad(&s, &x, &dy, &mut dw, &context)));
            if ci > 3 {
                group.bench_function("dgrad", |t| t.iter(|| cpu::dgrad(&s, &dy, &w, &mut dx, &context)));
            }
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = convolutions);
criterion_main!(benches);
