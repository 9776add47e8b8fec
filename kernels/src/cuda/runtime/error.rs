//! What can go wrong with a GPU, one line each.
use super::library;
use cudarc::driver::{DriverError, sys::CUresult};

/// Why something on a GPU failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CudaError {
    /// The driver library is not on this machine.
    #[error("cuda: no NVIDIA driver here (libcuda.so.1 cannot be loaded)")]
    NoDriver,
    /// The driver library is here but cannot be used.
    #[error("cuda: the NVIDIA driver is here but does not work: {0}")]
    BrokenDriver(String),
    /// The driver knows no device of this number.
    #[error("cuda: no device {ordinal}: the driver knows {count} ({})", numbers(*count))]
    NoDevice {
        /// Number asked for, from 0.
        ordinal: usize,
        /// How many there are.
        count: usize,
    },
    /// The card cannot run the kernels.
    #[error(
        "cuda: {name} is a card of compute capability {}.{}, the kernels need 7.5 (Turing) or newer",
        .capability.0, .capability.1
    )]
    OldCard {
        /// What the driver calls it.
        name: String,
        /// Its compute capability.
        capability: (u32, u32),
    },
    /// The driver cannot load the kernels.
    #[error(
        "cuda: the driver is for CUDA {}.{}, the kernels need 11.4 (driver 470) or newer",
        .0 / 1000, .0 % 1000 / 10
    )]
    OldDriver(u32),
    /// No library of the PTX machine, or a second driver library in one process.
    #[error("PTX machine: {0}")]
    PtxMachine(String),
    /// Device memory is used up.
    #[error("cuda: out of memory on the device: {asked} bytes asked for, {free} of {total} are free")]
    OutOfMemory {
        /// Bytes asked for.
        asked: usize,
        /// Bytes free.
        free: usize,
        /// Bytes the device has.
        total: usize,
    },
    /// The driver refuses a module.
    #[error("cuda: module {name} does not load ({code}): {log}")]
    Module {
        /// Name of the text.
        name: String,
        /// The driver's code.
        code: String,
        /// What it wrote about it.
        log: String,
    },
    /// Something forbidden while a graph is captured.
    #[error("cuda: {call} is forbidden while a graph is captured ({code})")]
    Capture {
        /// What was tried.
        call: &'static str,
        /// The driver's code.
        code: String,
    },
    /// A kernel went wrong on the device; nothing more can be done in this process.
    #[error(
        "cuda: a kernel failed, one of those launched since the last synchronisation ({kernels}): {code}"
    )]
    Kernel {
        /// The driver's code; and what the PTX machine reports, where a card says no more.
        code: String,
        /// Names of the kernels launched since the last synchronisation, in the order of their first launch.
        kernels: String,
    },
    /// Anything else.
    #[error("cuda: {call} failed: {code}")]
    Driver {
        /// What was tried.
        call: &'static str,
        /// The driver's code and its text; the PTX machine says why.
        code: String,
    },
}

fn numbers(count: usize) -> String {
    match count {
        0 => "none".into(),
        1 => "number 0".into(),
        _ => format!("numbers 0 to {}", count - 1),
    }
}

/// The driver's name of a code: `CUDA_ERROR_INVALID_VALUE`.
pub(super) fn name(error: DriverError) -> String {
    let name = error.error_name().ok().and_then(|name| name.to_str().ok());
    name.map_or_else(|| format!("error {}", error.0 as u32), str::to_owned)
}

/// Name and text of a code, `CUDA_ERROR_INVALID_VALUE: invalid argument`; the PTX machine also says why.
pub(super) fn code(error: DriverError) -> String {
    let text = error.error_string().ok().and_then(|text| text.to_str().ok()).unwrap_or("no text");
    let why = library::ptx_machine_says(c"ptx_machine_last_fault");
    format!("{}: {text}{}", name(error), why.map_or_else(String::new, |why| format!("; {why}")))
}

/// Whether the code means that a kernel failed, so that the context is lost.
pub(super) fn is_kernel_fault(code: CUresult) -> bool {
    use CUresult::*;
    matches!(
        code,
        CUDA_ERROR_ILLEGAL_ADDRESS
            | CUDA_ERROR_MISALIGNED_ADDRESS
            | CUDA_ERROR_ILLEGAL_INSTRUCTION
            | CUDA_ERROR_INVALID_ADDRESS_SPACE
            | CUDA_ERROR_INVALID_PC
            | CUDA_ERROR_HARDWARE_STACK_ERROR
            | CUDA_ERROR_ASSERT
            | CUDA_ERROR_LAUNCH_TIMEOUT
            | CUDA_ERROR_LAUNCH_FAILED
    )
}

/// Whether the code speaks of a graph's capture: the codes from 900 (`STREAM_CAPTURE_UNSUPPORTED`) to 908
/// (`STREAM_CAPTURE_WRONG_THREAD`).
pub(super) fn is_capture_fault(code: CUresult) -> bool {
    (900..=908).contains(&(code as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_device_or_driver() {
        let lines = [
            (
                CudaError::NoDevice { ordinal: 3, count: 2 },
                "cuda: no device 3: the driver knows 2 (numbers 0 to 1)",
            ),
            (CudaError::NoDevice { ordinal: 0, count: 0 }, "cuda: no device 0: the driver knows 0 (none)"),
            (
                CudaError::OldCard { name: "Tesla V100".into(), capability: (7, 0) },
                "cuda: Tesla V100 is a card of compute capability 7.0, the kernels need 7.5 (Turing) or newer",
            ),
            (
                CudaError::OldDriver(10_020),
                "cuda: the driver is for CUDA 10.2, the kernels need 11.4 (driver 470) or newer",
            ),
        ];
        for (error, line) in lines {
            assert_eq!(error.to_string(), line);
        }
    }
}
