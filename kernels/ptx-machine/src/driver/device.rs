//! The driver, the device, and its primary context.
use super::{
    capture,
    code::{Code, INVALID_CONTEXT, INVALID_DEVICE, INVALID_VALUE},
    limits,
    report::{Answer, code_of, put, refuse, say},
    state::{self, CONTEXT, Context, initialised, state, with},
    table::Handle,
};
use std::{
    ffi::{c_char, c_int},
    ptr,
};

#[unsafe(no_mangle)]
extern "C" fn cuInit(flags: u32) -> Code {
    code_of((|| {
        if flags != 0 {
            return refuse(INVALID_VALUE, format!("cuInit: flags {flags}, must be 0"));
        }
        state().initialised = true;
        Ok(())
    })())
}

#[unsafe(no_mangle)]
extern "C" fn cuDriverGetVersion(version: Option<&mut c_int>) -> Code {
    code_of(put(version, limits::VERSION))
}

#[unsafe(no_mangle)]
extern "C" fn cuDeviceGetCount(count: Option<&mut c_int>) -> Code {
    code_of(initialised(&state()).and_then(|()| put(count, 1)))
}

#[unsafe(no_mangle)]
extern "C" fn cuDeviceGet(device: Option<&mut c_int>, ordinal: c_int) -> Code {
    code_of(known(ordinal).and_then(|()| put(device, 0)))
}

#[unsafe(no_mangle)]
extern "C" fn cuDeviceGetName(name: *mut c_char, room: c_int, device: c_int) -> Code {
    code_of(known(device).and_then(|()| {
        let room = usize::try_from(room).unwrap_or(0);
        if name.is_null() || room == 0 {
            return refuse(INVALID_VALUE, "no room for a name");
        }
        let bytes = limits::NAME.len().min(room - 1);
        // SAFETY: the caller has `room` bytes there, and the name with its 0 takes at most as many.
        unsafe {
            ptr::copy_nonoverlapping(limits::NAME.as_ptr().cast(), name, bytes);
            name.add(bytes).write(0);
        }
        Ok(())
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuDeviceGetUuid(uuid: Option<&mut [u8; 16]>, device: c_int) -> Code {
    code_of(known(device).and_then(|()| put(uuid, *b"ptx-machine-0000")))
}

#[unsafe(no_mangle)]
extern "C" fn cuDeviceGetAttribute(value: Option<&mut c_int>, which: c_int, device: c_int) -> Code {
    code_of(known(device).and_then(|()| match limits::attribute(which) {
        Some(known) => put(value, known),
        None => refuse(INVALID_VALUE, format!("device attribute {which} is not known")),
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuDeviceTotalMem_v2(bytes: Option<&mut usize>, device: c_int) -> Code {
    code_of(known(device).and_then(|()| put(bytes, state::capacity()? as usize)))
}

#[unsafe(no_mangle)]
extern "C" fn cuDevicePrimaryCtxRetain(context: Option<&mut Handle>, device: c_int) -> Code {
    code_of(known(device).and_then(|()| {
        let capacity = state::capacity()?;
        let mut state = state();
        state.context.get_or_insert_with(|| Context::new(capacity));
        state.retained += 1;
        put(context, CONTEXT)
    }))
}

/// The last release frees everything; what should have been freed before is named on stderr.
#[unsafe(no_mangle)]
extern "C" fn cuDevicePrimaryCtxRelease_v2(device: c_int) -> Code {
    code_of(known(device).and_then(|()| {
        let mut state = state();
        if state.retained == 0 {
            return refuse(INVALID_CONTEXT, "the primary context was not retained");
        }
        state.retained -= 1;
        if state.retained == 0 {
            let leaks = state.context.take().and_then(|context| context.leaks());
            leaks.inspect(|leaks| eprintln!("PTX machine: {leaks}"));
        }
        Ok(())
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuCtxSetCurrent(context: Handle) -> Code {
    code_of((|| {
        initialised(&state())?;
        if context != 0 && context != CONTEXT {
            return refuse(INVALID_CONTEXT, format!("{context:#x} is no context"));
        }
        state::set_current(context);
        Ok(())
    })())
}

#[unsafe(no_mangle)]
extern "C" fn cuCtxGetCurrent(context: Option<&mut Handle>) -> Code {
    code_of(initialised(&state()).and_then(|()| put(context, state::current())))
}

#[unsafe(no_mangle)]
extern "C" fn cuCtxGetDevice(device: Option<&mut c_int>) -> Code {
    code_of(with(|_| put(device, 0)))
}

#[unsafe(no_mangle)]
extern "C" fn cuCtxSynchronize() -> Code {
    code_of(with(|context| capture::no_capture_at_all(context, "cuCtxSynchronize")))
}

/// What every kernel has done since the context was made: a line for its launches, then its counters.
#[unsafe(no_mangle)]
extern "C" fn ptx_machine_counters() -> *const c_char {
    let mut text = String::new();
    if let Some(context) = &state().context {
        for (kernel, (launches, counters)) in &context.work {
            text += &format!("{kernel}: {launches} launches\n{counters}\n");
        }
    }
    say(&text)
}

/// What is allocated now; null if nothing is.
#[unsafe(no_mangle)]
extern "C" fn ptx_machine_leaks() -> *const c_char {
    let leaks = state().context.as_ref().and_then(Context::leaks);
    leaks.map_or(ptr::null(), |leaks| say(&leaks))
}

fn known(device: c_int) -> Answer {
    initialised(&state())?;
    if device == 0 {
        Ok(())
    } else {
        refuse(INVALID_DEVICE, format!("device {device}; there is number 0 only"))
    }
}
