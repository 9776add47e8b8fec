//! A hundred Adam steps of every network of table A, in f32 and in f64, against PyTorch's.
//!
//! `cargo run --release -p ferrotape-tests --example step_parity` (a few minutes: the f64 machine is plain loops).
//! CIFAR-10 is read where `FERROTAPE_CIFAR10` says; on synthetic images the losses are others, the agreement the same.
use anyhow::{Context, Result};
use ferrotape_nn::models::TABLE_A;
use ferrotape_tests::{photographs, pytorch};
use std::time::Instant;

fn main() -> Result<()> {
    println!("{}", photographs()?.description);
    let dir = tempfile::tempdir()?;
    for network in TABLE_A {
        let started = Instant::now();
        pytorch::export_steps(dir.path(), network, 100)?;
        println!("{}: {:.1} s", network.name, started.elapsed().as_secs_f64());
    }
    let table = pytorch::run("step_parity.py", &["--dir"], dir.path())?;
    println!("{}", table.context("there is nothing to compare with")?);
    Ok(())
}
