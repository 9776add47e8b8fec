//! A batch out of a data set: 50 CIFAR records of 10,000, scattered, normalised to RGB; as images and as rows.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{networks::BATCH, settings};
use ferrotape_kernels::{
    Cpu,
    gather::{Gather, Input, cpu},
};
use std::hint::black_box;

const RECORDS: usize = 10_000;

fn gathers(c: &mut Criterion) {
    let s = Gather::new(Input::Rgb, [3, 32, 32], BATCH).expect("RGB of 3 channels");
    let bytes: Vec<u8> = (0..RECORDS * s.record()).map(|i| (i * 31 % 251) as u8).collect();
    let planes = |n: usize| &bytes[n * 7919 % RECORDS * s.record()..][..s.record()];
    let mut y = vec![0.0; s.y().len()];
    let mut group = c.benchmark_group("gather/50xcifar");
    group.throughput(Throughput::Elements(BATCH as u64));
    for threads in [1, 2] {
        let context = Cpu::new(threads).expect("threads");
        group.bench_function(format!("rgb/{threads}t"), |t| {
            t.iter(|| cpu::batch(&s, planes, black_box(&mut y), &context))
        });
        group.bench_function(format!("flat/{threads}t"), |t| {
            t.iter(|| cpu::rows(&s, planes, black_box(&mut y), &context))
        });
    }
}

criterion_group!(name = benches; config = settings(); targets = gathers);
criterion_main!(benches);
