//! Host memory that the device copies from and to by itself, while the host goes on.
use super::{Buffer, CudaError, Gpu, pending::Kept};
use bytemuck::{AnyBitPattern, NoUninit};
use cudarc::driver::{CudaContext, result};
use std::{ffi::c_void, fmt, ptr, slice, sync::Arc};

/// Pinned host memory. The host reaches it only when no work is on the stream: [`Staging::read`] and [`Staging::write`]
/// wait for it.
#[derive(Clone)]
pub struct Staging {
    gpu: Gpu,
    pinned: Arc<Pinned>,
}

impl fmt::Debug for Staging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Staging({} bytes)", self.bytes())
    }
}

/// The allocation.
pub(super) struct Pinned {
    context: Arc<CudaContext>,
    address: *mut c_void,
    bytes: usize,
}

// SAFETY: it is memory that any thread may use; the lock of `Gpu` says when (see `Staging::with`).
unsafe impl Send for Pinned {}
// SAFETY: as above.
unsafe impl Sync for Pinned {}

impl Drop for Pinned {
    fn drop(&mut self) {
        self.context.record_err(self.context.bind_to_thread());
        // SAFETY: `malloc_host` returned it. No copy is under way: `Pending` and graphs keep what they use.
        self.context.record_err(unsafe { result::free_host(self.address) });
    }
}

impl Gpu {
    /// Allocates `bytes` bytes of pinned host memory, all 0.
    pub fn staging(&self, bytes: usize) -> Result<Staging, CudaError> {
        let context = Arc::clone(self.context());
        // SAFETY: it returns memory or an error; `Pinned` frees it.
        let address = context.bind_to_thread().and_then(|()| unsafe { result::malloc_host(bytes.max(1), 0) });
        let address = self.check("allocating pinned memory", address)?;
        // SAFETY: `bytes` bytes were just allocated here, and nobody else knows them.
        unsafe { ptr::write_bytes(address.cast::<u8>(), 0, bytes) };
        Ok(Staging { gpu: self.clone(), pinned: Arc::new(Pinned { context, address, bytes }) })
    }

    /// Copies the front of `from` to `to`, later, in the order of the stream.
    ///
    /// # Panics
    /// If `from` is shorter than `to`.
    #[track_caller]
    pub fn upload_staged(&self, to: Buffer, from: &Staging) -> Result<(), CudaError> {
        let bytes = to.bytes();
        assert!(bytes <= from.bytes(), "cuda: staging memory of {} bytes for {bytes}", from.bytes());
        let host = from.pinned.address.cast::<u8>();
        self.enqueue("uploading", Some(Kept::Pinned(Arc::clone(&from.pinned))), |stream| {
            // SAFETY: the memory is kept until the next synchronisation, and nobody writes there before it.
            unsafe {
                let host = slice::from_raw_parts(host, bytes);
                result::memcpy_htod_async(to.address(), host, stream)
            }
        })
    }

    /// Copies `from` to `to` from byte `at` on, later, in the order of the stream.
    ///
    /// # Panics
    /// If it does not fit.
    #[track_caller]
    pub fn download_staged(&self, from: Buffer, to: &Staging, at: usize) -> Result<(), CudaError> {
        let bytes = from.bytes();
        to.inside(at, bytes);
        let host = to.pinned.address.cast::<u8>().wrapping_add(at);
        self.enqueue("downloading", Some(Kept::Pinned(Arc::clone(&to.pinned))), |stream| {
            // SAFETY: the memory is kept until the next synchronisation, and nobody reads there before it.
            unsafe {
                let host = slice::from_raw_parts_mut(host, bytes);
                result::memcpy_dtoh_async(host, from.address(), stream)
            }
        })
    }
}

impl Staging {
    /// Its size.
    pub fn bytes(&self) -> usize {
        self.pinned.bytes
    }

    /// Waits for the work given so far, and copies what lies from byte `at` on to `values`.
    ///
    /// # Panics
    /// If it ends before that.
    #[track_caller]
    pub fn read<T: AnyBitPattern + NoUninit>(&self, at: usize, values: &mut [T]) -> Result<(), CudaError> {
        let values: &mut [u8] = bytemuck::cast_slice_mut(values);
        self.with(at, values.len(), |from| {
            // SAFETY: `with` gives that many bytes, which are initialised and at rest.
            unsafe { ptr::copy_nonoverlapping(from, values.as_mut_ptr(), values.len()) };
        })
    }

    /// Waits for the work given so far, and copies `values` here, from byte `at` on.
    ///
    /// # Panics
    /// If they do not fit.
    #[track_caller]
    pub fn write<T: NoUninit>(&self, at: usize, values: &[T]) -> Result<(), CudaError> {
        let values: &[u8] = bytemuck::cast_slice(values);
        self.with(at, values.len(), |to| {
            // SAFETY: `with` gives that many bytes, which nobody else uses.
            unsafe { ptr::copy_nonoverlapping(values.as_ptr(), to, values.len()) };
        })
    }

    /// Lends `bytes` bytes from `at` on while the device rests: the lock keeps others from giving it work.
    #[track_caller]
    fn with(&self, at: usize, bytes: usize, f: impl FnOnce(*mut u8)) -> Result<(), CudaError> {
        self.inside(at, bytes);
        let mut state = self.gpu.lock();
        self.gpu.synchronise_locked(&mut state)?;
        f(self.pinned.address.cast::<u8>().wrapping_add(at));
        Ok(())
    }

    #[track_caller]
    fn inside(&self, at: usize, bytes: usize) {
        let fits = at.checked_add(bytes).is_some_and(|end| end <= self.bytes());
        assert!(fits, "cuda: {bytes} bytes at {at} of staging memory of {}", self.bytes());
    }
}
