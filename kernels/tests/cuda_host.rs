//! The host side of CUDA, on the PTX machine; with `DEVICE=gpu` on a card.
#![cfg(feature = "cuda")]
use ferrotape_kernels::cuda::{Arg, CudaError, Gpu, Launch, Text, testing::test_gpu};
use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

const SAXPY: Text = Text::File("tests/cuda/saxpy.ptx", include_str!("cuda/saxpy.ptx"));

/// Operand and output of a launch, at these addresses.
fn at(x: u64, y: u64) -> impl Fn(Arg) -> u64 {
    move |arg| match arg {
        Arg::X(0) => x,
        Arg::Y(0) => y,
        _ => panic!("{arg:?}"),
    }
}

fn saxpy(n: u32, a: f32) -> Launch {
    Launch::each(SAXPY, "saxpy", n as usize, 128, vec![Arg::X(0), Arg::Y(0), Arg::F32(a), Arg::U32(n)])
}

#[test]
fn saxpy_runs() {
    let Some(gpu) = test_gpu() else { return };
    let n = 1000;
    let mut arena = gpu.arena(2 * 4096).unwrap();
    let (x, y) = (arena.take(4 * n).unwrap(), arena.take(4 * n).unwrap());
    let values: Vec<f32> = (0..n).map(|i| i as f32).collect();
    gpu.upload(x, &values).unwrap();
    gpu.fill(y, 0).unwrap();
    let launch = gpu.resolve(&saxpy(n as u32, 0.5), at(x.address(), y.address())).unwrap();
    gpu.launch(&launch).unwrap();
    gpu.launch(&launch).unwrap();
    let mut found = vec![f32::NAN; n];
    gpu.download(y, &mut found).unwrap();
    assert_eq!(found, values);
    assert_eq!(gpu.counters().is_some(), gpu.is_ptx_machine());
    if let Some(counters) = gpu.counters() {
        assert!(counters.contains("tests/cuda/saxpy.ptx: saxpy: "), "{counters}");
        assert!(counters.contains("f32 fma"), "{counters}");
    }
}

#[test]
fn a_module_is_loaded_once() {
    let Some(gpu) = test_gpu() else { return };
    for n in 1..4 {
        gpu.resolve(&saxpy(n, 1.0), at(256, 256)).unwrap();
    }
    assert_eq!(gpu.modules(), 1);
    let other = Text::Made("copy".into(), SAXPY.ptx().into());
    gpu.resolve(&Launch::new(other, "count", 1, 1, vec![Arg::X(0)]), at(256, 256)).unwrap();
    assert_eq!(gpu.modules(), 2);
}

#[test]
fn arguments_are_checked_against_the_kernel() {
    let Some(gpu) = test_gpu() else { return };
    let panics = |args: Vec<Arg>| {
        let launch = Launch::new(SAXPY, "saxpy", 1, 32, args);
        let resolve = std::panic::AssertUnwindSafe(|| gpu.resolve(&launch, at(256, 256)).map(drop));
        let panic = std::panic::catch_unwind(resolve).expect_err("refused");
        panic.downcast_ref::<String>().expect("a message").clone()
    };
    let few = panics(vec![Arg::X(0), Arg::Y(0), Arg::F32(1.0)]);
    assert!(few.contains("saxpy.ptx: saxpy: number of arguments"), "{few}");
    let swapped = panics(vec![Arg::X(0), Arg::Y(0), Arg::U32(1), Arg::F32(1.0)]);
    assert!(swapped.contains("saxpy.ptx: saxpy: argument 2 (left) and its parameter a"), "{swapped}");
}

