//! Device memory: arenas, the buffers in them, and moving values there and back.
use super::{CudaError, DeviceMemory, Gpu, library};
use bytemuck::{AnyBitPattern, NoUninit};
use cudarc::driver::{DriverError, result, sys::CUresult};

/// Buffers begin at multiples of this many bytes, as the driver's own allocations do: vectors and whole lines of the
/// cache are aligned in all of them.
pub const ALIGNMENT: usize = 256;

/// A range of device memory: plain data, which frees nothing and does not keep its [`Arena`] alive.
///
/// Of runs side by side it is that of the first one; the others' lie behind it, at equal distances.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    address: u64,
    bytes: usize,
    distance: usize,
}

impl Buffer {
    /// Address on the device.
    pub fn address(self) -> u64 {
        self.address
    }

    /// Its size.
    pub fn bytes(self) -> usize {
        self.bytes
    }

    /// The part of `bytes` bytes from byte `offset` on.
    ///
    /// # Panics
    /// If it does not lie inside.
    #[track_caller]
    pub fn part(self, offset: usize, bytes: usize) -> Self {
        let fits = offset.checked_add(bytes).is_some_and(|end| end <= self.bytes);
        assert!(fits, "cuda: {bytes} bytes at {offset} of a buffer of {}", self.bytes);
        Self { address: self.address + offset as u64, bytes, ..self }
    }

    /// Bytes from one replica's to the next one's; 0 where all share it.
    pub fn distance(self) -> usize {
        self.distance
    }

    /// That of the `k`-th replica behind this one.
    pub fn replica(self, k: usize) -> Self {
        Self { address: self.address + (k * self.distance) as u64, ..self }
    }

    /// Those of this and the following ones, `replicas` in all, with what lies between them.
    pub fn of_all(self, replicas: usize) -> Self {
        Self { bytes: (replicas - 1) * self.distance + self.bytes, distance: 0, ..self }
    }
}

/// Device memory that is allocated once, handed out from the front, and freed as a whole when it is dropped.
///
/// On the PTX machine every buffer is an allocation of its own (those of all replicas together), so that an access beyond one
/// buffer is not one inside the next.
#[derive(Debug)]
pub struct Arena {
    gpu: Gpu,
    bytes: usize,
    used: usize,
    /// The allocation; on the PTX machine one for each buffer.
    blocks: Vec<u64>,
}

impl Arena {
    /// What a buffer of this size takes up.
    pub fn padded(bytes: usize) -> usize {
        bytes.next_multiple_of(ALIGNMENT)
    }

    /// [`Arena::take`], with a name for the PTX machine's messages.
    #[track_caller]
    pub fn take_as(&mut self, name: &str, bytes: usize) -> Result<Buffer, CudaError> {
        library::tell_ptx_machine(c"ptx_machine_name_allocation", name);
        self.take(bytes)
    }

    /// The next `bytes` bytes. Nothing is written there.
    ///
    /// # Errors
    /// On the PTX machine, if others have taken the memory meanwhile.
    ///
    /// # Panics
    /// If the arena is too small.
    #[track_caller]
    pub fn take(&mut self, bytes: usize) -> Result<Buffer, CudaError> {
        Ok(Buffer { distance: 0, ..self.take_each(bytes, 1)? })
    }

    /// The next `bytes` bytes for each of `replicas` runs side by side.
    ///
    /// # Errors
    /// As [`Arena::take`].
    ///
    /// # Panics
    /// As [`Arena::take`].
    #[track_caller]
    pub fn take_each(&mut self, bytes: usize, replicas: usize) -> Result<Buffer, CudaError> {
        let one = Buffer { address: 0, bytes, distance: Self::padded(bytes) };
        let address = self.take_bytes(one.of_all(replicas).bytes)?;
        Ok(Buffer { address, ..one })
    }

