//! Machines: what runs a program, and in which arithmetic.
use crate::{
    Action, Arithmetic, Code, DType, DynOp, DynUpdate, Error, Instruction, Io, Params, REFERENCE, Slot,
    SlotId, Source, Type,
    chain::Runner,
    code::Stage,
    layout,
    memory::{Kernels, Memory},
    update::Range,
};
use ferrotape_kernels::Cpu;
use std::{
    any::Any,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// Values for an input, in the order of its layout: spoken order, unless it was declared otherwise
/// ([`Tape::feed_in`](crate::Tape::feed_in)).
#[derive(Copy, Clone, Debug)]
pub enum Feed<'a> {
    /// Real numbers.
    Real(&'a [f32]),
    /// Labels or indices.
    U32(&'a [u32]),
}

impl<'a> From<&'a [f32]> for Feed<'a> {
    fn from(x: &'a [f32]) -> Self {
        Self::Real(x)
    }
}

impl<'a> From<&'a [u32]> for Feed<'a> {
    fn from(x: &'a [u32]) -> Self {
        Self::U32(x)
    }
}

impl Feed<'_> {
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Feed::Real(_) => DType::Real,
            Feed::U32(_) => DType::U32,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Feed::Real(x) => x.len(),
            Feed::U32(x) => x.len(),
        }
    }
}

/// An executor with its memory. Eager execution and replay both go through [`Machine::execute`].
pub trait Machine: Any + Send + fmt::Debug {
    /// What it is, for listings: `cpu (avx512, 2 threads)`.
    fn name(&self) -> String;

    /// Makes room for a slot.
    ///
    /// # Errors
    /// Where the device has none left.
    fn reserve(&mut self, slot: &Slot) -> Result<(), Error>;

    /// Makes ready to run a program: room for all of its slots, by default.
    ///
    /// # Errors
    /// Where the device has not enough.
    fn prepare(&mut self, code: &Code) -> Result<(), Error> {
        code.given().chain(code.written()).try_for_each(|&id| self.reserve(code.slot(id)))
    }

    /// Gives the machine a data set, under the next number.
    ///
    /// # Errors
    /// Where the device has no room for it.
    fn add_source(&mut self, source: Arc<dyn Source>) -> Result<(), Error>;

