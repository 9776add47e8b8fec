//! Modules and their functions.
use super::{
    capture,
    code::{Code, INVALID_IMAGE, INVALID_PTX, INVALID_VALUE, NOT_FOUND, NOT_SUPPORTED},
    limits,
    name::MODULE,
    report::{Answer, Refused, code_of, put, refuse},
    state::{Context, with},
    table::Handle,
};
use crate::{Kernel, Module};
use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr, slice,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// Options of `cuModuleLoadDataEx`: where to write what is wrong with the text, and how much fits there.
const ERROR_LOG_BUFFER: u32 = 5;
const ERROR_LOG_BUFFER_SIZE: u32 = 6;

/// A module that was loaded.
pub(super) struct Loaded(Module);

/// A kernel, as a handle stands for it.
pub(super) struct Function {
    pub kernel: Arc<Kernel>,
    module: Handle,
    /// Bytes of dynamic shared memory it may be launched with.
    pub dynamic_shared: AtomicU32,
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleLoadData(module: Option<&mut Handle>, image: *const c_char) -> Code {
    // SAFETY: the caller's image, and no options.
    code_of(with(|context| unsafe { load(context, module, image).map_err(|(refused, _)| refused) }))
}

/// # Safety
/// `image` is a PTX text that ends with a 0; there are `count` options, each with its value, and an error log has the
/// size that is told.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleLoadDataEx(
    module: Option<&mut Handle>,
    image: *const c_char,
    count: u32,
    options: *const u32,
    values: *mut *mut c_void,
) -> Code {
    code_of(with(|context| {
        // SAFETY: the caller's image.
        let loaded = unsafe { load(context, module, image) };
        loaded.map_err(|(refused, log)| {
            if count > 0 {
                // SAFETY: there are `count` of both.
                let (options, values) = unsafe {
                    let count = count as usize;
                    (slice::from_raw_parts(options, count), slice::from_raw_parts(values, count))
                };
                let value = |option| Some(values[options.iter().position(|&known| known == option)?]);
                if let (Some(buffer), Some(size)) = (value(ERROR_LOG_BUFFER), value(ERROR_LOG_BUFFER_SIZE)) {
                    // SAFETY: the buffer has that size.
                    unsafe { write_log(buffer.cast(), size.addr(), &log) };
                }
            }
            refused
        })
    }))
}

/// # Safety
/// `image` is null or ends with a 0.
unsafe fn load(
    context: &mut Context,
    module: Option<&mut Handle>,
    image: *const c_char,
) -> Result<(), (Refused, String)> {
    let name = MODULE.take().unwrap_or_else(|| "module".to_owned());
    let without_log = |refused| (refused, String::new());
    capture::not_while_capturing(context, "cuModuleLoad").map_err(without_log)?;
    if image.is_null() {
        return refuse(INVALID_VALUE, "cuModuleLoad: the image is null").map_err(without_log);
    }
    // SAFETY: as the caller promises.
    let Ok(text) = (unsafe { CStr::from_ptr(image) }).to_str() else {
        return refuse(INVALID_IMAGE, format!("{name}: no PTX text; the machine runs no binaries"))
            .map_err(without_log);
    };
    match Module::parse(&name, text) {
        Ok(parsed) => put(module, context.modules.insert(Loaded(parsed))).map_err(without_log),
        Err(error) => {
            let log = error.to_string();
            Err((Refused { code: INVALID_PTX, why: log.clone() }, log))
        }
    }
}

/// # Safety
/// `buffer` is null or has `size` bytes.
unsafe fn write_log(buffer: *mut u8, size: usize, log: &str) {
    if buffer.is_null() || size == 0 {
        return;
    }
    let bytes = log.len().min(size - 1);
    // SAFETY: the text with its 0 takes at most `size` bytes.
    unsafe {
        ptr::copy_nonoverlapping(log.as_ptr(), buffer, bytes);
        buffer.add(bytes).write(0);
    }
}

