//! Device memory: allocating, copying, filling.
use super::{
    capture,
    code::{Code, INVALID_VALUE, OUT_OF_MEMORY},
    name::ALLOCATION,
    node::{Node, submit},
    report::{Answer, Refused, code_of, put, refuse},
    state::with,
    table::Handle,
};
use crate::MemoryError;

/// Address on the device.
type Address = u64;

/// The driver's code for what is wrong with a copy.
pub(super) fn refused(call: &str, error: &MemoryError) -> Refused {
    let code = match error {
        MemoryError::OutOfMemory { .. } => OUT_OF_MEMORY,
        _ => INVALID_VALUE,
    };
    Refused { code, why: format!("{call}: {error}") }
}

#[unsafe(no_mangle)]
extern "C" fn cuMemAlloc_v2(address: Option<&mut Address>, bytes: usize) -> Code {
    code_of(with(|context| {
        capture::not_while_capturing(context, "cuMemAlloc")?;
        let label = ALLOCATION.take().unwrap_or_else(|| format!("allocation {}", context.allocations + 1));
        let memory = context.memory.alloc(bytes as u64, &label).map_err(|e| refused("cuMemAlloc", &e))?;
        context.allocations += 1;
        put(address, memory)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemFree_v2(address: Address) -> Code {
    code_of(with(|context| {
        capture::not_while_capturing(context, "cuMemFree")?;
        if address == 0 {
            return Ok(());
        }
        context.memory.free(address).map_err(|error| refused("cuMemFree", &error))
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemGetInfo_v2(free: Option<&mut usize>, total: Option<&mut usize>) -> Code {
    code_of(with(|context| {
        let (capacity, used) = (context.memory.capacity(), context.memory.used());
        put(free, (capacity - used) as usize)?;
        put(total, capacity as usize)
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemGetAddressRange_v2(
    start: Option<&mut Address>,
    bytes: Option<&mut usize>,
    address: Address,
) -> Code {
    code_of(with(|context| {
        let (found, size) =
            context.memory.allocation(address).map_err(|error| refused("cuMemGetAddressRange", &error))?;
        // Either pointer may be null, as in CUDA.
        if let Some(start) = start {
            *start = found;
        }
        if let Some(bytes) = bytes {
            *bytes = size as usize;
        }
        Ok(())
    }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemcpyHtoDAsync_v2(to: Address, from: usize, bytes: usize, stream: Handle) -> Code {
    code_of(submit("cuMemcpyHtoDAsync", stream, Node::Upload { to, from, bytes }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemcpyDtoHAsync_v2(to: usize, from: Address, bytes: usize, stream: Handle) -> Code {
    code_of(submit("cuMemcpyDtoHAsync", stream, Node::Download { to, from, bytes }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemcpyDtoDAsync_v2(to: Address, from: Address, bytes: usize, stream: Handle) -> Code {
    code_of(submit("cuMemcpyDtoDAsync", stream, Node::Copy { to, from, bytes }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemcpyHtoD_v2(to: Address, from: usize, bytes: usize) -> Code {
    code_of(submit("cuMemcpyHtoD", 0, Node::Upload { to, from, bytes }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemcpyDtoH_v2(to: usize, from: Address, bytes: usize) -> Code {
    code_of(submit("cuMemcpyDtoH", 0, Node::Download { to, from, bytes }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemcpyDtoD_v2(to: Address, from: Address, bytes: usize) -> Code {
    code_of(submit("cuMemcpyDtoD", 0, Node::Copy { to, from, bytes }))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemsetD8Async(to: Address, value: u8, count: usize, stream: Handle) -> Code {
    code_of(fill("cuMemsetD8Async", to, &[value], count, stream))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemsetD16Async(to: Address, value: u16, count: usize, stream: Handle) -> Code {
    code_of(fill("cuMemsetD16Async", to, &value.to_le_bytes(), count, stream))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemsetD32Async(to: Address, value: u32, count: usize, stream: Handle) -> Code {
    code_of(fill("cuMemsetD32Async", to, &value.to_le_bytes(), count, stream))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemsetD8_v2(to: Address, value: u8, count: usize) -> Code {
    code_of(fill("cuMemsetD8", to, &[value], count, 0))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemsetD16_v2(to: Address, value: u16, count: usize) -> Code {
    code_of(fill("cuMemsetD16", to, &value.to_le_bytes(), count, 0))
}

#[unsafe(no_mangle)]
extern "C" fn cuMemsetD32_v2(to: Address, value: u32, count: usize) -> Code {
    code_of(fill("cuMemsetD32", to, &value.to_le_bytes(), count, 0))
}

fn fill(call: &'static str, to: Address, pattern: &[u8], count: usize, stream: Handle) -> Answer {
    if !to.is_multiple_of(pattern.len() as u64) {
        return refuse(INVALID_VALUE, format!("{call}: {to:#x} is no multiple of {}", pattern.len()));
    }
    submit(call, stream, Node::Fill { to, pattern: pattern.into(), count })
}
