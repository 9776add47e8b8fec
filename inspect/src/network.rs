//! The networks of the homework, looked at while they learn.
use crate::{Inspection, Inspector, model::Roof, options::NetworkArgs};
use anyhow::{Result, ensure};
use ferrotape_autograd::{Feed, Params, Tape, Var};
use ferrotape_data::{Loader, synthetic::Form};
use ferrotape_experiments::{
    interrupt,
    options::{Edition, Kind},
    progress::Mode,
};
use ferrotape_kernels::Cpu;
use ferrotape_nn::{
    Adam, Module, Step,
    models::{Network, Variant},
};

/// The most runs that pictures are kept of: with all of them a page of many steps would be too large.
const PICTURED: usize = 8;

/// Trains the network `name` for some steps and looks at them; nothing if Ctrl-C was pressed meanwhile.
///
/// # Errors
/// Where data or device are not as they must be.
pub fn look(name: &str, args: &NetworkArgs, quiet: bool) -> Result<Option<Inspection>> {
    let mode = if quiet { Mode::Quiet } else { Mode::Auto };
    let data = args.data.open(Form::Rgb32, mode)?;
    let device = args.device.device()?;
    let batch = args.batch.get();
    ensure!(batch <= data.train.len(), "--batch {batch}: the data set has {} images", data.train.len());
    let edition = Edition::E2025;
    let shape = data.train.shape();
    let input = edition.input(shape[0]);
    let params = Params::seeded(args.seed);
    params.set_lr(args.lr);
    let network = Network::find(edition.table(shape), name).expect("both tables have the same names");
    let image = [input.channels(shape[0])?, shape[1], shape[2]];
    let variant = Variant { image, activation: args.activation, ..Variant::default() };
    let model = network.build(&params, &variant);
    let step = step(args.evaluation, |tape, n| {
        let (x, labels) = tape.batch(&data.train, input, n);
        let logits = model.forward(x);
        let loss = logits.cross_entropy(labels);
        let right = logits.count_correct(labels);
        if tape.is_training() {
            loss.backward().step(Adam::default());
        }
        vec![loss, right]
    })
    .on(device);

    let tape = step.tape(&params);
    let mut inspector = Inspector::of(name, &tape, &step.record(&tape, batch))?;
    inspector.note(format!("data: {}, input {input}", data.description));
    let rule = if args.evaluation { String::new() } else { format!(", Adam with a rate of {}", args.lr) };
    inspector.note(format!("batch {batch}{rule}, seed {}", args.seed));

    let all: Vec<u32> = (0..data.train.len() as u32).collect();
    let mut batches = Batches { loader: Loader::new(all, batch, args.seed), batch, next: 0 };
    let steps = args.steps.get();
    let pictured = steps.div_ceil(PICTURED);
    for k in 0..steps {
        for _ in 0..if k == 0 { 0 } else { args.every.get() - 1 } {
            inspector.run(&params, &[Feed::U32(&batches.next())])?;
        }
        if interrupt::requested() {
            return Ok(None);
        }
        let pictures = k % pictured == 0 || k + 1 == steps;
        inspector.look(&params, &[Feed::U32(&batches.next())], pictures)?;
    }
    if args.replays > 0 {
        if args.device.device == Kind::Cpu {
            let threads = args
                .device
                .threads
                .map_or_else(|| Cpu::shared_pool().map(|c| c.threads()), |n| Ok(n.into()))?;
            inspector.roof(Roof::calibrate(threads));
        }
        inspector.time(&params, &[Feed::U32(&batches.next())], args.replays)?;
    }
    Ok(Some(inspector.finish()))
}

/// A step, or the forward pass of an evaluation.
fn step<F: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>>(evaluation: bool, record: F) -> Step<F> {
    if evaluation { Step::evaluation(record) } else { Step::new(record) }
}

/// Batches of whole size, epoch after epoch.
struct Batches {
    loader: Loader,
    batch: usize,
    next: usize,
}

impl Batches {
    fn next(&mut self) -> Vec<u32> {
        let whole = self.loader.indices().len() / self.batch;
        let (epoch, k) = (self.next / whole, self.next % whole);
        self.next += 1;
        self.loader.epoch(epoch as u64).nth(k).expect("one of the whole ones").to_vec()
    }
}
