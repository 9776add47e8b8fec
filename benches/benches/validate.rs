//! A validation pass: logits and right answers of 5,000 images in memory as f32, by a forward-only program.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_autograd::{Device, Feed, Params};
use ferrotape_benches::{settings, values};
use ferrotape_nn::{
    Module, Step,
    models::{TABLE_A, Variant},
};

const IMAGES: usize = 5000;
const BATCH: usize = 50;

fn validations(c: &mut Criterion) {
    let x = values(IMAGES * 3 * 32 * 32);
    let labels: Vec<u32> = (0..IMAGES as u32).map(|i| i % 10).collect();
    for threads in [1, 2] {
        let device = Device::threads(threads).expect("threads");
        for network in TABLE_A {
            let params = Params::seeded(0);
            let model = network.build(&params, &Variant::default());
            let mut group = c.benchmark_group(format!("validate/{}/{threads}t", network.name));
            group.throughput(Throughput::Elements(IMAGES as u64)).sample_size(10);
            let mut forward = Step::evaluation(|tape, n| {
                vec![model.forward(tape.feed([n, 3, 32, 32])).count_correct(tape.feed_u32(n))]
            })
            .on(device.clone());
            group.bench_function("replay", |t| {
                t.iter(|| {
                    let batches = x.chunks(BATCH * 3 * 32 * 32).zip(labels.chunks(BATCH));
                    let mut count = |(x, labels)| {
                        let feeds = [Feed::Real(x), Feed::U32(labels)];
                        forward.run_with(&params, BATCH, &feeds).expect("declared feeds")[0]
                    };
                    batches.map(&mut count).sum::<f32>()
                })
            });
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = validations);
criterion_main!(benches);
