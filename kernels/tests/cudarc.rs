//! Host code written for cudarc runs on the PTX machine as it is: its own slices, launches and graphs, on the default
//! stream and others.
#![cfg(feature = "cuda")]
use cudarc::{
    driver::{
        CudaContext, DriverError, LaunchConfig, PushKernelArg, result,
        sys::{CUevent_flags, CUgraphInstantiate_flags, CUresult, CUstreamCaptureMode},
    },
    nvrtc::Ptx,
};
use ferrotape_kernels::cuda::testing::test_gpu;
use std::{
    slice,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

const SAXPY: &str = include_str!("cuda/saxpy.ptx");

/// One test at a time: cudarc synchronises the whole context when it makes a stream, which spoils any capture.
static TURN: Mutex<()> = Mutex::new(());

/// The context, as a program that knows nothing of the PTX machine gets it.
fn context() -> Option<(Arc<CudaContext>, MutexGuard<'static, ()>)> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    test_gpu().map(|_| (CudaContext::new(0).unwrap(), turn))
}

#[test]
fn slices_and_a_launch() {
    let Some((context, _turn)) = context() else { return };
    let module = context.load_module(Ptx::from_src(SAXPY)).unwrap();
    let saxpy = module.load_function("saxpy").unwrap();
    let n = 1000_u32;
    let values: Vec<f32> = (0..n).map(|i| i as f32).collect();
    let fork = context.default_stream().fork().unwrap();
    for stream in [context.default_stream(), context.new_stream().unwrap(), fork] {
        let x = stream.clone_htod(&values).unwrap();
        let mut y = stream.alloc_zeros::<f32>(n as usize).unwrap();
        let mut launch = stream.launch_builder(&saxpy);
        launch.arg(&x).arg(&mut y).arg(&3_f32).arg(&n);
        // SAFETY: the arguments are the kernel's.
        unsafe { launch.launch(LaunchConfig::for_num_elems(n)) }.unwrap();
        let found = stream.clone_dtoh(&stream.clone_dtod(&y).unwrap()).unwrap();
        assert!(found.iter().zip(&values).all(|(y, x)| *y == 3.0 * x));
    }
}

#[test]
fn a_graph_of_slices() {
    let Some((context, _turn)) = context() else { return };
    // SAFETY: one stream only.
    unsafe { context.disable_event_tracking() };
    let module = context.load_module(Ptx::from_src(SAXPY)).unwrap();
    let count = module.load_function("count").unwrap();
    let stream = context.new_stream().unwrap();
    let mut counter = stream.alloc_zeros::<u64>(1).unwrap();
    let [begin, end] = [(); 2].map(|()| context.new_event(Some(CUevent_flags::CU_EVENT_DEFAULT)).unwrap());
    stream.begin_capture(CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL).unwrap();
    let one = LaunchConfig { grid_dim: (1, 1, 1), block_dim: (1, 1, 1), shared_mem_bytes: 0 };
    // SAFETY: the argument is the kernel's.
    unsafe { stream.launch_builder(&count).arg(&mut counter).launch(one) }.unwrap();
    let graph = stream.end_capture(CUgraphInstantiate_flags(0)).unwrap().expect("a graph");
    begin.record(&stream).unwrap();
    for _ in 0..100 {
        graph.launch().unwrap();
    }
    end.record(&stream).unwrap();
    assert!(begin.elapsed_ms(&end).unwrap() > 0.0);
    assert_eq!(stream.clone_dtoh(&counter).unwrap(), [100]);
}

#[test]
fn cooperative_launches_have_a_limit() {
    let Some((context, _turn)) = context() else { return };
    let module = context.load_module(Ptx::from_src(SAXPY)).unwrap();
    let count = module.load_function("count").unwrap();
    let stream = context.new_stream().unwrap();
    let mut counter = stream.alloc_zeros::<u64>(1).unwrap();
    let mut launch = |blocks| {
        let config = LaunchConfig { grid_dim: (blocks, 1, 1), block_dim: (1, 1, 1), shared_mem_bytes: 0 };
        // SAFETY: the argument is the kernel's.
        unsafe { stream.launch_builder(&count).arg(&mut counter).launch_cooperative(config) }
    };
    let Err(DriverError(code)) = launch(1 << 20) else { panic!("a million blocks at once") };
    assert_eq!(code, CUresult::CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
    assert!(count.occupancy_max_active_blocks_per_multiprocessor(1024, 0, None).unwrap() >= 1);
    launch(1).unwrap();
    stream.synchronize().unwrap();
}

#[track_caller]
fn refused<T>(code: CUresult, answer: Result<T, DriverError>) {
    let DriverError(found) = answer.map(drop).expect_err("refused");
    assert_eq!(found, code);
}

#[test]
fn wrong_addresses_and_handles() {
    let Some((context, _turn)) = context() else { return };
    let stream = context.new_stream().unwrap();
    let mut eight = [0_u8; 8];
    // SAFETY: wrong on purpose; the device's memory is touched, at most.
    unsafe {
        let block = result::malloc_sync(4).unwrap();
        refused(CUresult::CUDA_ERROR_INVALID_VALUE, result::memcpy_htod_sync(block, &eight));
        refused(CUresult::CUDA_ERROR_INVALID_VALUE, result::memcpy_dtoh_sync(&mut eight, block));
        result::free_sync(block).unwrap();
        refused(CUresult::CUDA_ERROR_INVALID_VALUE, result::free_sync(block));
    }
    let (timed, untimed) =
        (context.new_event(Some(CUevent_flags::CU_EVENT_DEFAULT)), context.new_event(None));
    let (timed, untimed) = (timed.unwrap(), untimed.unwrap());
    refused(CUresult::CUDA_ERROR_INVALID_HANDLE, timed.elapsed_ms(&timed));
    timed.record(&stream).unwrap();
    untimed.record(&stream).unwrap();
    refused(CUresult::CUDA_ERROR_INVALID_HANDLE, timed.elapsed_ms(&untimed));
    let module = context.load_module(Ptx::from_src(SAXPY)).unwrap();
    refused(CUresult::CUDA_ERROR_NOT_FOUND, module.load_function("daxpy"));
}

#[test]
fn a_graph_keeps_no_memory_of_the_host() {
    let Some((context, _turn)) = context() else { return };
    // SAFETY: one stream only.
    unsafe { context.disable_event_tracking() };
    let stream = context.new_stream().unwrap();
    let zeros = stream.alloc_zeros::<u8>(8).unwrap();
    // SAFETY: 8 bytes, freed once, below; the copies end before that.
    let pinned = unsafe { slice::from_raw_parts_mut(result::malloc_host(8, 0).unwrap().cast::<u8>(), 8) };
    let address = pinned.as_mut_ptr().cast();
    stream.begin_capture(CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL).unwrap();
    stream.memcpy_dtoh(&zeros, pinned).unwrap();
    let graph = stream.end_capture(CUgraphInstantiate_flags(0)).unwrap().expect("a graph");
    graph.launch().unwrap();
    stream.synchronize().unwrap();
    assert_eq!(pinned, [0; 8]);
    // SAFETY: nobody looks there any more.
    unsafe { result::free_host(address) }.unwrap();
    if context.name().unwrap().starts_with("PTX machine") {
        refused(CUresult::CUDA_ERROR_INVALID_VALUE, graph.launch());
    }
}

#[test]
fn what_the_driver_forbids_while_capturing() {
    let Some((context, _turn)) = context() else { return };
    // SAFETY: one stream only.
    unsafe { context.disable_event_tracking() };
    let stream = context.new_stream().unwrap();
    let mut slice = stream.alloc_zeros::<u8>(4).unwrap();
    let pageable = vec![1_u8; 4];
    let begin = || stream.begin_capture(CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    let end = || stream.end_capture(CUgraphInstantiate_flags(0)).map(drop);

    begin().unwrap();
    refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, stream.memcpy_htod(&pageable, &mut slice));
    refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, stream.memset_zeros(&mut slice));
    refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, end());

    begin().unwrap();
    refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, context.default_stream().memset_zeros(&mut slice));
    refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, end());

    let outside = stream.record_event(None).unwrap();
    begin().unwrap();
    refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_ISOLATION, stream.wait(&outside));
    refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, end());

    begin().unwrap();
    std::thread::scope(|scope| {
        let other = || refused(CUresult::CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, end());
        scope.spawn(other).join().expect("refused there");
    });
    let event = stream.record_event(None).unwrap();
    refused(CUresult::CUDA_ERROR_INVALID_VALUE, begin());
    end().unwrap();
    refused(CUresult::CUDA_ERROR_CAPTURED_EVENT, event.synchronize());
    stream.synchronize().unwrap();
}
