//! For tests: the device to test on.
use super::{CudaError, Gpu};
use std::{env, io::Write};

/// The PTX machine; with `DEVICE=gpu` card 0.
///
/// Without a card it says so and returns none, and the test is skipped; with `GPU_REQUIRED=1` it panics.
///
/// # Panics
/// If the PTX machine does not load: the crate under test needs `ferrotape-ptx-machine` among its dev-dependencies.
pub fn test_gpu() -> Option<Gpu> {
    let required = env::var_os("GPU_REQUIRED").is_some_and(|value| value == "1");
    match env::var("DEVICE").as_deref() {
        Ok("gpu") => match Gpu::open(0) {
            Ok(gpu) => Some(gpu),
            Err(CudaError::NoDriver | CudaError::NoDevice { .. }) if !required => {
                // Past the test harness, which hides what passing tests print.
                let why = "DEVICE=gpu, and there is no card; GPU_REQUIRED=1 makes this a failure";
                let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {why} ***");
                None
            }
            Err(error) => panic!("DEVICE=gpu: {error}"),
        },
        Ok(device) if device != "ptx" => panic!("DEVICE={device}: expected gpu or ptx"),
        _ if required => panic!("GPU_REQUIRED=1 without DEVICE=gpu: nothing would run on a card"),
        _ => Some(Gpu::ptx_machine().unwrap_or_else(|error| panic!("{error}"))),
    }
}