    /// Writes the values of an input that were given when recording.
    ///
    /// # Errors
    /// Where the transfer fails.
    fn write(&mut self, slot: &Slot, feed: Feed<'_>) -> Result<(), Error>;

    /// Runs one instruction; `feeds` are the values that came with this run, each in the order of its layout.
    ///
    /// # Errors
    /// Where the device fails, or has no kernel for it.
    fn execute(
        &mut self,
        i: &Instruction,
        slots: &[Slot],
        feeds: &[Feed<'_>],
        params: &Params,
    ) -> Result<(), Error>;

    /// Runs the chain of this number, of the program it was prepared for: by default one instruction after the other.
    ///
    /// # Errors
    /// As [`Self::execute`].
    fn execute_chain(
        &mut self,
        chain: usize,
        code: &Code,
        feeds: &[Feed<'_>],
        params: &Params,
    ) -> Result<(), Error> {
        one_by_one(self, chain, code, feeds, params)
    }

    /// Runs a program it was prepared for: by default instruction after instruction, chain after chain. Adds the time
    /// of each to `times`, that of a chain to its first instruction.
    ///
    /// # Errors
    /// As [`Self::execute`].
    fn run(
        &mut self,
        code: &Code,
        feeds: &[Feed<'_>],
        params: &Params,
        mut times: Option<&mut [Duration]>,
    ) -> Result<(), Error> {
        let mut last = times.is_some().then(Instant::now);
        for stage in code.stages() {
            let k = match stage {
                Stage::One(k) => {
                    self.execute(&code.instructions[k], &code.slots, feeds, params)?;
                    k
                }
                Stage::Chain(k) => {
                    self.execute_chain(k, code, feeds, params)?;
                    code.chains[k].range.start
                }
            };
            if let (Some(times), Some(last)) = (&mut times, &mut last) {
                times[k] += last.elapsed();
                *last = Instant::now();
            }
        }
        Ok(())
    }

    /// Runs a program without chains that it was prepared for, and calls `watch` after each instruction with its number and
    /// this machine, whose memory holds what the instruction has made.
    ///
    /// # Errors
    /// As [`Self::execute`].
    fn run_watched(
        &mut self,
        code: &Code,
        feeds: &[Feed<'_>],
        params: &Params,
        watch: &mut dyn FnMut(usize, &dyn Machine),
    ) -> Result<(), Error>;

    /// Reads a real slot in spoken order.
    ///
    /// # Errors
    /// Where the transfer fails.
    fn read(&self, slot: &Slot, params: &Params, into: &mut [f32]) -> Result<(), Error>;

    /// Reads an integer slot in spoken order.
    ///
    /// # Errors
    /// Where the transfer fails.
    fn read_u32(&self, slot: &Slot, into: &mut [u32]) -> Result<(), Error>;

    /// Which kernel runs `action` on operands of these types, for listings.
    fn variant(&self, action: &Action, x: &[Type]) -> &'static str;
}

/// The instructions of a chain, one after the other: what machines without chains do.
fn one_by_one(
    machine: &mut (impl Machine + ?Sized),
    chain: usize,
    code: &Code,
    feeds: &[Feed<'_>],
    params: &Params,
) -> Result<(), Error> {
    let instructions = &code.instructions[code.chains[chain].range.clone()];
    instructions.iter().try_for_each(|i| machine.execute(i, &code.slots, feeds, params))
}

/// Which machine to make.
#[derive(Clone, Debug, Default)]
pub enum Device {
    /// SIMD kernels on the threads that the process shares: as many as there are cores, or `FERROTAPE_THREADS`.
    #[default]
    Cpu,
    /// SIMD kernels with the threads and the instruction set of this context.
    CpuWith(Cpu),
    /// The definitions, in f32, on one thread.
    Reference,
    /// The GPU of this number, by hand-written PTX.
    #[cfg(feature = "cuda")]
    Cuda(usize),
    /// The same host code and the same PTX, interpreted instruction by instruction on the CPU, with every access checked.
    #[cfg(feature = "cuda")]
    PtxMachine,
}

impl Device {
    /// SIMD kernels on `threads` threads of their own, the caller included; clones of the device share them.
    ///
    /// # Errors
    /// For 0 threads.
    pub fn threads(threads: usize) -> Result<Self, Error> {
        Ok(Device::CpuWith(Cpu::new(threads)?))
    }

    /// Whether it does its work while the caller goes on, so that it pays to submit many steps at once.
    pub fn runs_ahead(&self) -> bool {
        match self {
            Device::Cpu | Device::CpuWith(_) | Device::Reference => false,
            #[cfg(feature = "cuda")]
            Device::Cuda(_) | Device::PtxMachine => true,
        }
    }

    /// A machine of this kind with empty memory.
    ///
    /// # Errors
    /// Where the device cannot be had; the text says why.
    pub fn machine(&self) -> Result<Box<dyn Machine>, Error> {
        let cpu =
            |cpu| Box::new(Host { memory: Memory::default(), kernels: CpuKernels(cpu), chains: Vec::new() });
        Ok(match self {
            Device::Cpu => cpu(Cpu::shared_pool()?),
            Device::CpuWith(context) => cpu(context.clone()),
            Device::Reference => {
                Box::new(Host { memory: Memory::default(), kernels: Definitions, chains: Vec::new() })
            }
            #[cfg(feature = "cuda")]
            Device::Cuda(_) | Device::PtxMachine => {
                Box::new(crate::cuda::Cuda::new(crate::cuda::shared(self)?))
            }
        })
    }
}

/// A machine in this process.
#[derive(Debug)]
struct Host<K> {
    memory: Memory<f32>,
    kernels: K,
    chains: Vec<Runner>,
}

/// The fast kernels, in f32.
#[derive(Debug)]
struct CpuKernels(Cpu);

/// The definitions, in any scalar.
#[derive(Debug)]
pub(crate) struct Definitions;

trait Named {
    fn name(&self) -> String;
    /// The context of the fast kernels, which run chains.
    fn cpu(&self) -> Option<&Cpu>;
    fn variant(&self, action: &Action, x: &[Type]) -> &'static str;
}

impl Kernels<f32> for CpuKernels {
    fn compute(&self, op: &dyn DynOp, io: &mut Io<'_, f32>) {
        op.cpu(io, &self.0)
    }
    fn update(&self, rule: &dyn DynUpdate, range: Range<'_, f32>) {
        rule.cpu(range, &self.0)
    }
}

impl Named for CpuKernels {
    fn cpu(&self) -> Option<&Cpu> {
        Some(&self.0)
    }
    fn name(&self) -> String {
        let threads = self.0.threads();
        format!("cpu ({}, {threads} thread{})", self.0.isa(), if threads == 1 { "" } else { "s" })
    }
    fn variant(&self, action: &Action, x: &[Type]) -> &'static str {
        match action {
            Action::Compute(op) => op.variant(x, self.0.isa()),
            Action::Update(rule, _) => rule.variant(self.0.isa()),
        }
    }
}

impl<S: Arithmetic> Kernels<S> for Definitions {
    fn compute(&self, op: &dyn DynOp, io: &mut Io<'_, S>) {
        S::reference(op, io)
    }
    fn update(&self, rule: &dyn DynUpdate, range: Range<'_, S>) {
        S::update(rule, range)
    }
}

impl Named for Definitions {
    fn cpu(&self) -> Option<&Cpu> {
        None
    }
    fn name(&self) -> String {
        "reference".into()
    }
    fn variant(&self, _: &Action, _: &[Type]) -> &'static str {
        REFERENCE
    }
}

impl<K: Kernels<f32> + Named + Send + fmt::Debug + 'static> Machine for Host<K> {
    fn name(&self) -> String {
        self.kernels.name()
    }

    fn reserve(&mut self, slot: &Slot) -> Result<(), Error> {
        self.memory.reserve(slot);
        Ok(())
    }

    fn prepare(&mut self, code: &Code) -> Result<(), Error> {
        let cpu = self.kernels.cpu();
        let local = |id: SlotId| cpu.is_some() && code.is_local(id);
        for &id in code.given().chain(code.written()).filter(|id| !local(**id)) {
            self.memory.reserve(code.slot(id));
        }
        if let Some(cpu) = cpu {
            self.chains = code.chains.iter().map(|chain| Runner::new(code, chain, cpu)).collect();
        }
        Ok(())
    }

    fn execute_chain(
        &mut self,
        chain: usize,
        code: &Code,
        feeds: &[Feed<'_>],
        params: &Params,
    ) -> Result<(), Error> {
        match self.kernels.cpu() {
            Some(cpu) => {
                self.chains[chain].run(code, feeds, &mut self.memory, &mut params.at_home(), cpu);
            }
            None => one_by_one(self, chain, code, feeds, params)?,
        }
        Ok(())
    }

    fn add_source(&mut self, source: Arc<dyn Source>) -> Result<(), Error> {
        self.memory.sources.push(source);
        Ok(())
    }

    fn write(&mut self, slot: &Slot, feed: Feed<'_>) -> Result<(), Error> {
        match feed {
            Feed::Real(x) => self.memory.write_reals(slot, x.iter().copied()),
            Feed::U32(x) => self.memory.write_words(slot, x),
        }
        Ok(())
    }

    fn execute(
        &mut self,
        i: &Instruction,
        slots: &[Slot],
        feeds: &[Feed<'_>],
        params: &Params,
    ) -> Result<(), Error> {
        self.memory.execute(i, slots, feeds, &mut *params.at_home(), &self.kernels);
        Ok(())
    }

    fn run_watched(
        &mut self,
        code: &Code,
        feeds: &[Feed<'_>],
        params: &Params,
        watch: &mut dyn FnMut(usize, &dyn Machine),
    ) -> Result<(), Error> {
        for (k, i) in code.instructions.iter().enumerate() {
            self.execute(i, &code.slots, feeds, params)?;
            watch(k, self);
        }
        Ok(())
    }

    fn read(&self, slot: &Slot, params: &Params, into: &mut [f32]) -> Result<(), Error> {
        let Type { shape, layout, .. } = slot.ty;
        layout::read(self.memory.reals(slot, &params.data()), &shape, layout, into);
        Ok(())
    }

    fn read_u32(&self, slot: &Slot, into: &mut [u32]) -> Result<(), Error> {
        let Type { shape, layout, .. } = slot.ty;
        layout::read(self.memory.words(slot), &shape, layout, into);
        Ok(())
    }

    fn variant(&self, action: &Action, x: &[Type]) -> &'static str {
        self.kernels.variant(action, x)
    }
}
