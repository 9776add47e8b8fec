//! A validation pass: logits and right answers of 5,000 images in memory as f32, by a forward-only program.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_benches::{
    networks::{Input, VALIDATION},
    rows::prepare,
    settings,
};

fn validations(c: &mut Criterion) {
    for input in [Input::Rgb, Input::Gray] {
        for network in input.table() {
            let mut group = c.benchmark_group(format!("validate/{}/{input}", network.name));
            group.throughput(Throughput::Elements(VALIDATION as u64)).sample_size(10);
            for threads in [1, 2] {
                let mut row = prepare(&format!("validate/{}/{input}", network.name), threads).expect("a row");
                group.bench_function(format!("replay/{threads}t"), |t| t.iter(&mut row.run));
            }
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = validations);
criterion_main!(benches);
