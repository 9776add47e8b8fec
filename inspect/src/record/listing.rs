//! From code to listings.
use crate::model::{Fate, Instruction, Kernel, Launch, Listing, Origin, Slot, Stage};
use ferrotape_autograd::{Action, Code, Instruction as Recorded, Launches, Machine, Phase, Place, SlotId};
use std::{collections::HashMap, fs};

/// The PTX modules seen so far.
#[derive(Default)]
pub(super) struct Kernels {
    pub list: Vec<Kernel>,
    numbers: HashMap<String, usize>,
}

impl Kernels {
    fn launches(&mut self, launches: Option<Launches>) -> Vec<Launch> {
        let list = launches.map(|l| l.list).unwrap_or_default();
        let each = |launch: &ferrotape_kernels::cuda::Launch| {
            let name = launch.text.name().to_owned();
            let list = &mut self.list;
            let kernel = *self.numbers.entry(name.clone()).or_insert_with(|| {
                list.push(Kernel { name, text: launch.text.ptx().to_owned() });
                list.len() - 1
            });
            Launch { entry: launch.entry.to_string(), kernel, grid: launch.grid, block: launch.block }
        };
        list.iter().map(each).collect()
    }
}

fn numbers(ids: &[SlotId]) -> Vec<usize> {
    ids.iter().map(|id| id.number() as usize).collect()
}

/// The instructions of `code`, as `machine` runs them.
pub(super) fn of(code: &Code, machine: &dyn Machine, kernels: &mut Kernels) -> Listing {
    let forward: Vec<SlotId> = (code.instructions().iter().filter(|i| i.phase == Phase::Forward))
        .flat_map(|i| i.y.iter().copied())
        .collect();
    let mut lines = Lines::default();
    let instructions = code.instructions().iter().map(|i| {
        let (x, y) = (code.types(&i.x), code.types(&i.y));
        let (type_name, launches, updates) = match &i.action {
            Action::Compute(op) => (op.type_name().to_owned(), op.cuda(&x, &y), Vec::new()),
            Action::Update(rule, ids) => {
                let count = x.iter().map(|ty| ty.len()).sum();
                let names = ids.iter().map(|&p| code.param(p).to_owned()).collect();
                (rule.name().to_owned(), rule.cuda(count), names)
            }
        };
        let is_saved = |id: &&SlotId| i.phase == Phase::Backward && forward.contains(id);
        let cost = code.cost(i);
        Instruction {
            op: i.name().to_owned(),
            type_name,
            phase: i.phase,
            x: numbers(&i.x),
            y: numbers(&i.y),
            updates,
            flops: cost.flops,
            bytes: cost.bytes,
            kernel: machine.variant(&i.action, &x).to_owned(),
            launches: kernels.launches(launches),
            saved: i.x.iter().filter(is_saved).map(|id| id.number() as usize).collect(),
            file: i.loc.file().to_owned(),
            line: i.loc.line(),
            text: lines.at(i),
            module: i.module.as_deref().map(str::to_owned),
            gradient_of: i.gradient_of,
            recorded: i.recorded.clone(),
            ns: None,
        }
    });
    Listing { instructions: instructions.collect(), stages: stages(code) }
}

/// What is run at once.
fn stages(code: &Code) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut next = 0;
    while next < code.instructions().len() {
        let chain = code.chains().iter().find(|chain| chain.range.start == next);
        let end = chain.map_or(next + 1, |chain| chain.range.end);
        stages.push(Stage { first: next, last: end - 1, images: chain.map(|c| c.images), ns: None });
        next = end;
    }
    stages
}

/// The values of `tape`, and those that the planner has added in `planned`.
pub(super) fn slots(tape: &Code, planned: &Code) -> Vec<Slot> {
    let on_tape = tape.slot_ids().count();
    let slot = |id: SlotId| {
        let code = if (id.number() as usize) < on_tape { tape } else { planned };
        let given = code.given().any(|&given| given == id);
        let (origin, ty) = (code.slot(id).place, code.slot(id).ty);
        Slot {
            name: code.spelled(id),
            shape: ty.shape.to_vec(),
            ty: ty.to_string(),
            bytes: ty.bytes(),
            origin: match origin {
                Place::Fed(_) => Origin::Fed,
                Place::Param(_) => Origin::Parameter,
                Place::Source(_) => Origin::DataSet,
                Place::Buffer(_) | Place::Grad(_) if given => Origin::Given,
                Place::Buffer(_) | Place::Grad(_) => Origin::Made,
            },
        }
    };
    planned.slot_ids().map(slot).collect()
}

/// What became of each instruction of `tape`.
pub(super) fn fates(tape: &Code, planned: &Listing, code: &Code) -> Vec<Fate> {
    let fate = |(k, i): (usize, &Recorded)| {
        if let Some(by) = planned.instructions.iter().position(|p| p.recorded.contains(&k)) {
            return Fate::Done(by);
        }
        let is_given = |y: &SlotId| code.given().any(|id| id == y);
        let is_fed = |y: &SlotId| matches!(code.slot(*y).place, Place::Fed(_));
        match () {
            () if i.y.iter().any(is_fed) => Fate::Fed,
            () if i.y.iter().any(is_given) => Fate::Constant,
            () => Fate::Dropped,
        }
    };
    tape.instructions().iter().enumerate().map(fate).collect()
}

/// Source files, each read once.
#[derive(Default)]
struct Lines(HashMap<&'static str, Option<String>>);

impl Lines {
    /// What stands at the line of `i`, if the file is where the compiler found it.
    fn at(&mut self, i: &Recorded) -> Option<String> {
        let file = self.0.entry(i.loc.file()).or_insert_with(|| {
            let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
            let here = fs::read_to_string(i.loc.file());
            here.or_else(|_| fs::read_to_string(format!("{root}/{}", i.loc.file()))).ok()
        });
        let line = file.as_ref()?.lines().nth(i.loc.line() as usize - 1)?;
        Some(line.trim().to_owned())
    }
}