#[test]
fn text_that_is_no_ptx() {
    let Some(gpu) = test_gpu() else { return };
    let text =
        ".version 7.0\n.target sm_75\n.address_size 64\n.visible .entry k() {\n  frobnicate.u32 %r1;\n}\n";
    let launch = Launch::new(Text::Made("wrong".into(), text.into()), "k", 1, 1, vec![]);
    let error = gpu.resolve(&launch, |_| 0).unwrap_err();
    assert!(matches!(error, CudaError::Module { .. }));
    let error = error.to_string();
    assert!(error.starts_with("cuda: module wrong does not load (CUDA_ERROR_INVALID_PTX"), "{error}");
    // The driver's compiler says «line 5», the machine «wrong:5:3».
    assert!(error.contains("line 5") || error.contains("wrong:5:3"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn shared_memory_beyond_48_kib() {
    let Some(gpu) = test_gpu() else { return };
    let mut arena = gpu.arena(256).unwrap();
    let sum = arena.take(4).unwrap();
    let words = 60 * 1024 / 4;
    let mut launch = Launch::new(SAXPY, "shared_sum", 1, 1, vec![Arg::Y(0), Arg::U32(words)]);
    launch.shared = 4 * words;
    gpu.launch(&gpu.resolve(&launch, at(0, sum.address())).unwrap()).unwrap();
    let mut found = [0_u32];
    gpu.download(sum, &mut found).unwrap();
    assert_eq!(found, [words * (words - 1) / 2]);
    let mut both = Launch::new(SAXPY, "static_and_dynamic", 1, 1, vec![Arg::Y(0)]);
    both.shared = 16 * 1024;
    gpu.launch(&gpu.resolve(&both, at(0, sum.address())).unwrap()).unwrap();
    gpu.download(sum, &mut found).unwrap();
    assert_eq!(found, [6]);
    launch.shared = 1 << 20;
    let error = gpu.resolve(&launch, at(0, sum.address())).unwrap_err().to_string();
    assert!(error.contains("dynamic shared memory") && error.contains("CUDA_ERROR_INVALID_VALUE"), "{error}");
}

#[test]
fn a_launch_that_no_card_takes() {
    let Some(gpu) = test_gpu() else { return };
    let mut launch = Launch::new(SAXPY, "count", 1, 2048, vec![Arg::X(0)]);
    let error = gpu.launch(&gpu.resolve(&launch, at(256, 0)).unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("cuda: launching a kernel failed: CUDA_ERROR_INVALID_VALUE"), "{error}");
    assert!(error.ends_with("(tests/cuda/saxpy.ptx: count <<<[1, 1, 1], [2048, 1, 1], 0>>>)"), "{error}");
    (launch.block, launch.grid) = ([32, 1, 1], [1, 70_000, 1]);
    gpu.launch(&gpu.resolve(&launch, at(256, 0)).unwrap()).unwrap_err();
    gpu.synchronise().expect("a refused launch breaks nothing");
}

#[test]
fn a_graph_runs_a_hundred_times() {
    let Some(gpu) = test_gpu() else { return };
    let n = 300;
    let mut arena = gpu.arena(4 * 2048).unwrap();
    let (x, y) = (arena.take(4 * n).unwrap(), arena.take(4 * n).unwrap());
    let (counter, copy) = (arena.take(8).unwrap(), arena.take(8).unwrap());
    let (staged, result) = (gpu.staging(4 * n).unwrap(), gpu.staging(8).unwrap());
    staged.write(0, &vec![1_f32; n]).unwrap();
    gpu.fill(y, 0).unwrap();
    gpu.fill(counter, 0).unwrap();
    let saxpy = gpu.resolve(&saxpy(n as u32, 2.0), at(x.address(), y.address())).unwrap();
    let count = Launch::new(SAXPY, "count", 1, 1, vec![Arg::X(0)]);
    let count = gpu.resolve(&count, at(counter.address(), 0)).unwrap();
    let graph = gpu
        .capture(|gpu| {
            gpu.upload_staged(x, &staged)?;
            gpu.launch(&saxpy)?;
            gpu.launch(&count)?;
            gpu.copy(copy, counter)?;
            gpu.download_staged(copy, &result, 0)
        })
        .unwrap();
    let mut counted = [7_u64];
    gpu.download(counter, &mut counted).unwrap();
    assert_eq!(counted, [0], "capturing runs nothing");
    for _ in 0..100 {
        graph.launch().unwrap();
    }
    result.read(0, &mut counted).unwrap();
    assert_eq!(counted, [100]);
    let mut sums = vec![0_f32; n];
    gpu.download(y, &mut sums).unwrap();
    assert_eq!(sums, vec![200.0; n]);
    // What lies in staging memory is read at every launch.
    staged.write(0, &vec![-100_f32; n]).unwrap();
    graph.launch().unwrap();
    gpu.download(y, &mut sums).unwrap();
    assert_eq!(sums, vec![0.0; n]);
}

#[test]
fn what_is_forbidden_while_capturing() {
    let Some(gpu) = test_gpu() else { return };
    let mut arena = gpu.arena(512).unwrap();
    let (x, y) = (arena.take(4).unwrap(), arena.take(4).unwrap());
    let launch = gpu.resolve(&saxpy(1, 1.0), at(x.address(), y.address())).unwrap();
    type Act = fn(&Gpu) -> Result<(), CudaError>;
    let acts: [(&str, Act); 4] = [
        ("allocating", |gpu| gpu.arena(64).and_then(|mut arena| arena.take(64)).map(drop)),
        ("allocating pinned memory", |gpu| gpu.staging(64).map(drop)),
        ("synchronising", Gpu::synchronise),
        ("loading a module", |gpu| {
            let text = Text::Made("another".into(), SAXPY.ptx().into());
            gpu.resolve(&Launch::new(text, "count", 1, 1, vec![Arg::X(0)]), |_| 256).map(drop)
        }),
    ];
    for (call, act) in acts {
        // Of these a card's driver says nothing certain.
        if !gpu.is_ptx_machine() && ["allocating pinned memory", "loading a module"].contains(&call) {
            continue;
        }
        let error = gpu.capture(act).map(drop).unwrap_err();
        assert!(
            matches!(&error, CudaError::Capture { call: found, .. } if *found == call),
            "{call}: {error}"
        );
        // Whoever does not look at the error is told at the end.
        let error = gpu.capture(|gpu| {
            let _ = act(gpu);
            Ok(())
        });
        assert!(matches!(error.map(drop), Err(CudaError::Capture { call: "capturing", .. })), "{call}");
    }
    let error = gpu.capture(|gpu| gpu.upload(x, &[1_f32])).map(drop).unwrap_err();
    assert!(matches!(error, CudaError::Capture { .. }), "{error}");
    // And the stream is as before.
    gpu.upload(x, &[1_f32]).unwrap();
    gpu.upload(y, &[1_f32]).unwrap();
    gpu.capture(|gpu| gpu.launch(&launch)).unwrap().launch().unwrap();
    let mut sum = [0_f32];
    gpu.download(y, &mut sum).unwrap();
    assert_eq!(sum, [2.0]);
}

#[test]
fn another_thread_may_allocate_meanwhile() {
    let (Some(gpu), Some(other)) = (test_gpu(), test_gpu()) else { return };
    let graph = gpu.capture(|_| {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let mut arena = other.arena(64)?;
                let buffer = arena.take(64)?;
                other.upload(buffer, &[1_u8; 64])
            });
            other.join().expect("no panic")
        })
    });
    graph.unwrap().launch().unwrap();
    gpu.synchronise().unwrap();
}

