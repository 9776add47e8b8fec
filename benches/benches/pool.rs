//! Max-pooling 2x2, stride 2, batch 50: the windows of the networks, forward and backward. Bytes read and written.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{networks::BATCH, settings, values};
use ferrotape_kernels::{
    Cpu,
    max_pool2d::{MaxPool2d, cpu},
};
use std::hint::black_box;

/// Channels, side of the input.
const INPUTS: [[usize; 2]; 5] = [[8, 26], [16, 24], [16, 7], [16, 8], [8, 8]];

fn pooling(c: &mut Criterion) {
    for threads in [1, 2] {
        let context = Cpu::new(threads).expect("threads");
        for [channels, side] in INPUTS {
            let s = MaxPool2d { n: BATCH, c: channels, h: side, w: side, kernel: 2, stride: 2 };
            let (x, mut y) = (values(s.x().len()), values(s.y().len()));
            let (mut dx, mut winner) = (x.clone(), vec![0u32; y.len()]);
            let mut group = c.benchmark_group(format!("pool/{channels}x{side}x{side}"));
            group.throughput(Throughput::Bytes(4 * (x.len() + 2 * y.len()) as u64));
            group.bench_function(format!("forward/{threads}t"), |t| {
                t.iter(|| cpu::forward(&s, &x, black_box(&mut y), &mut winner, &context))
            });
            group.bench_function(format!("backward/{threads}t"), |t| {
                t.iter(|| cpu::backward(&s, &y, &winner, black_box(&mut dx), &context))
            });
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = pooling);
criterion_main!(benches);
