//! Programs to look at.
use ferrotape_autograd::{Device, Feed, Params, Program, Rewrites};
use ferrotape_benches::networks::{Images, Input, training};
use ferrotape_inspect::{
    Inspection, Inspector,
    model::{Level, Roof},
};

/// A network of table A after `steps` looks at a batch of `batch`, each instruction timed once; and the program that was recorded.
pub fn network(name: &str, batch: usize, steps: usize) -> (Inspection, Program) {
    network_on(Device::threads(1).unwrap(), name, batch, steps)
}

/// The same on a device.
pub fn network_on(device: Device, name: &str, batch: usize, steps: usize) -> (Inspection, Program) {
    let input = Input::Rgb;
    let (params, model, work) = input.network(name).unwrap();
    let step = training(model, work.layout, input.image()).on(device);
    let images = Images::new(input, batch);
    let tape = step.tape(&params);
    let keep = step.record(&tape, batch);
    let mut inspector = Inspector::of(name, &tape, &keep).unwrap();
    looked(&mut inspector, &params, &images.feeds(0..batch), steps);
    let level = Level { name: "DRAM".into(), capacity: u64::MAX, bandwidth: 20.0 };
    inspector.roof(Roof { peak: 100.0, levels: vec![level] });
    (inspector.finish(), tape.compile_with(&keep, Rewrites::NONE))
}

fn looked(inspector: &mut Inspector, params: &Params, feeds: &[Feed<'_>], steps: usize) {
    for _ in 0..steps {
        inspector.look(params, feeds, true).unwrap();
    }
    inspector.time(params, feeds, 1).unwrap();
}
