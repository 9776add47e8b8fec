//! Programs: values and the instructions that make them.
use ferrotape_autograd::Phase;
use serde::{Deserialize, Serialize};

/// Where a value comes from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It comes with each run.
    Fed,
    /// It was given when recording.
    Given,
    /// A parameter of the store.
    Parameter,
    /// A data set.
    DataSet,
    /// An instruction makes it.
    Made,
}

/// A value of a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// `%7`, or the name of the parameter.
    pub name: String,
    /// Sizes in spoken order.
    pub shape: Vec<usize>,
    /// Shape, element and layout, as listings print them: `(50, 16, 30, 30) nhwc`.
    pub ty: String,
    /// Bytes, reals as f32.
    pub bytes: u64,
    /// Where it comes from.
    pub origin: Origin,
}

/// A list of instructions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The instructions, in order.
    pub instructions: Vec<Instruction>,
    /// What is run at once, in order: chains, and every other instruction by itself.
    pub stages: Vec<Stage>,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instruction {
    /// Name of the operation or update.
    pub op: String,
    /// The operation's type, by which its source is found; of an update, its name.
    pub type_name: String,
    /// Part of the step.
    #[serde(with = "PhaseName")]
    pub phase: Phase,
    /// Operands, by number.
    pub x: Vec<usize>,
    /// Outputs, by number.
    pub y: Vec<usize>,
    /// In an update: the parameters it changes.
    pub updates: Vec<String>,
    /// Floating-point operations; a multiply-add is two.
    pub flops: u64,
    /// Bytes that must move at least once.
    pub bytes: u64,
    /// Which kernel runs it on the machine.
    pub kernel: String,
    /// What it is on a GPU; nothing where there is no kernel for one.
    pub launches: Vec<Launch>,
    /// Of a gradient: the values of the forward pass that it reads, which have to be kept for it.
    pub saved: Vec<usize>,
    /// File of the user's line it comes from; for a gradient, that of the forward operation.
    pub file: String,
    /// Number of the line.
    pub line: u32,
    /// What stands there, if the file was found.
    pub text: Option<String>,
    /// The part of the network it comes from.
    pub module: Option<String>,
    /// For a gradient, the number of the recorded instruction whose rule appended it.
    pub gradient_of: Option<usize>,
    /// Numbers of the recorded instructions that it does the work of.
    pub recorded: Vec<usize>,
    /// Nanoseconds of a run by itself, half of them faster; none where it was not timed.
    pub ns: Option<f64>,
}

/// [`Phase`] as a word.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Phase", rename_all = "snake_case")]
enum PhaseName {
    Forward,
    Backward,
    Update,
}

/// What is run at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Number of the first instruction.
    pub first: usize,
    /// Number of the last.
    pub last: usize,
    /// Images that a chain goes through chunk by chunk; none of a single instruction.
    pub images: Option<usize>,
    /// Nanoseconds, half of the runs faster; none where it was not timed.
    pub ns: Option<f64>,
}

/// A launch of a GPU kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launch {
    /// Name of the kernel.
    pub entry: String,
    /// Its module, by number.
    pub kernel: usize,
    /// Blocks.
    pub grid: [u32; 3],
    /// Threads of a block.
    pub block: [u32; 3],
}

/// A PTX module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel {
    /// File below `kernels/src`, or what it was made for.
    pub name: String,
    /// The PTX.
    pub text: String,
}

/// What the planner made of a recorded instruction.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// This planned instruction does its work, perhaps with that of others.
    Done(usize),
    /// Its value never changes: it is written once, when the program is made ready.
    Constant,
    /// Its value is fed as it is.
    Fed,
    /// Nobody reads what it makes.
    Dropped,
}
