//! Recording what is put on a stream, and what CUDA forbids meanwhile.
//!
//! Waiting, and using the default stream, would need results that do not exist yet. Calls that may do either behind
//! the scenes (allocating, freeing, loading) are forbidden to the thread that captures, unless its capture is relaxed,
//! and to all threads during a global one. A forbidden call spoils the capture.
use super::{
    code::{
        CAPTURE_IMPLICIT, CAPTURE_INVALIDATED, CAPTURE_UNSUPPORTED, CAPTURE_WRONG_THREAD, Code, INVALID_VALUE,
    },
    node::Node,
    report::{Answer, code_of, put, refuse},
    state::{Context, with},
    table::Handle,
};
use std::thread::{self, ThreadId};

/// A capture under way.
pub(super) struct Capture {
    mode: Mode,
    thread: ThreadId,
    spoilt: bool,
    pub nodes: Vec<Node>,
}

/// Whom a capture forbids calls that may wait.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Mode {
    Global,
    ThreadLocal,
    Relaxed,
}

impl Capture {
    /// Appends a node.
    pub fn record(&mut self, node: Node) -> Answer {
        if self.spoilt {
            return refuse(CAPTURE_INVALIDATED, "an earlier call has spoilt this capture");
        }
        self.nodes.push(node);
        Ok(())
    }

    fn forbids(&self) -> bool {
        match self.mode {
            Mode::Global => true,
            Mode::ThreadLocal => self.thread == thread::current().id(),
            Mode::Relaxed => false,
        }
    }

    /// The call that does `what` fails, and so does the capture.
    pub fn spoil(&mut self, what: &str) -> Answer {
        self.spoil_as(CAPTURE_UNSUPPORTED, format!("{what} while a stream is captured"))
    }

    /// As [`Capture::spoil`], with another code.
    pub fn spoil_as(&mut self, code: Code, why: impl Into<String>) -> Answer {
        self.spoilt = true;
        refuse(code, why)
    }
}

/// Refuses what may wait behind the scenes, if a capture forbids it to this thread.
pub(super) fn not_while_capturing(context: &mut Context, call: &str) -> Answer {
    spoil(context, call, Capture::forbids)
}

/// Refuses what waits for all streams.
pub(super) fn no_capture_at_all(context: &mut Context, call: &str) -> Answer {
    spoil(context, call, |_| true)
}

fn spoil(context: &mut Context, call: &str, which: impl Fn(&Capture) -> bool) -> Answer {
    let captures = context.streams.iter_mut().filter_map(|stream| stream.capture.as_mut());
    let mut answer = Ok(());
    for capture in captures.filter(|capture| which(capture)) {
        answer = capture.spoil(call);
    }
    answer
}

/// Refuses what waits for `stream`, or ends it, while it is captured.
pub(super) fn stream_is_free(context: &mut Context, stream: Handle, call: &str) -> Answer {
    match &mut context.stream(stream)?.capture {
        Some(capture) => capture.spoil(call),
        None => Ok(()),
    }
}

/// Refuses work on the default stream, for which streams wait. CUDA allows it while the captured stream was made not to
/// wait; whoever relies on that relies on a flag far away.
pub(super) fn default_stream(context: &mut Context, stream: Handle, call: &str) -> Answer {
    if stream > 2 || not_while_capturing(context, call).is_ok() {
        return Ok(());
    }
    refuse(CAPTURE_IMPLICIT, format!("{call} on the default stream while another is captured"))
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamBeginCapture_v2(stream: Handle, mode: u32) -> Code {
    code_of(with(|context| {
        let mode = match mode {
            0 => Mode::Global,
            1 => Mode::ThreadLocal,
            2 => Mode::Relaxed,
            _ => return refuse(INVALID_VALUE, format!("cuStreamBeginCapture: mode {mode}")),
        };
        if stream <= 2 {
            return refuse(
                CAPTURE_UNSUPPORTED,
                "cuStreamBeginCapture: the default stream cannot be captured",
            );
        }
        let stream = context.stream(stream)?;
        if stream.capture.is_some() {
            return refuse(INVALID_VALUE, "cuStreamBeginCapture: the stream is captured already");
        }
        let thread = thread::current().id();
        stream.capture = Some(Capture { mode, thread, spoilt: false, nodes: vec![] });
        Ok(())
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamEndCapture(stream: Handle, graph: Option<&mut Handle>) -> Code {
    code_of(with(|context| {
        let stream = context.stream(stream)?;
        let Some(capture) = stream.capture.take() else {
            return refuse(INVALID_VALUE, "cuStreamEndCapture: the stream is not captured");
        };
        if capture.mode != Mode::Relaxed && capture.thread != thread::current().id() {
            stream.capture = Some(capture);
            return refuse(CAPTURE_WRONG_THREAD, "cuStreamEndCapture: another thread began the capture");
        }
        if capture.spoilt {
            return refuse(
                CAPTURE_INVALIDATED,
                "cuStreamEndCapture: a forbidden call has spoilt the capture",
            );
        }
        put(graph, context.graphs.insert(capture.nodes.into()))
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamIsCapturing(stream: Handle, status: Option<&mut u32>) -> Code {
    code_of(with(|context| {
        let status_now = match &context.stream(stream)?.capture {
            None => 0,
            Some(capture) if !capture.spoilt => 1,
            Some(_) => 2,
        };
        put(status, status_now)
    }))
}