#[test]
fn a_panic_ends_the_capture() {
    let Some(gpu) = test_gpu() else { return };
    let capture = std::panic::AssertUnwindSafe(|| gpu.capture(|_| panic!("on purpose")).map(drop));
    std::panic::catch_unwind(capture).unwrap_err();
    gpu.synchronise().unwrap();
}

#[test]
fn time_is_measured() {
    let Some(gpu) = test_gpu() else { return };
    let mut arena = gpu.arena(1 << 20).unwrap();
    let buffer = arena.take(1 << 20).unwrap();
    let (n, ms) = gpu.time(|| gpu.fill(buffer, 1).map(|()| 3)).unwrap();
    assert_eq!(n, 3);
    assert!(ms > 0.0 && ms < 60_000.0, "{ms}");
}

#[test]
fn what_the_device_is() {
    let Some(gpu) = test_gpu() else { return };
    assert!(gpu.compute_capability() >= (7, 5));
    assert!(gpu.multiprocessors() > 0);
    let memory = gpu.memory().unwrap();
    assert!(memory.free <= memory.total);
    assert_eq!(gpu.is_ptx_machine(), gpu.name().starts_with("PTX machine"));
    if gpu.is_ptx_machine() {
        // One process has one driver.
        let error = Gpu::open(0).unwrap_err().to_string();
        assert!(error.contains("this process runs on the PTX machine"), "{error}");
    }
}

