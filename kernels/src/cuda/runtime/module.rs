//! Modules loaded into a context, each once, and the kernels in them.
use super::{
    CudaError, Gpu, Text, error, library,
    params::{self, Param},
};
use cudarc::driver::{
    CudaContext, DriverError, result,
    sys::{self, CUfunction_attribute, CUjit_option, CUresult},
};
use std::{
    ffi::{CString, c_void},
    ptr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// Bytes of room for what the driver's compiler writes about a text that it refuses.
const LOG: usize = 8192;

/// Shared memory that every kernel may use, in bytes, static and dynamic; more must be asked for.
const SHARED_WITHOUT_ASKING: u32 = 48 * 1024;

/// A module, unloaded when it is dropped.
pub(super) struct Module {
    module: sys::CUmodule,
    context: Arc<CudaContext>,
}

// SAFETY: the driver's calls on modules may come from any thread.
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

impl Drop for Module {
    fn drop(&mut self) {
        self.context.record_err(self.context.bind_to_thread());
        // SAFETY: it was loaded, and its functions, which hold it, are gone.
        self.context.record_err(unsafe { result::module::unload(self.module) });
    }
}

impl Module {
    fn load(context: &Arc<CudaContext>, text: &Text) -> Result<Self, CudaError> {
        let name = || text.name().to_owned();
        let image = CString::new(text.ptx()).map_err(|_| CudaError::Module {
            name: name(),
            code: "refused".into(),
            log: "the text has a byte 0 in it".into(),
        })?;
        library::tell_ptx_machine(c"ptx_machine_name_module", text.name());
        let mut log = vec![0_u8; LOG];
        let mut options =
            [CUjit_option::CU_JIT_ERROR_LOG_BUFFER, CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES];
        // The second value is a number that travels as a pointer.
        let mut values: [*mut c_void; 2] = [log.as_mut_ptr().cast(), ptr::without_provenance_mut(LOG)];
        let mut module = ptr::null_mut();
        let loaded = context.bind_to_thread().and_then(|()| {
            // SAFETY: the image ends with a 0; two options have two values; the log has the size that is told.
            unsafe {
                let (options, values) = (options.as_mut_ptr(), values.as_mut_ptr());
                sys::cuModuleLoadDataEx(&mut module, image.as_ptr().cast(), 2, options, values)
            }
            .result()
        });
        match loaded {
            Ok(()) => Ok(Self { module, context: Arc::clone(context) }),
            Err(DriverError(code)) if error::is_capture_fault(code) => {
                let code = error::code(DriverError(code));
                Err(CudaError::Capture { call: "loading a module", code })
            }
            Err(error) => {
                let written = log.iter().position(|&byte| byte == 0).unwrap_or(LOG);
                let log = String::from_utf8_lossy(&log[..written]).trim().replace('\n', "; ");
                Err(CudaError::Module { name: name(), code: error::name(error), log })
            }
        }
    }
}

/// A kernel.
pub(super) struct Function {
    function: sys::CUfunction,
    /// `activation/ptx/activation.ptx: relu`
    name: String,
    params: Vec<Param>,
    /// Dynamic shared memory it may use.
    shared: AtomicU32,
    module: Arc<Module>,
}

// SAFETY: the driver's calls on functions may come from any thread.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

impl Function {
    fn load(module: &Arc<Module>, text: &Text, entry: &str) -> Result<Self, CudaError> {
        let name = format!("{}: {entry}", text.name());
        let Some(params) = params::of(text.ptx(), entry) else { panic!("cuda: {name}: no such entry") };
        let entry = CString::new(entry).expect("a name without a byte 0");
        // SAFETY: the module is loaded.
        let function = unsafe { result::module::get_function(module.module, entry) };
        let refused = |log: &str| {
            let (name, log) = (name.clone(), log.to_owned());
            move |error| CudaError::Module { name, code: error::name(error), log }
        };
        let function = function.map_err(refused("the driver does not find the kernel"))?;
        let declared = CUfunction_attribute::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES;
        // SAFETY: the function is loaded.
        let declared = unsafe { result::function::get_function_attribute(function, declared) };
        let declared =
            declared.map_err(refused("the driver does not say how much shared memory it declares"))?;
        let shared = AtomicU32::new(SHARED_WITHOUT_ASKING.saturating_sub(declared as u32));
        Ok(Self { function, name, params, shared, module: Arc::clone(module) })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn params(&self) -> &[Param] {
        &self.params
    }

    pub fn raw(&self) -> sys::CUfunction {
        self.function
    }

    /// An attribute.
    pub fn attribute(&self, which: CUfunction_attribute) -> Result<i32, DriverError> {
        self.module.context.bind_to_thread()?;
        // SAFETY: the function is loaded.
        unsafe { result::function::get_function_attribute(self.function, which) }
    }

    /// Allows launches with this many bytes of dynamic shared memory.
    pub fn allow_shared(&self, bytes: u32) -> Result<(), DriverError> {
        if bytes <= self.shared.load(Relaxed) {
            return Ok(());
        }
        let which = CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        self.module.context.bind_to_thread()?;
        let bytes_signed =
            i32::try_from(bytes).map_err(|_| DriverError(CUresult::CUDA_ERROR_INVALID_VALUE))?;
        // SAFETY: the function is loaded.
        unsafe { result::function::set_function_attribute(self.function, which, bytes_signed) }?;
        self.shared.fetch_max(bytes, Relaxed);
        Ok(())
    }
}

/// A module in the cache, with those of its kernels that were asked for.
pub(super) struct Loaded {
    module: Arc<Module>,
    functions: Vec<(String, Arc<Function>)>,
}

impl Gpu {
    /// The kernel `entry` of `text`, which is loaded if this is its first.
    pub(super) fn function(&self, text: &Text, entry: &str) -> Result<Arc<Function>, CudaError> {
        let modules = &mut self.lock().modules;
        if !modules.contains_key(text) {
            let module = Arc::new(Module::load(self.context(), text)?);
            modules.insert(text.clone(), Loaded { module, functions: vec![] });
        }
        let Loaded { module, functions } = modules.get_mut(text).expect("just loaded");
        if let Some((_, function)) = functions.iter().find(|(name, _)| name == entry) {
            return Ok(Arc::clone(function));
        }
        let function = Arc::new(Function::load(module, text, entry)?);
        functions.push((entry.to_owned(), Arc::clone(&function)));
        Ok(function)
    }

    /// How many modules are loaded.
    pub fn modules(&self) -> usize {
        self.lock().modules.len()
    }
}
