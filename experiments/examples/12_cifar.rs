//! A whole run: images, splits, network, training with validation, test, weights in a file that PyTorch loads.
//!
//! ```text
//! synthetic: 3600 images to learn from
//! step 72     validation: loss ~1.392, ~35.5 %
//! step 144    validation: loss ~1.082, ~45.2 %
//! step 216    validation: loss ~0.925, ~49.5 %
//! step 288    validation: loss ~0.788, ~54.8 %
//! 288 steps in ~7.1 s; test: ~51.9 %
//! 11394 weights written and read back
//! ```
//!
//! Without arguments: a short run on built-in images, which leaves nothing behind. In earnest, on CIFAR-10 in the folder DIR:
//! `cargo run --release -p ferrotape-experiments --example 12_cifar -- --data-dir DIR --epochs 15 --weights cnn_3.safetensors`;
//! `--bin part3` does it for all networks, with figures.
use anyhow::{Context, Result};
use clap::Parser;
use ferrotape_autograd::{Adam, Device, Input, Params};
use ferrotape_data::{Choice, Holdout, resolve, split, synthetic::Recipe};
use ferrotape_experiments::evaluate::{Images, score};
use ferrotape_experiments::progress::{Mode, Progress};
use ferrotape_experiments::train::{Protocol, Splits, train};
use ferrotape_nn::models::{Network, TABLE_A, Variant};
use ferrotape_nn::state_dict;
use std::{ops::ControlFlow, path::PathBuf};

#[derive(Parser)]
struct Args {
    /// Folder with `cifar-10-batches-bin/` in it.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    #[arg(long, default_value_t = 4)]
    epochs: u64,
    /// File to write the weights to.
    #[arg(long)]
    weights: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let temporary = tempfile::tempdir()?;
    let (choice, dir) = match &args.data_dir {
        Some(dir) => (Choice::Cifar10, dir.as_path()),
        None => (Choice::Synthetic, temporary.path()),
    };
    let recipe = Recipe { train_per_file: 800, test: 1000, ..Recipe::default() };
    let data = resolve(choice, dir, &recipe, &mut |_| ControlFlow::Continue(()))?;
    let source = &data.train;
    let (training, validation) = split::balanced(&**source, Holdout::Percent(10), 7)?;
    let of = |indices| Images { source: source.clone(), indices };
    let test = Images::all(data.test.clone());
    let splits = Splits { train: of(training), validation: of(validation), test, input: Input::Rgb };
    println!("{}: {} images to learn from", data.name, splits.train.len());

    let params = Params::seeded(7);
    let network = Network::find(TABLE_A, "cnn_3").context("in the table")?;
    let model = network.build(&params, &Variant::default());

    let protocol = Protocol { epochs: args.epochs, eval_every: 72, ..Protocol::new(0.002) };
    let steps = args.epochs * (splits.train.len() as u64).div_ceil(50);
    let mut progress = Progress::new(steps, 50, "cnn_3", Mode::Auto);
    let history = train(&model, &params, Adam::default(), &splits, &protocol, &Device::Cpu, &mut progress)?;
    for (k, (loss, right)) in history.val_loss.iter().zip(&history.val_acc).enumerate() {
        println!("step {:<6} validation: loss ~{loss:.3}, ~{right:.1} %", 72 * (k + 1));
    }
    assert!(history.test_acc > 20.0, "dice with ten sides have 10 %");
    println!("{} steps in ~{:.1} s; test: ~{:.1} %", history.steps, history.seconds, history.test_acc);

    // Into a file, and from it into a network that begins elsewhere: the same answers.
    let file = args.weights.unwrap_or_else(|| temporary.path().join("cnn_3.safetensors"));
    state_dict::save(&params, &file, "")?;
    let other = Params::seeded(8);
    let copy = network.build(&other, &Variant::default());
    state_dict::load(&other, &file)?;
    let again = score(&copy, &other, &splits.test, splits.input, &Device::Cpu)?;
    assert_eq!(again.accuracy, history.test_acc);
    println!("{} weights written and read back", other.data().values.len());
    Ok(())
}
