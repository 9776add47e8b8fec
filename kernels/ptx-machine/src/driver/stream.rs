//! Streams. What is put on one runs at once, so they differ only in what they capture.
use super::{
    capture::{self, Capture},
    code::{CAPTURE_ISOLATION, CAPTURE_UNSUPPORTED, Code, INVALID_VALUE},
    report::{code_of, put, refuse},
    state::with,
    table::Handle,
};
use std::{
    ffi::c_int,
    sync::{Arc, Mutex},
};

/// The only flag: the stream does not wait for the default one.
const NON_BLOCKING: u32 = 1;

#[derive(Default)]
pub(super) struct Stream {
    pub capture: Option<Capture>,
    /// Held while work of this stream runs: threads that share a stream take turns.
    pub order: Arc<Mutex<()>>,
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamCreate(stream: Option<&mut Handle>, flags: u32) -> Code {
    code_of(with(|context| {
        if flags & !NON_BLOCKING != 0 {
            return refuse(INVALID_VALUE, format!("cuStreamCreate: flags {flags}"));
        }
        put(stream, context.streams.insert(Stream::default()))
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamCreateWithPriority(stream: Option<&mut Handle>, flags: u32, _priority: c_int) -> Code {
    cuStreamCreate(stream, flags)
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamDestroy_v2(stream: Handle) -> Code {
    code_of(with(|context| {
        capture::stream_is_free(context, stream, "cuStreamDestroy")?;
        context.streams.remove(stream).map(drop)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamSynchronize(stream: Handle) -> Code {
    code_of(with(|context| {
        capture::default_stream(context, stream, "cuStreamSynchronize")?;
        capture::stream_is_free(context, stream, "cuStreamSynchronize")
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamQuery(stream: Handle) -> Code {
    code_of(with(|context| capture::stream_is_free(context, stream, "cuStreamQuery")))
}

#[unsafe(no_mangle)]
extern "C" fn cuStreamWaitEvent(stream: Handle, event: Handle, _flags: u32) -> Code {
    code_of(with(|context| {
        let captured_in = context.events.get(event)?.captured_in();
        let capture = &mut context.stream(stream)?.capture;
        match (capture, captured_in) {
            (None, None) => Ok(()),
            (Some(_), Some(same)) if same == stream => Ok(()),
            (Some(capture), None) => capture.spoil_as(
                CAPTURE_ISOLATION,
                "cuStreamWaitEvent: the event was recorded outside of the capture",
            ),
            (_, Some(_)) => refuse(
                CAPTURE_UNSUPPORTED,
                "cuStreamWaitEvent: the event was captured in another stream; the PTX machine captures one at a time",
            ),
        }
    }))
}