/// Runs test `name`, one of those that only a child runs, in a process of its own: a broken context stays broken.
fn child(name: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"]);
    command.envs(variables.iter().copied()).output().unwrap()
}

/// The child's test passed, and this is what it wrote.
#[track_caller]
fn passed(output: Output) -> String {
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    text
}

#[test]
fn a_fault_names_kernel_and_line() {
    if test_gpu().is_none() {
        return;
    }
    passed(child("child_fault", &[]));
}

#[test]
#[ignore = "run by a_fault_names_kernel_and_line"]
fn child_fault() {
    let gpu = test_gpu().unwrap();
    let mut arena = gpu.arena(256).unwrap();
    let y = arena.take_as("sixteen words", 64).unwrap();
    // A card notices only what leaves its pages.
    let beyond = if gpu.is_ptx_machine() { y.address() } else { 1 << 50 };
    let launch = Launch::new(SAXPY, "beyond", 1, 32, vec![Arg::Y(0), Arg::U32(16)]);
    gpu.launch(&gpu.resolve(&launch, at(0, beyond)).unwrap()).expect("the fault shows later");
    let error = gpu.synchronise().unwrap_err();
    let CudaError::Kernel { code, kernels } = &error else { panic!("{error}") };
    assert_eq!(kernels, "tests/cuda/saxpy.ptx: beyond");
    assert!(code.starts_with("CUDA_ERROR_ILLEGAL_ADDRESS"), "{error}");
    if gpu.is_ptx_machine() {
        let line = SAXPY.ptx().lines().position(|line| line.contains("st.global.u32 [%y], %i")).unwrap() + 1;
        let place =
            format!("tests/cuda/saxpy.ptx:{line}: kernel `beyond`, block (0, 0, 0), thread (16, 0, 0)");
        assert!(code.contains(&place), "{error}");
        assert!(code.contains("4 bytes at byte 64 of `sixteen words`, which has 64"), "{error}");
    }
    // Nothing works any more.
    assert!(matches!(gpu.fill(y, 0), Err(CudaError::Kernel { .. })));
}

#[test]
fn out_of_memory_says_how_much_there_is() {
    if test_gpu().is_none() {
        return;
    }
    passed(child("child_out_of_memory", &[("PTX_MACHINE_MEMORY", "100000")]));
}

#[test]
#[ignore = "run by out_of_memory_says_how_much_there_is"]
fn child_out_of_memory() {
    let gpu = test_gpu().unwrap();
    let bytes = gpu.memory().unwrap().total + 1;
    let error = gpu.arena(bytes).and_then(|mut arena| arena.take(bytes).map(drop)).unwrap_err();
    let CudaError::OutOfMemory { asked, free, total } = error else { panic!("{error}") };
    assert_eq!((asked, total), (bytes, bytes - 1));
    assert!(free <= total);
    if gpu.is_ptx_machine() {
        assert_eq!(total, 100_000);
    }
    gpu.arena(256).unwrap().take(256).expect("smaller things still fit");
}

#[test]
fn a_memory_size_that_is_none() {
    let output = child("child_memory_size", &[("PTX_MACHINE_MEMORY", "lots")]);
    let text = passed(output);
    assert!(text.contains("PTX_MACHINE_MEMORY=lots: expected a number of bytes"), "{text}");
}

