//! Runs a [`Launches`] on the PTX machine, without a driver.
// Every family uses a part of it.
#![allow(dead_code)]
use bytemuck::{Pod, bytes_of, bytes_of_mut, cast_slice, cast_slice_mut};
use ferrotape_kernels::cuda::{Arg, Launches, RangeState, Refusal, RunState, Text};
use ptx_machine::{Counters, Kernel, Launch, Memory, Module, Options};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

/// Bytes of global memory of a run.
const CAPACITY: u64 = 1 << 30;

/// An operand.
#[derive(Copy, Clone)]
pub enum Operand<'a> {
    /// Numbers, at a multiple of 256 bytes.
    F32(&'a [f32]),
    /// Indices, at a multiple of 256 bytes.
    U32(&'a [u32]),
    /// A range of the flat parameters: at an odd multiple of 4 bytes.
    Parameter(&'a [f32]),
    /// A data set: pixels and labels.
    Data(&'a [u8], &'a [u8]),
}

/// An output.
pub enum Output<'a> {
    /// Numbers, at a multiple of 256 bytes.
    F32(&'a mut [f32]),
    /// Indices, at a multiple of 256 bytes.
    U32(&'a mut [u32]),
    /// A range of the flat gradients: at an odd multiple of 4 bytes.
    Gradient(&'a mut [f32]),
}

/// What the launches find in memory.
#[derive(Default)]
pub struct Buffers<'a, 'y> {
    /// Operands.
    pub x: &'a [Operand<'a>],
    /// Outputs, never written before.
    pub y: &'a mut [Output<'y>],
    /// The run's counters.
    pub run: RunState,
    /// In an update: the parameters, read and written, at an odd multiple of 4 bytes as the next two are.
    pub values: &'a mut [f32],
    /// In an update: their gradients.
    pub grads: &'a [f32],
    /// In an update: their moments, read and written.
    pub moments: &'a mut [Vec<f32>],
    /// In an update: the counters of the range.
    pub range: RangeState,
    /// In an update: whether it counts the step.
    pub counts_step: bool,
}

/// What launches leave besides outputs.
#[derive(Debug)]
pub struct Ran {
    /// What the machine counted, for each launch.
    pub counters: Vec<Counters>,
    /// What a kernel refused.
    pub refusal: Refusal,
    /// The run's counters.
    pub run: RunState,
    /// The counters of the range.
    pub range: RangeState,
}

/// Runs `launches` with operands `x`, and puts what they write into `y`.
///
/// # Panics
/// At a fault of a kernel, and where a place of an output was not written.
#[track_caller]
pub fn run(launches: &Launches, x: &[Operand], y: &mut [Output]) -> Vec<Counters> {
    execute(launches, Buffers { x, y, ..Buffers::default() }).counters
}

/// Runs `launches` on these buffers, and brings back all that it may have changed.
///
/// # Panics
/// As [`run`].
#[track_caller]
pub fn execute(launches: &Launches, buffers: Buffers) -> Ran {
    let device = Device::new(launches, &buffers);
    let counters = launches.list.iter().map(|launch| device.launch(launch)).collect();
    for (j, (output, &at)) in buffers.y.iter_mut().zip(&device.y).enumerate() {
        let bytes = match output {
            Output::F32(y) | Output::Gradient(y) => cast_slice_mut(y),
            Output::U32(y) => cast_slice_mut(y),
        };
        device.read(at, bytes, &format!("output {j}"));
    }
    device.read(device.values, cast_slice_mut(buffers.values), "values");
    for (moment, &at) in buffers.moments.iter_mut().zip(&device.moments) {
        device.read(at, cast_slice_mut(moment), "moments");
    }
    Ran {
        counters,
        refusal: device.state(device.refusal, "refusal"),
        run: device.state(device.run, "run state"),
        range: device.state(device.range, "range state"),
    }
}

/// Addresses of what launches may name.
struct Device {
    memory: Memory,
    x: Vec<u64>,
    labels: Vec<u64>,
    y: Vec<u64>,
    scratch: u64,
    run: u64,
    refusal: u64,
    values: u64,
    grads: u64,
    moments: Vec<u64>,
    range: u64,
    counts_step: bool,
}

impl Device {
    fn new(launches: &Launches, buffers: &Buffers) -> Self {
        let memory = Memory::new(CAPACITY);
        let put = |bytes: &[u8], label: &str| {
            let at = allocate(&memory, bytes.len(), 0, label);
            write(&memory, at, bytes);
            at
        };
        let parameter = |x: &[f32], label: &str| {
            let at = allocate(&memory, size_of_val(x), 4, label);
            write(&memory, at, cast_slice(x));
            at
        };
        let mut labels = Vec::new();
        let mut operand = |(i, x): (usize, &Operand)| {
            let name = format!("operand {i}");
            labels.push(match x {
                Operand::Data(_, labels) => put(labels, &format!("labels of operand {i}")),
                _ => 0,
            });
            match x {
                Operand::F32(x) => put(cast_slice(x), &name),
                Operand::U32(x) => put(cast_slice(x), &name),
                Operand::Parameter(x) => parameter(x, &name),
                Operand::Data(pixels, _) => put(pixels, &name),
            }
        };
        let x = buffers.x.iter().enumerate().map(&mut operand).collect();
        let output = |(j, y): (usize, &Output)| {
            let name = format!("output {j}");
            match y {
                Output::F32(y) => allocate(&memory, size_of_val(*y), 0, &name),
                Output::U32(y) => allocate(&memory, size_of_val(*y), 0, &name),
                Output::Gradient(y) => allocate(&memory, size_of_val(*y), 4, &name),
            }
        };
        let y = buffers.y.iter().enumerate().map(output).collect();
        Self {
            x,
            labels,
            y,
            scratch: allocate(&memory, launches.scratch, 0, "scratch"),
            run: put(bytes_of(&buffers.run), "run state"),
            refusal: put(bytes_of(&Refusal::default()), "refusal"),
            values: parameter(buffers.values, "values"),
            grads: parameter(buffers.grads, "gradients"),
            moments: buffers.moments.iter().map(|m| parameter(m, "moments")).collect(),
            range: put(bytes_of(&buffers.range), "range state"),
            counts_step: buffers.counts_step,
            memory,
        }
    }

    #[track_caller]
    fn launch(&self, launch: &ferrotape_kernels::cuda::Launch) -> Counters {
        let kernel = kernel(&launch.text, &launch.entry);
        let args = self.pack(&kernel, &launch.args);
        let on = Launch { grid: launch.grid, block: launch.block, shared: launch.shared, cooperative: false };
        ptx_machine::run(&kernel, &on, &args, &self.memory, &Options::default())
            .unwrap_or_else(|fault| panic!("{}: {fault}", launch.text.name()))
    }

    /// The parameter block of a launch.
    #[track_caller]
    fn pack(&self, kernel: &Kernel, args: &[Arg]) -> Vec<u8> {
        let params = kernel.params();
        assert_eq!(params.len(), args.len(), "{}: parameters and arguments", kernel.name());
        let mut block = vec![0; kernel.param_bytes() as usize];
        for (i, (param, arg)) in params.iter().zip(args).enumerate() {
            let bytes = self.bytes(arg);
            assert_eq!(
                param.bytes as usize,
                bytes.len(),
                "{}: bytes of parameter {i}, {arg:?}",
                kernel.name()
            );
            block[param.offset as usize..][..bytes.len()].copy_from_slice(&bytes);
        }
        block
    }

    fn bytes(&self, arg: &Arg) -> Vec<u8> {
        let bytes = |x: u64| x.to_le_bytes().to_vec();
        match *arg {
            Arg::X(i) => bytes(self.x[i]),
            Arg::Y(j) => bytes(self.y[j]),
            Arg::Labels(i) => bytes(self.labels[i]),
            Arg::Scratch(offset) => bytes(self.scratch + offset as u64),
            Arg::Run => bytes(self.run),
            Arg::Refusal => bytes(self.refusal),
            Arg::Values => bytes(self.values),
            Arg::Grads => bytes(self.grads),
            Arg::Moment(k) => bytes(self.moments[k]),
            Arg::Range => bytes(self.range),
            Arg::Step => bytes(if self.counts_step { self.run } else { self.range + 24 }),
            Arg::U32(x) => x.to_le_bytes().to_vec(),
            Arg::U64(x) => x.to_le_bytes().to_vec(),
            Arg::F32(x) => x.to_le_bytes().to_vec(),
            Arg::F64(x) => x.to_le_bytes().to_vec(),
        }
    }

    /// The bytes from `at` on, which must all have been written.
    #[track_caller]
    fn read(&self, at: u64, bytes: &mut [u8], label: &str) {
        if !bytes.is_empty() {
            self.memory.read(at, bytes).unwrap_or_else(|error| panic!("{label}: {error}"));
        }
    }

    #[track_caller]
    fn state<T: Pod>(&self, at: u64, label: &str) -> T {
        let mut state = T::zeroed();
        self.read(at, bytes_of_mut(&mut state), label);
        state
    }
}

/// An address `offset` bytes into an allocation that ends `bytes` behind it.
fn allocate(memory: &Memory, bytes: usize, offset: u64, label: &str) -> u64 {
    let at = memory.alloc(bytes.max(4) as u64 + offset, label).unwrap_or_else(|error| panic!("{error}"));
    at + offset
}

fn write(memory: &Memory, at: u64, bytes: &[u8]) {
    if !bytes.is_empty() {
        memory.write(at, bytes).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// A kernel of a module, parsed once.
#[track_caller]
pub fn kernel(text: &Text, entry: &str) -> Arc<Kernel> {
    static MODULES: LazyLock<Mutex<HashMap<Text, Arc<Module>>>> = LazyLock::new(Default::default);
    let module = MODULES.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get(text).cloned();
    let module = module.unwrap_or_else(|| {
        let parsed = Module::parse(text.name(), text.ptx()).unwrap_or_else(|error| panic!("{error}"));
        let parsed = Arc::new(parsed);
        let mut modules = MODULES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        modules.insert(text.clone(), Arc::clone(&parsed));
        parsed
    });
    module.kernel(entry).unwrap_or_else(|| panic!("{}: no kernel {entry}", text.name()))
}
