//! A device, and the one stream through which all work on it goes.
use super::{
    CudaError, Text, error, library,
    module::Loaded,
    pending::{Kept, Pending},
};
use cudarc::driver::{
    CudaContext, CudaStream, DriverError,
    sys::{self, CUdevice_attribute},
};
use std::{
    any::Any,
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// Compute capability of the oldest cards that run the kernels: `.target sm_75`.
const OLDEST_CARD: (u32, u32) = (7, 5);

/// The oldest driver: graphs are instantiated by a function that came with CUDA 11.4.
const OLDEST_DRIVER: u32 = 11_040;

/// A device. Clones are handles of the same one.
///
/// Everything is put on one stream of its own and runs in the order of the calls, after they have returned; what hands
/// values to the host waits for it. Any thread may call.
///
/// **Addresses are the caller's.** A kernel that is given a wrong one, or memory that is freed before it has run, reads
/// and writes wrong places *on the device*; the host's memory cannot be reached, but [`Staging`](super::Staging) can.
/// The PTX machine finds such accesses.
#[derive(Clone)]
pub struct Gpu(Arc<Inner>);

struct Inner {
    // The order is that of dropping: the context last.
    state: Mutex<State>,
    /// Told when a capture has ended.
    captured: Condvar,
    stream: Arc<CudaStream>,
    context: Arc<CudaContext>,
    name: String,
    capability: (u32, u32),
    multiprocessors: u32,
}

/// What changes; whoever puts work on the stream holds its lock.
#[derive(Default)]
pub(super) struct State {
    pub modules: HashMap<Text, Loaded>,
    pub pending: Pending,
    /// The thread that captures a graph: what others put on the stream meanwhile would end up in it, so they wait.
    pub capturing: Option<ThreadId>,
}

/// Device memory in bytes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct DeviceMemory {
    /// Not in use, by this process or another.
    pub free: usize,
    /// In all.
    pub total: usize,
}

impl Gpu {
    /// Opens card number `ordinal`, counted from 0 as `CUDA_VISIBLE_DEVICES` leaves them.
    ///
    /// # Errors
    /// If there is no driver, no such card, or either is too old; if this process runs on the PTX machine.
    pub fn open(ordinal: usize) -> Result<Self, CudaError> {
        library::use_system()?;
        Self::on_loaded_driver(ordinal)
    }

    /// Opens the PTX machine, which interprets kernels on the processor and checks every access: the same host code,
    /// kernels and results as on a card, without one.
    ///
    /// `libptx_machine.so` (package `ferrotape-ptx-machine`) is looked for in `FERROTAPE_PTX_MACHINE`, beside the
    /// executable and in `deps` near it.
    ///
    /// # Errors
    /// If it is not found, or this process has opened a card already.
    pub fn ptx_machine() -> Result<Self, CudaError> {
        library::use_ptx_machine()?;
        Self::on_loaded_driver(0)
    }

    fn on_loaded_driver(ordinal: usize) -> Result<Self, CudaError> {
        // A driver library that lacks functions makes cudarc panic.
        let opened = catch_unwind(AssertUnwindSafe(|| Self::create(ordinal)));
        opened.unwrap_or_else(|panic| Err(CudaError::BrokenDriver(message(panic.as_ref()))))
    }

    fn create(ordinal: usize) -> Result<Self, CudaError> {
        let driver = |call| move |error| CudaError::Driver { call, code: error::code(error) };
        let count = match CudaContext::device_count() {
            Err(DriverError(sys::CUresult::CUDA_ERROR_NO_DEVICE)) => 0,
            count => count.map_err(|error| CudaError::BrokenDriver(error::code(error)))? as usize,
        };
        if ordinal >= count {
            return Err(CudaError::NoDevice { ordinal, count });
        }
        let mut version = 0;
        // SAFETY: it writes one number.
        unsafe { sys::cuDriverGetVersion(&mut version) }
            .result()
            .map_err(driver("asking for its version"))?;
        if (version as u32) < OLDEST_DRIVER {
            return Err(CudaError::OldDriver(version as u32));
        }
        let context = CudaContext::new(ordinal).map_err(driver("opening the device"))?;
        // SAFETY: none of cudarc's slices is made, whose accesses the events would order; and with events around every
        // use no graph can be captured.
        unsafe { context.disable_event_tracking() };
        let name = context.name().map_err(driver("asking for its name"))?;
        let (major, minor) = context.compute_capability().map_err(driver("asking for its capability"))?;
        let capability = (major as u32, minor as u32);
        if capability < OLDEST_CARD {
            return Err(CudaError::OldCard { name, capability });
        }
        let multiprocessors = context
            .attribute(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)
            .map_err(driver("counting its multiprocessors"))? as u32;
        let stream = context.new_stream().map_err(driver("making a stream"))?;
        let (state, captured) = (Mutex::default(), Condvar::new());
        Ok(Self(Arc::new(Inner { state, captured, stream, context, name, capability, multiprocessors })))
    }

