//! Work recorded once and repeated by one call, and time measured on the device.
use super::{
    CudaError, Gpu,
    pending::{Kept, Pending},
};
use cudarc::driver::{
    CudaGraph, DriverError,
    sys::{CUevent_flags, CUgraphInstantiate_flags, CUresult, CUstreamCaptureMode},
};
use std::{fmt, mem, sync::Arc, thread};

/// Work that [`Gpu::capture`] recorded. All of it is frozen, addresses and numbers: what changes from launch to launch
/// lies in device memory.
#[derive(Clone)]
pub struct Graph {
    gpu: Gpu,
    captured: Arc<Captured>,
}

/// The graph and what it uses.
pub(super) struct Captured {
    graph: CudaGraph,
    uses: Pending,
}

impl Captured {
    pub fn uses(&self) -> &Pending {
        &self.uses
    }
}

// SAFETY: a graph's calls must not overlap: launches hold the lock of the one `Gpu` that has it, and it is destroyed when
// nobody else has it.
unsafe impl Send for Captured {}
// SAFETY: as above.
unsafe impl Sync for Captured {}

impl Graph {
    /// Puts the whole of it on the stream.
    pub fn launch(&self) -> Result<(), CudaError> {
        let uses = Kept::Graph(Arc::clone(&self.captured));
        self.gpu.enqueue("launching a graph", Some(uses), |_| self.captured.graph.launch())
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Graph({})", self.captured.uses.kernels())
    }
}

/// Ends a capture whatever happens, so that the stream can be used again.
struct Capturing<'a> {
    gpu: &'a Gpu,
    /// What was pending before it.
    before: Option<Pending>,
}

impl Capturing<'_> {
    fn end(mut self) -> Result<(Option<CudaGraph>, Pending), CudaError> {
        let mut state = self.gpu.lock();
        let uses = mem::replace(&mut state.pending, self.before.take().expect("ended once"));
        let graph = self.gpu.stream().end_capture(CUgraphInstantiate_flags(0));
        self.gpu.end_of_capture(&mut state);
        match graph {
            Ok(graph) => Ok((graph, uses)),
            Err(error) => Err(self.gpu.explain("capturing", error, &state.pending)),
        }
    }
}

impl Drop for Capturing<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            let mut state = self.gpu.lock();
            state.pending = before;
            // The graph is not wanted, and neither is what is wrong with it: another error is under way.
            drop(self.gpu.stream().end_capture(CUgraphInstantiate_flags(0)));
            self.gpu.end_of_capture(&mut state);
        }
    }
}

impl Gpu {
    /// Records, without running it, what `f` launches, copies and fills. Other threads that want the device wait meanwhile.
    ///
    /// # Errors
    /// What `f` returns; and if it did what cannot be recorded: allocating, loading modules, waiting, copying from or
    /// to memory that is not [`Staging`](super::Staging).
    pub fn capture(&self, f: impl FnOnce(&Gpu) -> Result<(), CudaError>) -> Result<Graph, CudaError> {
        let capturing = {
            let mut state = self.lock();
            // What other threads do with other streams is none of its business.
            let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
            let begun = self.stream().begin_capture(mode);
            begun.map_err(|error| self.explain("capturing", error, &state.pending))?;
            state.capturing = Some(thread::current().id());
            Capturing { gpu: self, before: Some(mem::take(&mut state.pending)) }
        };
        f(self)?;
        let (graph, uses) = capturing.end()?;
        let none = DriverError(CUresult::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        let graph = self.check("capturing", graph.ok_or(none))?;
        self.check("uploading a graph", graph.upload())?;
        Ok(Graph { gpu: self.clone(), captured: Arc::new(Captured { graph, uses }) })
    }

    /// What `f` returns, and for how many milliseconds the device worked on what it put on the stream.
    pub fn time<T>(&self, f: impl FnOnce() -> Result<T, CudaError>) -> Result<(T, f32), CudaError> {
        let event = || self.context().new_event(Some(CUevent_flags::CU_EVENT_DEFAULT));
        let (begin, end) = (self.check("making an event", event())?, self.check("making an event", event())?);
        self.enqueue("recording an event", None, |_| begin.record(self.stream()))?;
        let value = f()?;
        self.enqueue("recording an event", None, |_| end.record(self.stream()))?;
        self.synchronise()?;
        let ms = self.check("measuring time", begin.elapsed_ms(&end))?;
        Ok((value, ms))
    }
}
