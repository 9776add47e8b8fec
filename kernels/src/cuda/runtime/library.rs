//! Which driver library this process uses: the system's, or the PTX machine, a stand-in that interprets PTX on the
//! processor. A process has one of them, from the first [`Gpu`](super::Gpu) to its end: cudarc looks symbols up once.
use super::CudaError;
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use std::{
    env,
    ffi::{CStr, CString, c_char},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// A library that is asked for only if it is loaded already (`dlopen(3)`); the same on every Linux.
const RTLD_NOLOAD: i32 = 4;

/// File of the PTX machine. Its SONAME is `libcuda.so`, so that cudarc, looking for that, is given it once it is loaded.
const FILE: &str = "libptx_machine.so";

enum Driver {
    System,
    PtxMachine(Library),
}

static DRIVER: Mutex<Option<Driver>> = Mutex::new(None);

/// Makes the system's driver this process's.
pub(super) fn use_system() -> Result<(), CudaError> {
    let mut driver = DRIVER.lock().unwrap_or_else(PoisonError::into_inner);
    match *driver {
        Some(Driver::System) => return Ok(()),
        Some(Driver::PtxMachine(_)) => {
            return Err(refused("this process runs on the PTX machine, it cannot open a card as well"));
        }
        None => {}
    }
    // SAFETY: loading a driver library runs its initialisers, which is what it is for.
    if !unsafe { cudarc::driver::sys::is_culib_present() } {
        return Err(CudaError::NoDriver);
    }
    // SAFETY: as above; it is the first name that cudarc tries.
    let first = unsafe { Library::open(Some("libcuda.so"), RTLD_NOW) };
    if first.is_ok_and(|library| is_ptx_machine(&library)) {
        return Err(refused("the driver library found is the stand-in; a card was asked for"));
    }
    *driver = Some(Driver::System);
    Ok(())
}

/// Makes the PTX machine this process's driver.
pub(super) fn use_ptx_machine() -> Result<(), CudaError> {
    let mut driver = DRIVER.lock().unwrap_or_else(PoisonError::into_inner);
    match *driver {
        Some(Driver::PtxMachine(_)) => return Ok(()),
        Some(Driver::System) => return Err(refused("this process has opened a card, it keeps the driver")),
        None => {}
    }
    for name in [c"libcuda.so.1", c"libcuda.so"] {
        if loaded(name).is_some_and(|library| !is_ptx_machine(&library)) {
            return Err(refused("the real driver library is loaded in this process already"));
        }
    }
    let path = find()?;
    // SAFETY: the stand-in has no initialisers.
    let library = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) };
    let library = library.map_err(|error| refused(&format!("{} does not load: {error}", path.display())))?;
    if !is_ptx_machine(&library) {
        return Err(refused(&format!("{} is another library", path.display())));
    }
    *driver = Some(Driver::PtxMachine(library));
    Ok(())
}

/// What the PTX machine says: `symbol` is one of its functions that return text which stays. None for a card.
pub(super) fn ptx_machine_says(symbol: &CStr) -> Option<String> {
    let driver = DRIVER.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(Driver::PtxMachine(library)) = &*driver else { return None };
    // SAFETY: the functions of the stand-in that are asked for have this type, and the text they return is ended by 0
    // and lives as long as the thread that asked.
    unsafe {
        let text = library.get::<unsafe extern "C" fn() -> *const c_char>(symbol).ok()?;
        let text = text();
        (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
    }
}

/// Tells the PTX machine the name of what this thread makes next, for its messages; a card is not told. `symbol` is one
/// of its functions that take text.
pub(super) fn tell_ptx_machine(symbol: &CStr, name: &str) {
    let driver = DRIVER.lock().unwrap_or_else(PoisonError::into_inner);
    let (Some(Driver::PtxMachine(library)), Ok(name)) = (&*driver, CString::new(name)) else { return };
    // SAFETY: the functions of the stand-in that are told names have this type, and copy the text.
    unsafe {
        if let Ok(tell) = library.get::<unsafe extern "C" fn(*const c_char)>(symbol) {
            tell(name.as_ptr());
        }
    }
}

fn refused(why: &str) -> CudaError {
    CudaError::PtxMachine(why.to_owned())
}

/// The library of this name, if this process has loaded it.
fn loaded(name: &CStr) -> Option<Library> {
    // SAFETY: nothing is loaded, so no initialiser runs.
    unsafe { Library::open(Some(name.to_str().ok()?), RTLD_NOW | RTLD_NOLOAD) }.ok()
}

fn is_ptx_machine(library: &Library) -> bool {
    // SAFETY: the symbol is looked up, not used.
    unsafe { library.get::<*const ()>(c"ptx_machine_counters") }.is_ok()
}

/// `FERROTAPE_PTX_MACHINE`, or beside the executable or in the folder above it. Where there is a `deps` that one first:
/// cargo's newest library always lies there, and only sometimes beside the binaries.
fn find() -> Result<PathBuf, CudaError> {
    if let Some(path) = env::var_os("FERROTAPE_PTX_MACHINE") {
        let path = PathBuf::from(path);
        return path.canonicalize().map_err(|error| {
            refused(&format!("FERROTAPE_PTX_MACHINE={}: {error}; expected a file {FILE}", path.display()))
        });
    }
    let executable = env::current_exe().map_err(|error| refused(&format!("where am I? {error}")))?;
    let beside = executable.parent().map(PathBuf::from).unwrap_or_default();
    let above = beside.parent().map(PathBuf::from).unwrap_or_default();
    let folders = [beside.join("deps"), beside.clone(), above.join("deps"), above];
    let found = folders.iter().map(|folder| folder.join(FILE)).find(|path| path.is_file());
    found.ok_or_else(|| {
        refused(&format!(
            "no {FILE} beside {} (nor in deps): build it with `cargo build -p ferrotape-ptx-machine`, or name it in \
             FERROTAPE_PTX_MACHINE",
            executable.display()
        ))
    })
}
