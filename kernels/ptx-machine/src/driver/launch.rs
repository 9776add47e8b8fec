//! Launching kernels.
use super::{
    code::{COOPERATIVE_LAUNCH_TOO_LARGE, Code, INVALID_VALUE},
    limits,
    module::Function,
    node::{Node, submit},
    report::{Answer, code_of, refuse},
    state::with,
    table::Handle,
};
use crate::{Kernel, Launch};
use std::{
    ffi::c_void,
    slice,
    sync::{Arc, atomic::Ordering::Relaxed},
};

/// Words of the list that tells where a parameter block lies (`CU_LAUNCH_PARAM_*`).
const PARAM_END: usize = 0;
const PARAM_BUFFER_POINTER: usize = 1;
const PARAM_BUFFER_SIZE: usize = 2;

/// Attributes of `cuLaunchKernelEx` that are known here.
const ATTRIBUTE_IGNORE: u32 = 0;
const ATTRIBUTE_COOPERATIVE: u32 = 2;

/// # Safety
/// `params` is null or has a pointer for each parameter of the kernel; `extra` is null or a list that ends with 0.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuLaunchKernel(
    function: Handle,
    grid_x: u32,
    grid_y: u32,
    grid_z: u32,
    block_x: u32,
    block_y: u32,
    block_z: u32,
    shared: u32,
    stream: Handle,
    params: *const *const c_void,
    extra: *const *const c_void,
) -> Code {
    let (grid, block) = ([grid_x, grid_y, grid_z], [block_x, block_y, block_z]);
    let launch = Launch { grid, block, shared, cooperative: false };
    // SAFETY: the caller's parameters.
    code_of(unsafe { start("cuLaunchKernel", function, launch, stream, params, extra) })
}

/// # Safety
/// `params` has a pointer for each parameter of the kernel.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuLaunchCooperativeKernel(
    function: Handle,
    grid_x: u32,
    grid_y: u32,
    grid_z: u32,
    block_x: u32,
    block_y: u32,
    block_z: u32,
    shared: u32,
    stream: Handle,
    params: *const *const c_void,
) -> Code {
    let (grid, block) = ([grid_x, grid_y, grid_z], [block_x, block_y, block_z]);
    let launch = Launch { grid, block, shared, cooperative: true };
    // SAFETY: the caller's parameters.
    code_of(unsafe { start("cuLaunchCooperativeKernel", function, launch, stream, params, std::ptr::null()) })
}

/// `CUlaunchConfig`
#[repr(C)]
struct Config {
    grid: [u32; 3],
    block: [u32; 3],
    shared: u32,
    stream: Handle,
    attributes: *const Attribute,
    attribute_count: u32,
}

/// `CUlaunchAttribute`
#[repr(C)]
struct Attribute {
    which: u32,
    pad: u32,
    value: [u32; 16],
}

/// # Safety
/// As [`cuLaunchKernel`], and the configuration has as many attributes as it says.
#[unsafe(no_mangle)]
unsafe extern "C" fn cuLaunchKernelEx(
    config: Option<&Config>,
    function: Handle,
    params: *const *const c_void,
    extra: *const *const c_void,
) -> Code {
    code_of((|| {
        let Some(&Config { grid, block, shared, stream, attributes, attribute_count }) = config else {
            return refuse(INVALID_VALUE, "cuLaunchKernelEx: the configuration is null");
        };
        let mut cooperative = false;
        if attribute_count > 0 {
            // SAFETY: as the caller promises.
            for attribute in unsafe { slice::from_raw_parts(attributes, attribute_count as usize) } {
                match attribute.which {
                    ATTRIBUTE_IGNORE => {}
                    ATTRIBUTE_COOPERATIVE => cooperative = attribute.value[0] != 0,
                    other => return refuse(INVALID_VALUE, format!("cuLaunchKernelEx: attribute {other}")),
                }
            }
        }
        let launch = Launch { grid, block, shared, cooperative };
        // SAFETY: the caller's parameters.
        unsafe { start("cuLaunchKernelEx", function, launch, stream, params, extra) }
    })())
}

