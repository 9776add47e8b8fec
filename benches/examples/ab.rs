use ferrotape_autograd::{Device, Feed, Params, Program, Rewrites, Tape};
use ferrotape_benches::values;
use ferrotape_nn::{
    Adam, Module,
    models::{TABLE_A, Variant},
};
use std::time::Instant;
fn main() {
    let threads: usize = std::env::args().nth(1).map_or(1, |a| a.parse().unwrap());
    let x = values(50 * 3072);
    let labels: Vec<u32> = (0..50).map(|i| i % 10).collect();
    let device = Device::threads(threads).unwrap();
    let variants = [
        ("none", Rewrites::NONE),
        ("fuse", Rewrites { fuse: true, chain: false }),
        ("chain", Rewrites { fuse: false, chain: true }),
        ("all", Rewrites::ALL),
    ];
    for network in TABLE_A {
        let params = Params::seeded(0);
        let model = network.build(&params, &Variant::default());
        for train in [true, false] {
            let mut programs: Vec<(&str, Program, f64)> = variants
                .iter()
                .map(|(n, r)| {
                    let tape =
                        if train { Tape::recording(&params) } else { Tape::recording_inference(&params) }
                            .with_device(device.clone());
                    let p = {
                        let y = model.forward(tape.feed([50, 3, 32, 32]));
                        let out = if train {
                            let loss = y.cross_entropy(tape.feed_u32(50));
                            loss.backward().step(Adam::default());
                            loss
                        } else {
                            y.count_correct(tape.feed_u32(50))
                        };
                        tape.compile_with(&[out], *r)
                    };
                    (*n, p, f64::MAX)
                })
                .collect();
            let feeds = [Feed::Real(&x), Feed::U32(&labels)];
            for _ in 0..60 {
                for (_, p, best) in &mut programs {
                    let t = Instant::now();
                    p.run(&params, &feeds).unwrap();
                    *best = best.min(t.elapsed().as_secs_f64() * 1e6);
                }
            }
            print!("{} {}", network.name, if train { "step " } else { "eval " });
            for (n, p, best) in &programs {
                print!("  {n} {best:.0} us ({})", p.code().instructions().len());
            }
            println!();
        }
    }
}
