//! One training step (forward, loss, backward, Adam; batch 50, images in memory as f32): replayed and eager.
use criterion::{Criterion, criterion_group, criterion_main};
use ferrotape_autograd::{Device, Tape};
use ferrotape_benches::{
    networks::{BATCH, Images, Input, record_step, training},
    settings,
};

fn steps(c: &mut Criterion) {
    for input in Input::ALL {
        let images = Images::new(input, BATCH);
        let [channels, h, w] = input.image();
        for network in input.table() {
            let mut group = c.benchmark_group(format!("step/{}/{input}", network.name));
            for threads in [1, 2] {
                let device = Device::threads(threads).expect("threads");
                let (params, model, work) = input.network(network.name).expect("of the table");
                let mut step = training(model, work.layout, input.image()).on(device.clone());
                group.bench_function(format!("replay/{threads}t"), |t| {
                    t.iter(|| {
                        step.run_with(&params, BATCH, &images.feeds(0..BATCH)).expect("declared feeds")[0]
                    })
                });
                let (params, model, _) = input.network(network.name).expect("of the table");
                group.bench_function(format!("eager/{threads}t"), |t| {
                    t.iter(|| {
                        let tape = Tape::training(&params).with_device(device.clone());
                        let x = tape.input([BATCH, channels, h, w], images.values());
                        record_step(&model, x, tape.input_u32(images.labels())).item()
                    })
                });
            }
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = steps);
criterion_main!(benches);