#[test]
#[ignore = "run by a_memory_size_that_is_none"]
fn child_memory_size() {
    println!("{}", Gpu::ptx_machine().unwrap_err());
}

#[test]
fn no_driver_is_one_clear_line() {
    passed(child("child_no_driver", &[]));
}

#[test]
#[ignore = "run by no_driver_is_one_clear_line"]
fn child_no_driver() {
    match Gpu::open(99) {
        Err(CudaError::NoDriver) => {
            assert_eq!(
                CudaError::NoDriver.to_string(),
                "cuda: no NVIDIA driver here (libcuda.so.1 cannot be loaded)"
            );
        }
        // A machine that has one, but not a hundred cards.
        Err(CudaError::NoDevice { ordinal: 99, .. }) => {
            let error = Gpu::ptx_machine().unwrap_err().to_string();
            assert!(error.contains("this process has opened a card"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

/// A folder with `from` under the name of the driver library.
fn folder_with_driver(from: &Path) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::copy(from, folder.path().join("libcuda.so")).unwrap();
    folder
}

#[test]
fn a_broken_driver_is_one_clear_line() {
    // The C library is none of NVIDIA's.
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let libc =
        maps.lines().filter_map(|line| line.split_whitespace().last()).find(|path| path.contains("/libc.so"));
    let folder = folder_with_driver(Path::new(libc.expect("a dynamic executable")));
    passed(child("child_broken_driver", &[("LD_LIBRARY_PATH", folder.path().to_str().unwrap())]));
}

#[test]
#[ignore = "run by a_broken_driver_is_one_clear_line"]
fn child_broken_driver() {
    let error = Gpu::open(0).unwrap_err().to_string();
    assert!(
        error.starts_with("cuda: the NVIDIA driver is here but does not work: Missing symbol cuInit"),
        "{error}"
    );
    assert!(!error.contains('\n'), "{error}");
    let error = Gpu::ptx_machine().unwrap_err().to_string();
    assert_eq!(error, "PTX machine: this process has opened a card, it keeps the driver");
}

#[test]
fn the_stand_in_is_no_card() {
    let machine = env::current_exe().unwrap().with_file_name("libptx_machine.so");
    let folder = folder_with_driver(&machine);
    passed(child("child_stand_in", &[("LD_LIBRARY_PATH", folder.path().to_str().unwrap())]));
}

#[test]
#[ignore = "run by the_stand_in_is_no_card"]
fn child_stand_in() {
    let error = Gpu::open(0).unwrap_err().to_string();
    assert_eq!(error, "PTX machine: the driver library found is the stand-in; a card was asked for");
}

#[test]
fn no_ptx_machine_is_one_clear_line() {
    let text = passed(child("child_no_machine", &[("FERROTAPE_PTX_MACHINE", "/nowhere/lib.so")]));
    assert!(text.contains("PTX machine: FERROTAPE_PTX_MACHINE=/nowhere/lib.so: No such file"), "{text}");
    assert!(text.contains("expected a file libptx_machine.so"), "{text}");
}

#[test]
#[ignore = "run by no_ptx_machine_is_one_clear_line"]
fn child_no_machine() {
    println!("{}", Gpu::ptx_machine().unwrap_err());
}

#[test]
fn leaks_are_reported_at_the_end() {
    if !test_gpu().is_some_and(|gpu| gpu.is_ptx_machine()) {
        return;
    }
    let text = passed(child("child_leak", &[]));
    let line = "PTX machine: not freed: 1 allocations of 100 bytes on the device, 0 of 0 on the host";
    assert!(text.contains(line), "{text}");
}

#[test]
#[ignore = "run by leaks_are_reported_at_the_end"]
fn child_leak() {
    let gpu = test_gpu().unwrap();
    let context = cudarc::driver::CudaContext::new(0).unwrap();
    // SAFETY: nobody uses it.
    unsafe { cudarc::driver::result::malloc_sync(100) }.unwrap();
    drop(gpu);
    drop(context);
}
