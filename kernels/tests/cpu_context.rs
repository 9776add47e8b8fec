//! Contexts, and the environment variables that choose them.
use ferrotape_kernels::{Cpu, CpuError, Isa, Pool};
use std::{env, process::Command};

#[test]
fn contexts_share_threads() {
    let pool = Pool::new(3);
    let cpu = Cpu::with_isa(&pool, Isa::Scalar).unwrap();
    assert_eq!((cpu.threads(), cpu.isa().to_string()), (3, "scalar".to_owned()));
    assert_eq!(cpu.clone().threads(), 3);
    assert_eq!(Cpu::new(0).unwrap_err(), CpuError::NoThreads);
    for isa in Isa::ALL {
        let cpu = Cpu::with_isa(&pool, isa);
        assert_eq!(cpu.is_ok(), isa.is_available(), "{isa}");
        assert_eq!(Isa::from_name(isa.name()), Some(isa));
    }
}

#[test]
fn contexts_can_be_sent() {
    fn send<T: Send>() {}
    send::<Cpu>();
}

/// Not a test: what [`the_environment_chooses`] runs in a process of its own.
#[test]
#[ignore = "run by the_environment_chooses"]
fn print_the_shared_context() {
    match Cpu::shared_pool() {
        Ok(cpu) => println!("<{} {}>", cpu.isa(), cpu.threads()),
        Err(e) => println!("<{e}>"),
    }
}

#[test]
fn the_environment_chooses() {
    let said = |variables: &[(&str, &str)]| {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "print_the_shared_context", "--ignored", "--nocapture"]);
        child.env_remove("FERROTAPE_ISA").env_remove("FERROTAPE_THREADS").envs(variables.iter().copied());
        let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
        let (from, to) = (output.find('<').unwrap(), output.find('>').unwrap());
        output[from + 1..to].to_owned()
    };
    assert!(said(&[]).starts_with(Isa::best().name()));
    assert_eq!(said(&[("FERROTAPE_ISA", "scalar"), ("FERROTAPE_THREADS", "3")]), "scalar 3");
    assert_eq!(
        said(&[("FERROTAPE_ISA", "sse")]),
        "FERROTAPE_ISA=sse: unknown instruction set, expected scalar, neon, avx2 or avx512"
    );
    let missing = if cfg!(target_arch = "aarch64") { "avx512" } else { "neon" };
    let text = said(&[("FERROTAPE_ISA", missing)]);
    assert_eq!(text, format!("this processor has no {missing}; it has {}", Isa::best()));
    assert_eq!(
        said(&[("FERROTAPE_THREADS", "0")]),
        "FERROTAPE_THREADS=0: expected a number of threads, at least 1"
    );
}
