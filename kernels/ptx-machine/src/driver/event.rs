//! Events: points of a stream, with the time.
use super::{
    capture,
    code::{CAPTURED_EVENT, Code, INVALID_HANDLE},
    report::{Answer, code_of, put, refuse},
    state::with,
    table::Handle,
};
use std::time::Instant;

/// Flag of an event that takes no time.
const DISABLE_TIMING: u32 = 2;

pub(super) struct Event {
    timing: bool,
    last: Recorded,
}

/// What the last record of an event was.
enum Recorded {
    Never,
    At(Instant),
    /// In a capture of this stream: a place in a graph, which has no time.
    Captured(Handle),
}

impl Event {
    fn done(&self, call: &str) -> Answer {
        match self.last {
            Recorded::Captured(_) => {
                refuse(CAPTURED_EVENT, format!("{call}: the event was recorded in a capture"))
            }
            Recorded::Never | Recorded::At(_) => Ok(()),
        }
    }

    /// The stream whose capture recorded it last, if one did.
    pub fn captured_in(&self) -> Option<Handle> {
        match self.last {
            Recorded::Captured(stream) => Some(stream),
            Recorded::Never | Recorded::At(_) => None,
        }
    }

    fn time(&self) -> Answer<Instant> {
        self.done("cuEventElapsedTime")?;
        match self.last {
            Recorded::At(time) if self.timing => Ok(time),
            Recorded::At(_) => refuse(INVALID_HANDLE, "cuEventElapsedTime: an event made without timing"),
            _ => refuse(INVALID_HANDLE, "cuEventElapsedTime: an event was not recorded"),
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn cuEventCreate(event: Option<&mut Handle>, flags: u32) -> Code {
    code_of(with(|context| {
        let made = Event { timing: flags & DISABLE_TIMING == 0, last: Recorded::Never };
        put(event, context.events.insert(made))
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuEventDestroy_v2(event: Handle) -> Code {
    code_of(with(|context| context.events.remove(event).map(drop)))
}

#[unsafe(no_mangle)]
extern "C" fn cuEventRecord(event: Handle, stream: Handle) -> Code {
    code_of(with(|context| {
        capture::default_stream(context, stream, "cuEventRecord")?;
        let capturing = context.stream(stream)?.capture.is_some();
        let event = context.events.get_mut(event)?;
        event.last = if capturing { Recorded::Captured(stream) } else { Recorded::At(Instant::now()) };
        Ok(())
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuEventQuery(event: Handle) -> Code {
    code_of(with(|context| {
        capture::not_while_capturing(context, "cuEventQuery")?;
        context.events.get(event)?.done("cuEventQuery")
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuEventSynchronize(event: Handle) -> Code {
    code_of(with(|context| {
        capture::not_while_capturing(context, "cuEventSynchronize")?;
        context.events.get(event)?.done("cuEventSynchronize")
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuEventElapsedTime(milliseconds: Option<&mut f32>, from: Handle, to: Handle) -> Code {
    code_of(with(|context| {
        let (from, to) = (context.events.get(from)?.time()?, context.events.get(to)?.time()?);
        let seconds = to.saturating_duration_since(from).as_secs_f32();
        put(milliseconds, 1e3 * seconds)
    }))
}
