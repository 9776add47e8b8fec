//! The context and what is in it.
use super::{
    code::{CONTEXT_IS_DESTROYED, Code, INVALID_CONTEXT, INVALID_VALUE, NOT_INITIALIZED},
    event::Event,
    host::Pinned,
    module::{Function, Loaded},
    node::Node,
    report::{Answer, Refused, refuse},
    stream::Stream,
    table::{Handle, Table},
};
use crate::{Counters, Memory};
use std::{
    cell::Cell,
    collections::BTreeMap,
    env,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Bytes of device memory, unless `PTX_MACHINE_MEMORY` says otherwise. Only what is used is taken from the host.
const MEMORY: u64 = 8 << 30;

/// Handle of the one context there is.
pub(super) const CONTEXT: Handle = 0xc0 << 32;

static STATE: Mutex<State> = Mutex::new(State { initialised: false, retained: 0, context: None });

thread_local! {
    /// Context that this thread works in; 0 is none.
    static CURRENT: Cell<Handle> = const { Cell::new(0) };
}

/// All there is.
pub(super) struct State {
    pub initialised: bool,
    /// How often the primary context was retained and not released.
    pub retained: u32,
    pub context: Option<Context>,
}

/// A context, from the first retaining of it to the last release.
pub(super) struct Context {
    pub memory: Arc<Memory>,
    /// Allocations made, for their names.
    pub allocations: u64,
    pub modules: Table<Loaded>,
    pub functions: Table<Arc<Function>>,
    pub streams: Table<Stream>,
    /// Streams 0, 1 and 2, which are always there.
    pub default_stream: Stream,
    pub events: Table<Event>,
    pub graphs: Table<Arc<[Node]>>,
    /// Instantiated graphs.
    pub executables: Table<Arc<[Node]>>,
    /// Pinned memory of the host, by address.
    pub pinned: BTreeMap<usize, Pinned>,
    /// The fault of a kernel, with which every call fails from then on.
    pub fault: Option<(Code, String)>,
    /// Launches and their counters, by kernel.
    pub work: BTreeMap<String, (u64, Counters)>,
}

/// The state, locked.
pub(super) fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `f` with the context of this thread, if it works.
pub(super) fn with<T>(f: impl FnOnce(&mut Context) -> Answer<T>) -> Answer<T> {
    let mut state = state();
    initialised(&state)?;
    if current() == 0 {
        return refuse(INVALID_CONTEXT, "no context is current in this thread");
    }
    let Some(context) = &mut state.context else {
        return refuse(CONTEXT_IS_DESTROYED, "the context was released");
    };
    if let Some((code, why)) = &context.fault {
        return refuse(*code, why.clone());
    }
    f(context)
}

pub(super) fn initialised(state: &State) -> Answer {
    if state.initialised { Ok(()) } else { refuse(NOT_INITIALIZED, "cuInit was not called") }
}

pub(super) fn current() -> Handle {
    CURRENT.get()
}

pub(super) fn set_current(context: Handle) {
    CURRENT.set(context);
}

/// Bytes of device memory.
pub(super) fn capacity() -> Answer<u64> {
    let Some(text) = env::var_os("PTX_MACHINE_MEMORY") else { return Ok(MEMORY) };
    let bytes = text.to_str().and_then(|text| text.parse().ok());
    bytes.ok_or_else(|| Refused {
        code: INVALID_VALUE,
        why: format!("PTX_MACHINE_MEMORY={}: expected a number of bytes", text.display()),
    })
}

impl Context {
    pub fn new(memory: u64) -> Self {
        Self {
            memory: Arc::new(Memory::new(memory)),
            allocations: 0,
            modules: Table::new("module", 1),
            functions: Table::new("function", 2),
            streams: Table::new("stream", 3),
            default_stream: Stream::default(),
            events: Table::new("event", 4),
            graphs: Table::new("graph", 5),
            executables: Table::new("executable graph", 6),
            pinned: BTreeMap::new(),
            fault: None,
            work: BTreeMap::new(),
        }
    }

    /// The stream of a handle; 0, 1 and 2 are the default ones.
    pub fn stream(&mut self, handle: Handle) -> Answer<&mut Stream> {
        if handle <= 2 { Ok(&mut self.default_stream) } else { self.streams.get_mut(handle) }
    }

    /// What was allocated and not freed, a line; none if all was, or could not be: after a fault.
    pub fn leaks(&self) -> Option<String> {
        let live = self.memory.live();
        let pinned: usize = self.pinned.values().map(Pinned::bytes).sum();
        if self.fault.is_some() || live.is_empty() && self.pinned.is_empty() {
            return None;
        }
        let bytes: u64 = live.iter().map(|(_, bytes)| bytes).sum();
        let names: Vec<_> =
            live.iter().take(8).map(|(name, bytes)| format!("{name} ({bytes} bytes)")).collect();
        let more = if live.len() > names.len() { ", ..." } else { "" };
        let (device, host) = (live.len(), self.pinned.len());
        Some(format!(
            "not freed: {device} allocations of {bytes} bytes on the device, {host} of {pinned} on the host: {}{more}",
            names.join(", ")
        ))
    }
}
