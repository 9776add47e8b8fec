//! Updates of all parameters of mlp_1 (98,666) and cnn_3 (11,394). Bytes read and written.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{settings, values};
use ferrotape_kernels::{
    Cpu,
    optim::{Adam, Sgd, cpu},
};
use std::hint::black_box;

fn updates(c: &mut Criterion) {
    for len in [98_666, 11_394] {
        let (mut p, g) = (values(len), values(len));
        let (mut m, mut v) = (vec![0.1; len], vec![0.1; len]);
        for threads in [1, 2] {
            let context = Cpu::new(threads).expect("threads");
            let mut group = c.benchmark_group(format!("optimiser/{len}"));
            group.throughput(Throughput::Bytes(7 * 4 * len as u64));
            group.bench_function(format!("adam/{threads}t"), |t| {
                t.iter(|| {
                    cpu::adam(&Adam::default(), black_box(&mut p), &g, [&mut m, &mut v], 100, 1e-6, &context)
                })
            });
            let momentum = Sgd { momentum: 0.9, ..Sgd::default() };
            for (name, rule, numbers) in [("sgd", Sgd::default(), 3), ("sgd_momentum", momentum, 5)] {
                group.throughput(Throughput::Bytes(numbers * 4 * len as u64));
                group.bench_function(format!("{name}/{threads}t"), |t| {
                    t.iter(|| cpu::sgd(&rule, black_box(&mut p), &g, &mut m, 1e-9, &context))
                });
            }
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = updates);
criterion_main!(benches);
