//! Launches as data: what an operation is on a GPU. A machine puts addresses in once, and then repeats them or captures
//! them as a graph.
use bytemuck::{Pod, Zeroable};
use std::{borrow::Cow, sync::Arc};

/// Text of a PTX module.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Text {
    /// A file of ours: its path below `kernels/src`, for messages, and what is in it.
    File(&'static str, &'static str),
    /// Made by the builder for these constants: a name, for messages and dumps, and the text.
    Made(Arc<str>, Arc<str>),
}

impl Text {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Text::File(name, _) => name,
            Text::Made(name, _) => name,
        }
    }

    /// The PTX.
    pub fn ptx(&self) -> &str {
        match self {
            Text::File(_, ptx) => ptx,
            Text::Made(_, ptx) => ptx,
        }
    }
}

/// The text of a family's file: `ptx!("activation/ptx/activation.ptx")`, a path below `kernels/src`.
macro_rules! ptx {
    ($path:literal) => {
        $crate::cuda::Text::File($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/", $path)))
    };
}
pub(crate) use ptx;

/// An argument of a kernel. All but the numbers are addresses in global memory, 8 bytes.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Arg {
    /// Operand i; a data set's are its pixels, record after record.
    X(usize),
    /// Output j.
    Y(usize),
    /// The labels (u8, one a record) of operand i, a data set.
    Labels(usize),
    /// Memory of this list of launches alone, from this byte on (a multiple of 256).
    Scratch(usize),
    /// The run's counters, [`RunState`].
    Run,
    /// Four u32, zero until a kernel finds a value it must refuse: [`Refusal`].
    Refusal,
    /// In an update: the values of the range it works on.
    Values,
    /// In an update: their gradients.
    Grads,
    /// In an update: their k-th moments.
    Moment(usize),
    /// In an update: the counters of the range, [`RangeState`].
    Range,
    /// In an update: the word [`RunState::step`], for the launch that counts the step; [`RangeState::idle`] for those on its other
    /// ranges.
    Step,
    /// A number.
    U32(u32),
    /// A number.
    U64(u64),
    /// A number.
    F32(f32),
    /// A number.
    F64(f64),
}

/// What changes from step to step and is no parameter, in device memory.
#[derive(Copy, Clone, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct RunState {
    /// Updates made.
    pub step: u64,
    /// Seed of dropout.
    pub seed: u64,
    /// Learning rate of the next update.
    pub lr: f64,
}

/// What an update knows of a range of parameters that are updated alike, in device memory.
#[derive(Copy, Clone, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct RangeState {
    /// Updates of this range by this rule.
    pub updates: u64,
    /// Factor on the learning rate.
    pub lr_scale: f64,
    /// How many blocks of the update in work have read the above: 0 before and after.
    pub readers: u32,
    /// Nothing.
    pub padding: u32,
    /// What a launch counts that is not the one to count the run's steps.
    pub idle: u64,
}

/// What a kernel refuses, written to [`Arg::Refusal`]: these four words, by whichever thread comes first
/// (`atom.cas` on `what`, from 0; the others are then stored).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Refusal {
    /// 0: nothing. 1: an index beyond the data set. 2: a label that is no class.
    pub what: u32,
    /// Row of the batch.
    pub row: u32,
    /// The value found.
    pub found: u32,
    /// It had to be below this.
    pub below: u32,
}

/// One launch of a kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    /// The module.
    pub text: Text,
    /// The kernel in it.
    pub entry: Cow<'static, str>,
    /// Blocks (x, y, z).
    pub grid: [u32; 3],
    /// Threads of a block (x, y, z).
    pub block: [u32; 3],
    /// Bytes of dynamic shared memory of a block.
    pub shared: u32,
    /// Arguments, in the order of the kernel's parameters.
    pub args: Vec<Arg>,
}

impl Launch {
    /// A launch of `blocks` blocks of `threads` threads.
    pub fn new(
        text: Text,
        entry: impl Into<Cow<'static, str>>,
        blocks: u32,
        threads: u32,
        args: Vec<Arg>,
    ) -> Self {
        let (grid, block) = ([blocks.max(1), 1, 1], [threads, 1, 1]);
        Self { text, entry: entry.into(), grid, block, shared: 0, args }
    }

    /// A launch with a thread for each of `n` things, in blocks of `threads`.
    pub fn each(
        text: Text,
        entry: impl Into<Cow<'static, str>>,
        n: usize,
        threads: u32,
        args: Vec<Arg>,
    ) -> Self {
        Self::new(text, entry, size(n).div_ceil(threads), threads, args)
    }
}

/// The launches of an operation, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Launches {
    /// One after the other.
    pub list: Vec<Launch>,
    /// Bytes of scratch memory they pass things in.
    pub scratch: usize,
}

impl From<Launch> for Launches {
    fn from(launch: Launch) -> Self {
        Self { list: vec![launch], scratch: 0 }
    }
}

impl Launches {
    /// The same with other arguments.
    pub(crate) fn with(mut self, replace: impl Fn(Arg) -> Arg) -> Self {
        let args = self.list.iter_mut().flat_map(|launch| &mut launch.args);
        args.for_each(|arg| *arg = replace(*arg));
        self
    }
}

/// A size as kernels take it.
///
/// # Panics
/// If it is 2^32 or more: kernels count in 32 bits.
#[track_caller]
pub fn size(n: usize) -> u32 {
    u32::try_from(n).unwrap_or_else(|_| panic!("cuda: {n} elements; kernels count in 32 bits"))
}
