//! Work: what a stream runs, and a graph is made of.
use super::{
    capture,
    code::{Code, ILLEGAL_ADDRESS, INVALID_VALUE, LAUNCH_FAILED, LAUNCH_TIMEOUT, MISALIGNED_ADDRESS},
    memory::refused,
    report::{Answer, Refused, refuse},
    state::{Context, state, with},
    table::Handle,
};
use crate::{Counters, Fault, FaultKind, Kernel, Launch, Memory, Options, run};
use std::{
    ptr, slice,
    sync::{Arc, PoisonError},
};

/// A piece of work, with everything it needs.
#[derive(Clone)]
pub(super) enum Node {
    Kernel { kernel: Arc<Kernel>, launch: Launch, params: Box<[u8]> },
    Upload { to: u64, from: usize, bytes: usize },
    Download { to: usize, from: u64, bytes: usize },
    Copy { to: u64, from: u64, bytes: usize },
    Fill { to: u64, pattern: Box<[u8]>, count: usize },
}

/// Why work did not end well.
enum Failure {
    /// The call that asked for it fails, and nothing else.
    Call(Refused),
    /// A kernel did what it must not: all is lost.
    Kernel(Box<Fault>),
}

/// Puts `node` on `stream`: runs it, or records it.
pub(super) fn submit(call: &'static str, stream: Handle, node: Node) -> Answer {
    submit_all(call, stream, &[node])
}

/// Puts `nodes` on `stream`: runs them, or records them.
pub(super) fn submit_all(call: &'static str, stream: Handle, nodes: &[Node]) -> Answer {
    let now = with(|context| {
        capture::default_stream(context, stream, call)?;
        let pageable = nodes.iter().any(|node| !node.may_be_captured(context));
        let stream = context.stream(stream)?;
        let Some(capture) = &mut stream.capture else {
            return Ok(Some((Arc::clone(&stream.order), Arc::clone(&context.memory))));
        };
        if pageable {
            capture.spoil(&format!("{call} from or to memory of the host that is not pinned"))?;
        }
        nodes.iter().try_for_each(|node| capture.record(node.clone()))?;
        Ok(None)
    })?;
    let Some((order, memory)) = now else { return Ok(()) };
    // Other streams go on meanwhile: the state is not locked.
    let _turn = order.lock().unwrap_or_else(PoisonError::into_inner);
    for node in nodes {
        match node.run(call, &memory) {
            Ok(None) => {}
            Ok(Some((kernel, counters))) => count(kernel, &counters),
            Err(Failure::Call(refused)) => return Err(refused),
            Err(Failure::Kernel(fault)) => {
                break_context(&fault);
                // As on a card, where it happens later: the call that put the work on the stream succeeds.
                return Ok(());
            }
        }
    }
    Ok(())
}

impl Node {
    /// Whether what it reaches of the host is pinned.
    pub fn may_be_captured(&self, context: &Context) -> bool {
        match *self {
            Node::Upload { from, bytes, .. } => context.is_pinned(from, bytes),
            Node::Download { to, bytes, .. } => context.is_pinned(to, bytes),
            Node::Kernel { .. } | Node::Copy { .. } | Node::Fill { .. } => true,
        }
    }

    fn run(&self, call: &'static str, memory: &Memory) -> Result<Option<(&Kernel, Counters)>, Failure> {
        let done = match self {
            Node::Kernel { kernel, launch, params } => {
                return match run(kernel, launch, params, memory, &Options::default()) {
                    Ok(counters) => Ok(Some((kernel, counters))),
                    Err(Fault { kind: FaultKind::Launch(why), .. }) => {
                        let why = format!("{call}: {}: {why}", kernel.name());
                        Err(Failure::Call(Refused { code: INVALID_VALUE, why }))
                    }
                    Err(fault) => Err(Failure::Kernel(Box::new(fault))),
                };
            }
            &Node::Upload { to, from, bytes } => {
                host(call, from)?;
                // SAFETY: the caller vouches for the memory of the host, until the copy is done; a graph's is pinned.
                let from = unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(from), bytes) };
                memory.write(to, from)
            }
            &Node::Download { to, from, bytes } => {
                host(call, to)?;
                // SAFETY: as above, and nobody else uses it meanwhile.
                let to = unsafe { slice::from_raw_parts_mut(ptr::with_exposed_provenance_mut(to), bytes) };
                memory.read(from, to)
            }
            &Node::Copy { to, from, bytes } => memory.copy(to, from, bytes as u64),
            Node::Fill { to, pattern, count } => memory.fill(*to, pattern, *count as u64),
        };
        done.map(|()| None).map_err(|error| Failure::Call(refused(call, &error)))
    }
}

fn host(call: &str, address: usize) -> Result<(), Failure> {
    if address == 0 {
        return refuse(INVALID_VALUE, format!("{call}: the pointer of the host is null"))
            .map_err(Failure::Call);
    }
    Ok(())
}

/// Adds a launch to what its kernel has done.
fn count(kernel: &Kernel, counters: &Counters) {
    if let Some(context) = &mut state().context {
        let name = format!("{}: {}", kernel.file(), kernel.name());
        let (launches, sum) = context.work.entry(name).or_default();
        *launches += 1;
        *sum += counters;
    }
}

/// After a fault every call fails, until the context is released.
fn break_context(fault: &Fault) {
    let report = format!("PTX machine: {fault}");
    eprintln!("{report}");
    if let Some(context) = &mut state().context {
        context.fault.get_or_insert((code(&fault.kind), report));
    }
}

/// What a card would say, where it would notice.
fn code(fault: &FaultKind) -> Code {
    match fault {
        FaultKind::OutOfBounds { .. } | FaultKind::NotAnAddress { .. } | FaultKind::UseAfterFree { .. } => {
            ILLEGAL_ADDRESS
        }
        FaultKind::Misaligned { .. } => MISALIGNED_ADDRESS,
        FaultKind::NoEnd { .. } => LAUNCH_TIMEOUT,
        _ => LAUNCH_FAILED,
    }
}
