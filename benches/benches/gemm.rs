//! Matrix products: those of an MLP's first layer and their transposes, and squares, on every instruction set.
//!
//! `50x3072x32/nn` is m x k x n; `t` marks a transposed operand. `Gelem/s` are GFLOP/s.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{
    rows::{PRODUCTS, product_of},
    settings, values,
};
use ferrotape_kernels::{Cpu, Isa, Pool, matmul::cpu::matmul};
use std::hint::black_box;

fn products(c: &mut Criterion) {
    let pools = [1, 2].map(Pool::new);
    for name in PRODUCTS {
        let s = product_of(name).expect("well-formed");
        let (a, b, mut y) = (values(s.m * s.k), values(s.k * s.n), vec![0.0; s.m * s.n]);
        let mut group = c.benchmark_group(format!("gemm/{name}"));
        group.throughput(Throughput::Elements(s.flops()));
        let mut bench = |isa: Isa, pool: &Pool| {
            let cpu = Cpu::with_isa(pool, isa).expect("available");
            group.bench_function(format!("{isa}/{}t", pool.threads()), |t| {
                t.iter(|| matmul(&s, &a, &b, black_box(&mut y), &cpu))
            });
        };
        Isa::available().for_each(|isa| bench(isa, &pools[0]));
        bench(Isa::best(), &pools[1]);
    }
}

criterion_group!(name = benches; config = settings(); targets = products);
criterion_main!(benches);
