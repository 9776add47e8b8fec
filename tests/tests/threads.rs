//! Long trainings end with the same bits on any number of threads.
use ferrotape_autograd::{Adam, Device, Error, Input, Params};
use ferrotape_nn::models::{Network, TABLE_A, Variant};
use ferrotape_tests::{Task, noise, recorded};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

const IMAGES: u32 = 60;

/// The digest of all parameters after `steps` batches of `size` images.
fn train(network: &Network, size: usize, steps: usize, threads: usize) -> Result<u64, Error> {
    let device = Device::threads(threads)?;
    let task = Task { source: noise(IMAGES as usize, [3, 32, 32]), input: Input::Rgb, device };
    let params = Params::seeded(11);
    let model = network.build(&params, &Variant::default());
    let start = params.digest();
    let mut step = recorded(&task, &model, Adam::default());
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..steps {
        let batch: Vec<u32> = (0..size).map(|_| rng.random_range(0..IMAGES)).collect();
        step.run(&params, &batch)?;
    }
    let end = params.digest();
    assert_ne!(start, end, "something was learnt");
    Ok(end)
}

fn compare(network: &Network, size: usize, steps: usize) -> Result<(), Error> {
    let one = train(network, size, steps, 1)?;
    for threads in [2, 3, 7] {
        let name = network.name;
        assert_eq!(one, train(network, size, steps, threads)?, "{name}, {steps} steps on {threads} threads");
    }
    Ok(())
}

fn networks(convolutional: bool) -> impl Iterator<Item = &'static Network> {
    TABLE_A.iter().filter(move |network| network.name.starts_with("cnn") == convolutional)
}

/// The usual batch size: a sum over images has sixteen parts, of three or four images each.
#[test]
fn fully_connected() -> Result<(), Error> {
    networks(false).try_for_each(|network| compare(network, 50, 200))
}

#[test]
fn convolutional() -> Result<(), Error> {
    networks(true).try_for_each(|network| compare(network, 17, 20))
}

/// Seconds in a release build, and a minute in any other.
#[test]
#[ignore = "long: cargo test --release -p ferrotape-tests --test threads -- --ignored"]
fn convolutional_long() -> Result<(), Error> {
    networks(true).try_for_each(|network| compare(network, 50, 200))
}