/// # Safety
/// As [`cuLaunchKernel`].
unsafe fn start(
    call: &'static str,
    function: Handle,
    launch: Launch,
    stream: Handle,
    params: *const *const c_void,
    extra: *const *const c_void,
) -> Answer {
    let function = with(|context| Ok(Arc::clone(context.functions.get(function)?)))?;
    let kernel = &function.kernel;
    if let Err(why) = fits(&function, &launch) {
        return refuse(INVALID_VALUE, format!("{call}: {}: {why}", kernel.name()));
    }
    let blocks: u64 = launch.grid.iter().map(|&n| u64::from(n)).product();
    let threads = launch.block.iter().product();
    let at_once = limits::blocks_at_once(threads, launch.shared + kernel.shared_bytes());
    let most = u64::from(at_once * limits::MULTIPROCESSORS);
    if launch.cooperative && blocks > most {
        let why = format!("{call}: {}: {blocks} blocks, {most} run at once", kernel.name());
        return refuse(COOPERATIVE_LAUNCH_TOO_LARGE, why);
    }
    // SAFETY: the caller's parameters.
    let params = unsafe { if extra.is_null() { gather(kernel, params) } else { block(kernel, extra) } }?;
    submit(call, stream, Node::Kernel { kernel: Arc::clone(kernel), launch, params })
}

/// What a card refuses.
fn fits(function: &Function, launch: &Launch) -> Result<(), String> {
    let (kernel, Launch { grid, block, shared, .. }) = (&function.kernel, launch);
    for (what, sizes, most) in [("blocks", grid, limits::GRID), ("threads a block", block, limits::BLOCK)] {
        if sizes.iter().zip(most).any(|(&size, most)| size == 0 || size > most) {
            return Err(format!("{sizes:?} {what}; expected 1 to {most:?}"));
        }
    }
    let threads: u32 = block.iter().product();
    let most = kernel.max_threads().min(limits::THREADS);
    if threads > most {
        return Err(format!("{threads} threads a block, at most {most}"));
    }
    if kernel.required_block().is_some_and(|required| required != *block) {
        return Err(format!("blocks of {block:?}, the kernel requires {:?}", kernel.required_block()));
    }
    let most = function.dynamic_shared.load(Relaxed);
    if *shared > most {
        return Err(format!("{shared} bytes of dynamic shared memory, {most} are allowed"));
    }
    Ok(())
}

/// The parameter block, from a pointer for each parameter.
///
/// # Safety
/// There are as many, and each points to as many bytes as its parameter has.
unsafe fn gather(kernel: &Kernel, params: *const *const c_void) -> Answer<Box<[u8]>> {
    let mut block = vec![0; kernel.param_bytes() as usize];
    if params.is_null() && !block.is_empty() {
        return refuse(INVALID_VALUE, format!("{}: no parameters passed", kernel.name()));
    }
    for (i, param) in kernel.params().iter().enumerate() {
        // SAFETY: as the caller promises.
        let from = unsafe { *params.add(i) }.cast::<u8>();
        if from.is_null() {
            return refuse(INVALID_VALUE, format!("{}: parameter {} is null", kernel.name(), param.name));
        }
        let (start, bytes) = (param.offset as usize, param.bytes as usize);
        // SAFETY: as the caller promises.
        block[start..start + bytes].copy_from_slice(unsafe { slice::from_raw_parts(from, bytes) });
    }
    Ok(block.into())
}

/// The parameter block that a list points to.
///
/// # Safety
/// The list ends with 0, and its words mean what they say.
unsafe fn block(kernel: &Kernel, mut extra: *const *const c_void) -> Answer<Box<[u8]>> {
    let (mut from, mut bytes) = (std::ptr::null::<u8>(), 0);
    loop {
        // SAFETY: the list goes on until its end word, and words but that come with a value.
        unsafe {
            match (*extra).addr() {
                PARAM_END => break,
                PARAM_BUFFER_POINTER => from = (*extra.add(1)).cast(),
                PARAM_BUFFER_SIZE => bytes = *(*extra.add(1)).cast::<usize>(),
                word => return refuse(INVALID_VALUE, format!("{}: word {word} in `extra`", kernel.name())),
            }
            extra = extra.add(2);
        }
    }
    let expected = kernel.param_bytes() as usize;
    if bytes != expected || (from.is_null() && bytes > 0) {
        let why = format!("{}: a parameter block of {bytes} bytes, the kernel has {expected}", kernel.name());
        return refuse(INVALID_VALUE, why);
    }
    if bytes == 0 {
        return Ok(Box::default());
    }
    // SAFETY: as the caller promises.
    Ok(unsafe { slice::from_raw_parts(from, bytes) }.into())
}