#[unsafe(no_mangle)]
extern "C" fn cuModuleUnload(module: Handle) -> Code {
    code_of(with(|context| {
        capture::not_while_capturing(context, "cuModuleUnload")?;
        context.functions.remove_where(|function| function.module == module);
        context.modules.remove(module).map(drop)
    }))
}

/// # Safety
/// `name` ends with a 0.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuModuleGetFunction(
    function: Option<&mut Handle>,
    module: Handle,
    name: *const c_char,
) -> Code {
    code_of(with(|context| {
        // SAFETY: as the caller promises.
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
        let Some(kernel) = context.modules.get(module)?.0.kernel(&name) else {
            return refuse(NOT_FOUND, format!("cuModuleGetFunction: no kernel {name}"));
        };
        let dynamic_shared = AtomicU32::new(limits::SHARED.saturating_sub(kernel.shared_bytes()));
        put(function, context.functions.insert(Arc::new(Function { kernel, module, dynamic_shared })))
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuFuncGetAttribute(value: Option<&mut c_int>, which: u32, function: Handle) -> Code {
    code_of(with(|context| {
        let Function { kernel, dynamic_shared, .. } = &**context.functions.get(function)?;
        let known = match which {
            0 => kernel.max_threads(),         // MAX_THREADS_PER_BLOCK
            1 => kernel.shared_bytes(),        // SHARED_SIZE_BYTES
            2 => kernel.const_bytes(),         // CONST_SIZE_BYTES
            3 => 0,                            // LOCAL_SIZE_BYTES: nothing spills
            8 => dynamic_shared.load(Relaxed), // MAX_DYNAMIC_SHARED_SIZE_BYTES
            4 => return refuse(NOT_SUPPORTED, "cuFuncGetAttribute: the machine allots no registers"),
            _ => return refuse(INVALID_VALUE, format!("cuFuncGetAttribute: attribute {which}")),
        };
        put(value, known as c_int)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuFuncSetAttribute(function: Handle, which: u32, value: c_int) -> Code {
    code_of(with(|context| {
        let function = context.functions.get(function)?;
        match which {
            8 => allow_shared(function, value), // MAX_DYNAMIC_SHARED_SIZE_BYTES
            9 => Ok(()),                        // PREFERRED_SHARED_MEMORY_CARVEOUT: a hint
            _ => refuse(INVALID_VALUE, format!("cuFuncSetAttribute: attribute {which}")),
        }
    }))
}

fn allow_shared(function: &Function, bytes: c_int) -> Answer {
    let most = limits::SHARED_ON_REQUEST.saturating_sub(function.kernel.shared_bytes());
    match u32::try_from(bytes) {
        Ok(bytes) if bytes <= most => {
            function.dynamic_shared.store(bytes, Relaxed);
            Ok(())
        }
        _ => refuse(
            INVALID_VALUE,
            format!(
                "{}: {bytes} bytes of dynamic shared memory asked for; the device has {most} for it",
                function.kernel.name()
            ),
        ),
    }
}

#[unsafe(no_mangle)]
extern "C" fn cuFuncSetCacheConfig(function: Handle, _config: u32) -> Code {
    code_of(with(|context| context.functions.get(function).map(|_| ())))
}

#[unsafe(no_mangle)]
extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
    blocks: Option<&mut c_int>,
    function: Handle,
    threads: c_int,
    shared: usize,
) -> Code {
    code_of(with(|context| {
        let kernel = &context.functions.get(function)?.kernel;
        let (Ok(threads @ 1..), Ok(shared)) = (u32::try_from(threads), u32::try_from(shared)) else {
            return refuse(INVALID_VALUE, format!("occupancy of {threads} threads and {shared} bytes"));
        };
        put(blocks, limits::blocks_at_once(threads, shared + kernel.shared_bytes()) as c_int)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    blocks: Option<&mut c_int>,
    function: Handle,
    threads: c_int,
    shared: usize,
    _flags: u32,
) -> Code {
    cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, shared)
}