    /// What the driver calls the card; the PTX machine's name says what it is.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it is the PTX machine.
    pub fn is_ptx_machine(&self) -> bool {
        self.name().contains("PTX machine")
    }

    /// Number of the card.
    pub fn ordinal(&self) -> usize {
        self.0.context.ordinal()
    }

    /// Compute capability: (9, 0) is Hopper.
    pub fn compute_capability(&self) -> (u32, u32) {
        self.0.capability
    }

    /// How many multiprocessors it has.
    pub fn multiprocessors(&self) -> u32 {
        self.0.multiprocessors
    }

    /// Its memory.
    pub fn memory(&self) -> Result<DeviceMemory, CudaError> {
        let (free, total) = self.check("asking for free memory", self.0.context.mem_get_info())?;
        Ok(DeviceMemory { free, total })
    }

    /// Waits until all work given so far is done, and says what went wrong in it.
    pub fn synchronise(&self) -> Result<(), CudaError> {
        self.synchronise_locked(&mut self.lock())
    }

    /// What the PTX machine has counted in this process: instructions, sectors, conflicts, a kernel a line. None for a
    /// card.
    pub fn counters(&self) -> Option<String> {
        library::ptx_machine_says(c"ptx_machine_counters")
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let others = |state: &mut State| state.capturing.is_some_and(|by| by != thread::current().id());
        self.0.captured.wait_while(state, others).unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the others go on after a capture.
    pub(super) fn end_of_capture(&self, state: &mut State) {
        state.capturing = None;
        self.0.captured.notify_all();
    }

    pub(super) fn synchronise_locked(&self, state: &mut State) -> Result<(), CudaError> {
        if let Err(error) = self.0.stream.synchronize() {
            return Err(self.explain("synchronising", error, &state.pending));
        }
        state.pending.clear();
        Ok(())
    }

    pub(super) fn context(&self) -> &Arc<CudaContext> {
        &self.0.context
    }

    pub(super) fn stream(&self) -> &Arc<CudaStream> {
        &self.0.stream
    }

    /// The result of a call of the driver, its error explained.
    ///
    /// The lock must not be held.
    pub(super) fn check<T>(
        &self,
        call: &'static str,
        result: Result<T, DriverError>,
    ) -> Result<T, CudaError> {
        result.map_err(|error| self.explain(call, error, &self.lock().pending))
    }

    /// As [`Gpu::check`], with the lock held.
    pub(super) fn explain(&self, call: &'static str, error: DriverError, pending: &Pending) -> CudaError {
        let code = error::code(error);
        if error::is_capture_fault(error.0) {
            return CudaError::Capture { call, code };
        }
        if !error::is_kernel_fault(error.0) {
            return CudaError::Driver { call, code };
        }
        CudaError::Kernel { code, kernels: pending.kernels() }
    }

    /// Puts work on the stream: `work` calls the driver, `uses` is what must live until it is done.
    pub(super) fn enqueue(
        &self,
        call: &'static str,
        uses: Option<Kept>,
        work: impl FnOnce(sys::CUstream) -> Result<(), DriverError>,
    ) -> Result<(), CudaError> {
        let mut state = self.lock();
        if let Some(uses) = uses {
            state.pending.keep(uses);
        }
        let done = self.0.context.bind_to_thread().and_then(|()| work(self.0.stream.cu_stream()));
        done.map_err(|error| self.explain(call, error, &state.pending))
    }

    /// As [`Gpu::enqueue`], and waits until it is done.
    pub(super) fn wait_for(
        &self,
        call: &'static str,
        work: impl FnOnce(sys::CUstream) -> Result<(), DriverError>,
    ) -> Result<(), CudaError> {
        let mut state = self.lock();
        let done = self.0.context.bind_to_thread().and_then(|()| work(self.0.stream.cu_stream()));
        done.map_err(|error| self.explain(call, error, &state.pending))?;
        self.synchronise_locked(&mut state)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // What the last work uses is freed next.
        self.context.record_err(self.stream.synchronize());
    }
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.compute_capability();
        write!(f, "Gpu({}: {}, sm_{major}{minor})", self.ordinal(), self.name())
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
    text.lines().next().unwrap_or_default().to_owned()
}
