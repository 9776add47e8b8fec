//! One training step (forward, loss, backward, Adam; batch 50, images in memory as f32): replayed and eager.
use criterion::{Criterion, criterion_group, criterion_main};
use ferrotape_autograd::{Device, Feed, Params, Tape, Var};
use ferrotape_benches::{settings, values};
use ferrotape_nn::{
    Adam, Module, Sequential, Step,
    models::{TABLE_A, Variant},
};

const BATCH: usize = 50;

fn step<'t>(model: &Sequential, x: Var<'t>, labels: Var<'t>) -> Var<'t> {
    let loss = model.forward(x).cross_entropy(labels);
    loss.backward().step(Adam::default());
    loss
}

fn steps(c: &mut Criterion) {
    let x = values(BATCH * 3 * 32 * 32);
    let labels: Vec<u32> = (0..BATCH as u32).map(|i| i % 10).collect();
    for threads in [1, 2] {
        let device = Device::threads(threads).expect("threads");
        for network in TABLE_A {
            let params = Params::seeded(0);
            let model = network.build(&params, &Variant::default());
            let mut group = c.benchmark_group(format!("step/{}/{threads}t", network.name));
            let mut replayed =
                Step::new(|tape, n| vec![step(&model, tape.feed([n, 3, 32, 32]), tape.feed_u32(n))])
                    .on(device.clone());
            let feeds = [Feed::Real(&x), Feed::U32(&labels)];
            group.bench_function("replay", |t| {
                t.iter(|| replayed.run_with(&params, BATCH, &feeds).expect("declared feeds")[0])
            });
            group.bench_function("eager", |t| {
                t.iter(|| {
                    let tape = Tape::training(&params).with_device(device.clone());
                    step(&model, tape.input([BATCH, 3, 32, 32], &x), tape.input_u32(&labels)).item()
                })
            });
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = steps);
criterion_main!(benches);
