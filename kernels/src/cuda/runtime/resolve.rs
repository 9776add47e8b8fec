//! A launch whose operands are addresses.
use super::{Arg, Buffer, CudaError, Gpu, Launch, module::Function, params::Kind, pending::Kept, size};
use cudarc::driver::sys::{self, CUfunction_attribute};
use std::{ffi::c_void, fmt, ptr, sync::Arc};

/// Ends of the list that tells the driver where the parameter block lies (`CU_LAUNCH_PARAM_*` of cuda.h).
const PARAM_BUFFER_POINTER: usize = 1;
const PARAM_BUFFER_SIZE: usize = 2;
const PARAM_END: usize = 0;

/// A [`Launch`] that can be repeated: its module is loaded, its parameter block packed.
#[derive(Clone)]
pub struct Resolved {
    function: Arc<Function>,
    grid: [u32; 3],
    block: [u32; 3],
    shared: u32,
    params: Box<[u8]>,
}

impl Resolved {
    /// The kernel's file and name.
    pub fn name(&self) -> &str {
        self.function.name()
    }

    /// Registers a thread has, as the driver compiled it.
    pub fn registers(&self) -> Option<u32> {
        let registers = self.function.attribute(CUfunction_attribute::CU_FUNC_ATTRIBUTE_NUM_REGS);
        registers.ok().and_then(|registers| registers.try_into().ok())
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <<<{:?}, {:?}, {}>>>", self.name(), self.grid, self.block, self.shared)
    }
}

impl Gpu {
    /// Loads what `launch` needs and puts in addresses: `address` is asked for each argument that is not a number.
    /// To be done before a graph is captured: loading is forbidden meanwhile.
    ///
    /// # Errors
    /// If the module does not load, or the card has less shared memory than the launch asks for.
    ///
    /// # Panics
    /// If number or type of the arguments are not those of the kernel's `.param` list.
    #[track_caller]
    pub fn resolve(&self, launch: &Launch, address: impl FnMut(Arg) -> u64) -> Result<Resolved, CudaError> {
        let function = self.function(&launch.text, &launch.entry)?;
        let params = pack(&function, &launch.args, address);
        self.check("asking for dynamic shared memory", function.allow_shared(launch.shared))?;
        let &Launch { grid, block, shared, .. } = launch;
        Ok(Resolved { function, grid, block, shared, params })
    }

    /// As [`Gpu::resolve`], for `replicas` runs side by side, whose buffers lie at their distances behind those of the first.
    ///
    /// # Errors
    /// As [`Gpu::resolve`].
    ///
    /// # Panics
    /// As [`Gpu::resolve`] and [`Launch::side_by_side`], and at a distance of 4 GiB.
    #[track_caller]
    pub fn resolve_side_by_side(
        &self,
        launch: &Launch,
        replicas: usize,
        mut buffer: impl FnMut(Arg) -> Buffer,
    ) -> Result<Resolved, CudaError> {
        if replicas == 1 {
            return self.resolve(launch, |arg| buffer(arg).address());
        }
        let launch = launch.side_by_side(size(replicas), |arg| size(buffer(arg).distance()));
        self.resolve(&launch, |arg| buffer(arg).address())
    }

    /// Puts a launch on the stream.
    pub fn launch(&self, launch: &Resolved) -> Result<(), CudaError> {
        let Resolved { function, grid, block, shared, params } = launch;
        let mut bytes = params.len();
        let mut extra: [*mut c_void; 5] = [
            ptr::without_provenance_mut(PARAM_BUFFER_POINTER),
            params.as_ptr().cast_mut().cast(),
            ptr::without_provenance_mut(PARAM_BUFFER_SIZE),
            (&raw mut bytes).cast(),
            ptr::without_provenance_mut(PARAM_END),
        ];
        let launched =
            self.enqueue("launching a kernel", Some(Kept::Function(Arc::clone(function))), |stream| {
                // SAFETY: the function is loaded; the block has the layout of its parameters (`pack`), and the driver
                // copies it before it returns. For the addresses in it see `Gpu`.
                unsafe {
                    let ([gx, gy, gz], [bx, by, bz], extra) = (*grid, *block, extra.as_mut_ptr());
                    let none = ptr::null_mut();
                    sys::cuLaunchKernel(function.raw(), gx, gy, gz, bx, by, bz, *shared, stream, none, extra)
                }
                .result()
            });
        launched.map_err(|error| match error {
            CudaError::Driver { call, code } => {
                CudaError::Driver { call, code: format!("{code} ({launch:?})") }
            }
            error => error,
        })
    }
}

/// The parameter block: every parameter aligned to its size.
#[track_caller]
fn pack(function: &Function, args: &[Arg], mut address: impl FnMut(Arg) -> u64) -> Box<[u8]> {
    let (name, params) = (function.name(), function.params());
    assert_eq!(args.len(), params.len(), "cuda: {name}: number of arguments (left) and of parameters");
    let mut block = Vec::new();
    for (i, (param, &arg)) in params.iter().zip(args).enumerate() {
        let kind = Kind::of(arg);
        assert_eq!(kind, param.kind, "cuda: {name}: argument {i} (left) and its parameter {}", param.name);
        block.resize(block.len().next_multiple_of(kind.bytes()), 0);
        match arg {
            Arg::U32(number) => block.extend(number.to_le_bytes()),
            Arg::U64(number) => block.extend(number.to_le_bytes()),
            Arg::F32(number) => block.extend(number.to_le_bytes()),
            Arg::F64(number) => block.extend(number.to_le_bytes()),
            operand => block.extend(address(operand).to_le_bytes()),
        }
    }
    block.into()
}
