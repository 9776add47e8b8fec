//! Every convolution of tables A and B, batch 50: a ladder from the definition to the kernels in use.
//!
//! Throughput counts floating-point operations, so criterion's `Gelem/s` are GFLOP/s. The definition runs on two images.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{
    ladder::{Convolution, Rung, needed},
    networks::{Input, conv_name},
    settings,
};
use ferrotape_kernels::{Isa, Pool, conv2d::Conv2d};
use std::{collections::BTreeMap, hint::black_box};

fn convolutions(c: &mut Criterion) {
    let layers: BTreeMap<_, _> =
        Input::ALL.iter().flat_map(|i| i.convolutions()).map(|s| (conv_name(&s), s)).collect();
    let pools = [1, 2].map(Pool::new);
    for (name, s) in layers {
        let mut batch = Convolution::new(s);
        let mut few = Convolution::new(Conv2d { n: 2, ..s });
        for pass in needed(&s) {
            let mut group = c.benchmark_group(format!("conv/{name}/{pass}"));
            let mut bench = |rung: Rung, pool: &Pool| {
                let operands = if rung == Rung::Reference { &mut few } else { &mut batch };
                let context = rung.context(pool);
                group.throughput(Throughput::Elements(operands.s.flops()));
                group.bench_function(format!("{}/{}t", rung.name(), pool.threads()), |t| {
                    t.iter(|| {
                        black_box(operands.run(rung, pass, &context));
                    })
                });
            };
            for rung in Rung::all() {
                bench(rung, &pools[0]);
            }
            bench(Rung::Direct(Isa::best()), &pools[1]);
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = convolutions);
criterion_main!(benches);