    #[track_caller]
    fn take_bytes(&mut self, bytes: usize) -> Result<u64, CudaError> {
        let (from, free) = (self.used, self.bytes - self.used);
        assert!(
            bytes <= free,
            "cuda: {bytes} bytes asked of an arena that has {free} of {} left",
            self.bytes
        );
        self.used = (from + Self::padded(bytes)).min(self.bytes);
        Ok(if self.gpu.is_ptx_machine() {
            let block = self.gpu.allocate(bytes)?;
            self.blocks.push(block);
            block
        } else {
            self.blocks[0] + from as u64
        })
    }

    /// Bytes not handed out yet.
    pub fn free(&self) -> usize {
        self.bytes - self.used
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let context = self.gpu.context();
        for &block in &self.blocks {
            context.record_err(context.bind_to_thread());
            // SAFETY: `allocate` returned it, and nobody else frees it. The driver waits for kernels that run.
            context.record_err(unsafe { result::free_sync(block) });
        }
    }
}

impl Gpu {
    /// Allocates `bytes` bytes for buffers; see [`Arena::padded`].
    ///
    /// # Errors
    /// If the device has no room.
    pub fn arena(&self, bytes: usize) -> Result<Arena, CudaError> {
        let mut blocks = vec![];
        if self.is_ptx_machine() {
            let DeviceMemory { free, total } = self.memory()?;
            if bytes > free {
                return Err(CudaError::OutOfMemory { asked: bytes, free, total });
            }
        } else {
            blocks.push(self.allocate(bytes)?);
        }
        Ok(Arena { gpu: self.clone(), bytes, used: 0, blocks })
    }

    fn allocate(&self, bytes: usize) -> Result<u64, CudaError> {
        // The driver refuses 0 bytes; an empty buffer still has an address.
        let asked = bytes.max(1);
        // SAFETY: it returns memory or an error; the arena frees it.
        let block = self.context().bind_to_thread().and_then(|()| unsafe { result::malloc_sync(asked) });
        match block {
            Err(DriverError(CUresult::CUDA_ERROR_OUT_OF_MEMORY)) => {
                let DeviceMemory { free, total } = self.memory()?;
                Err(CudaError::OutOfMemory { asked, free, total })
            }
            block => self.check("allocating", block),
        }
    }

    /// Copies `values` to the front of `to` and waits until they are there.
    ///
    /// # Panics
    /// If they do not fit.
    #[track_caller]
    pub fn upload<T: NoUninit>(&self, to: Buffer, values: &[T]) -> Result<(), CudaError> {
        let to = to.part(0, size_of_val(values));
        self.wait_for("uploading", |stream| {
            // SAFETY: the slice is borrowed until the copy is done: `wait_for` waits.
            unsafe { result::memcpy_htod_async(to.address, values, stream) }
        })
    }

    /// Waits for the work given so far and copies the front of `from` to `values`.
    ///
    /// # Panics
    /// If `from` is shorter.
    #[track_caller]
    pub fn download<T: AnyBitPattern>(&self, from: Buffer, values: &mut [T]) -> Result<(), CudaError> {
        let from = from.part(0, size_of_val(values));
        self.wait_for("downloading", |stream| {
            // SAFETY: the slice is borrowed until the copy is done: `wait_for` waits. Any bits are a `T`.
            unsafe { result::memcpy_dtoh_async(values, from.address, stream) }
        })
    }

    /// Sets every byte of `to`.
    pub fn fill(&self, to: Buffer, byte: u8) -> Result<(), CudaError> {
        self.enqueue("filling", None, |stream| {
            if to.bytes == 0 {
                return Ok(());
            }
            // SAFETY: device memory; see `Gpu` on addresses.
            unsafe { result::memset_d8_async(to.address, byte, to.bytes, stream) }
        })
    }

    /// Copies `from` to `to`.
    ///
    /// # Panics
    /// If their sizes differ.
    #[track_caller]
    pub fn copy(&self, to: Buffer, from: Buffer) -> Result<(), CudaError> {
        assert_eq!(to.bytes, from.bytes, "cuda: sizes of the two sides of a copy");
        self.enqueue("copying", None, |stream| {
            if to.bytes == 0 {
                return Ok(());
            }
            // SAFETY: device memory; see `Gpu` on addresses.
            unsafe { result::memcpy_dtod_async(to.address, from.address, to.bytes, stream) }
        })
    }
}
