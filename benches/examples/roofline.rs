//! Where a step's time goes.
use ferrotape_autograd::{Device, Feed, Params};
use ferrotape_benches::values;
use ferrotape_nn::{
    Adam, Module, Step,
    models::{TABLE_A, Variant},
};
use std::time::Duration;
fn main() {
    let threads: usize = std::env::args().nth(1).map_or(1, |a| a.parse().unwrap());
    let only = std::env::args().nth(2);
    let x = values(50 * 3072);
    let labels: Vec<u32> = (0..50).map(|i| i % 10).collect();
    let device = Device::threads(threads).unwrap();
    for network in TABLE_A.iter().filter(|n| only.as_deref().is_none_or(|o| o == n.name)) {
        let params = Params::seeded(0);
        let model = network.build(&params, &Variant::default());
        let mut step = Step::new(|tape, n| {
            let loss = model.forward(tape.feed([n, 3, 32, 32])).cross_entropy(tape.feed_u32(n));
            loss.backward().step(Adam::default());
            vec![loss]
        })
        .on(device.clone());
        let feeds = [Feed::Real(&x), Feed::U32(&labels)];
        let program = step.program(&params, 50);
        let count = program.code().instructions().len();
        let mut best = vec![Duration::MAX; count];
        for _ in 0..60 {
            let mut t = vec![Duration::ZERO; count];
            program.run_timed(&params, &feeds, &mut t).unwrap();
            for (b, t) in best.iter_mut().zip(t) {
                *b = t.min(*b);
            }
        }
        println!("{} total {:?}", network.name, best.iter().sum::<Duration>());
        let code = program.code();
        for (i, t) in code.instructions().iter().zip(&best) {
            let c = code.cost(i);
            let ty = i.y.first().map(|&y| code.slot(y).ty.to_string()).unwrap_or_default();
            println!(
                "  {:18} {:30} {:8.1} us {:7.1} GF/s {:6.1} GB/s",
                i.name(),
                ty,
                t.as_secs_f64() * 1e6,
                c.flops as f64 / t.as_secs_f64() / 1e9,
                c.bytes as f64 / t.as_secs_f64() / 1e9
            );
        }
    }
}
