//! What the tape itself costs: a chain of 1,000 additions of one number. `elem` is an instruction, so `Melem/s` 10
//! are 100 ns an instruction. `replay` is the price of a program, `record` of describing it, `backward` of the reverse
//! walk and the instructions it appends, `plan` of making a program of it, `eager` of recording and running at once.
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ferrotape_autograd::{Device, Feed, Params, Tape, Var};
use ferrotape_benches::settings;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const LENGTH: u64 = 1000;

fn chain(x: Var<'_>) -> Var<'_> {
    (0..LENGTH).fold(x, |y, _| y + x)
}

fn tape(c: &mut Criterion) {
    let params = Params::default();
    let device = Device::threads(1).expect("a thread");
    let mut group = c.benchmark_group("tape");
    group.throughput(Throughput::Elements(LENGTH));

    let recorded = Tape::recording(&params).with_device(device.clone());
    let end = chain(recorded.feed([1]));
    let mut program = recorded.compile(&[end]);
    group.bench_function("replay", |t| {
        t.iter(|| program.run(&params, &[Feed::Real(&[1.0])]).expect("declared feeds")[0])
    });
    group.bench_function("plan", |t| {
        t.iter_batched(|| (), |()| recorded.compile(&[end]), BatchSize::LargeInput)
    });
    group.bench_function("record", |t| {
        t.iter(|| {
            let tape = Tape::recording(&params);
            black_box(chain(tape.feed([1])).id());
        })
    });
    group.bench_function("eager", |t| {
        t.iter(|| {
            let tape = Tape::training(&params).with_device(device.clone());
            black_box(chain(tape.input([1], &[1.0])).id());
        })
    });
    group.bench_function("backward", |t| {
        t.iter_custom(|count| {
            let once = |_| {
                let tape = Tape::recording(&params);
                let x = tape.variable([1], &[1.0]);
                let y = chain(x);
                let start = Instant::now();
                black_box(y.backward().get(x));
                start.elapsed()
            };
            (0..count).map(once).sum::<Duration>()
        })
    });
}

criterion_group!(name = benches; config = settings(); targets = tape);
criterion_main!(benches);
