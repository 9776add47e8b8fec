//! Softmax and cross-entropy of 10 classes as a replayed program: the loss alone, and with the gradient.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_autograd::{Device, Feed, Params, Tape};
use ferrotape_benches::{settings, values};

const CLASSES: usize = 10;

fn losses(c: &mut Criterion) {
    let params = Params::default();
    let device = Device::threads(1).expect("a thread");
    for n in [50, 500] {
        let labels: Vec<u32> = (0..n as u32).map(|i| i % CLASSES as u32).collect();
        let mut group = c.benchmark_group(format!("softmax_xent/{n}x{CLASSES}"));
        group.throughput(Throughput::Elements((n * CLASSES) as u64));
        for gradient in [false, true] {
            let tape = Tape::recording(&params).with_device(device.clone());
            let logits = tape.variable([n, CLASSES], &values(n * CLASSES));
            let loss = logits.cross_entropy(tape.feed_u32(n));
            let keep = match gradient {
                true => vec![loss, loss.backward().get(logits).expect("a gradient")],
                false => vec![loss],
            };
            let mut program = tape.compile(&keep);
            group.bench_function(if gradient { "loss_and_gradient" } else { "loss" }, |t| {
                t.iter(|| program.run(&params, &[Feed::U32(&labels)]).expect("declared feeds")[0])
            });
        }
    }
}

criterion_group!(name = benches; config = settings(); targets = losses);
criterion_main!(benches);
