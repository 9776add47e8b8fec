//! What a GPU does with our kernels, in one file: every instruction's time, epochs, convolutions, the bits of every
//! operation. On the PTX machine, which has no time: what every instruction does, and how long an H200 should take.
//!
//! ```sh
//! cargo run --release -p ferrotape-benches --features cuda --bin gpu -- --device ptx-machine --quick --out /tmp/counts.json
//! gpu --device cuda --out record.json                       # on a machine with a card: see tools/gpu-pack
//! gpu --device ptx-machine --golden record.json             # what the card computed, against the PTX machine
//! ```
use clap::Parser;
use ferrotape_autograd::Device;
use ferrotape_benches::{
    gpu::{
        Error, Sizes, epochs,
        golden::{self, Agreement, Golden},
        record::{Facts, Losses, Model, Record, convolutions, predicted_epoch},
        roof,
        rows::{Row, What, count, measure},
    },
    networks::Input,
};
use ferrotape_kernels::cuda::Gpu;
use std::{fs, path::PathBuf, process::ExitCode, str::FromStr};

/// Measures our kernels on a GPU, or counts what they do on the PTX machine.
#[derive(Parser)]
struct Args {
    /// Who computes: cuda, cuda:N, ptx-machine.
    #[arg(long, value_name = "cuda[:N]|ptx-machine")]
    device: Target,
    /// Write all that was found here, as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only these networks of table A.
    #[arg(long, value_delimiter = ',', default_values_t = names())]
    networks: Vec<String>,
    /// Fewer samples on a card; fewer images on the PTX machine, and no convolutions by themselves.
    #[arg(long)]
    quick: bool,
    /// On the PTX machine: do all that is done on a card, with tiny sizes; its times mean nothing.
    #[arg(long)]
    rehearse: bool,
    /// Compare with the bits in a record, and do nothing else.
    #[arg(long, value_name = "RECORD")]
    golden: Option<PathBuf>,
}

fn names() -> Vec<String> {
    Input::Rgb.table().iter().map(|network| network.name.to_owned()).collect()
}

/// Who computes.
#[derive(Copy, Clone)]
enum Target {
    Card(usize),
    PtxMachine,
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ordinal = |n: &str| n.parse().map(Self::Card).ok();
        let target = match text {
            "cuda" => Some(Self::Card(0)),
            "ptx-machine" => Some(Self::PtxMachine),
            _ => text.strip_prefix("cuda:").and_then(ordinal),
        };
        target.ok_or("expected cuda, cuda:N (N from 0) or ptx-machine")
    }
}

impl Target {
    fn device(self) -> Device {
        match self {
            Self::Card(ordinal) => Device::Cuda(ordinal),
            Self::PtxMachine => Device::PtxMachine,
        }
    }

    fn open(self) -> Result<Gpu, Error> {
        Ok(match self {
            Self::Card(ordinal) => Gpu::open(ordinal)?,
            Self::PtxMachine => Gpu::ptx_machine()?,
        })
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well.
fn run(args: &Args) -> Result<bool, Error> {
    if let Some(unknown) = args.networks.iter().find(|name| !names().contains(name)) {
        return Err(
            format!("--networks: no network {unknown}; expected some of {}", names().join(", ")).into()
        );
    }
    let gpu = args.device.open()?;
    if let Some(path) = &args.golden {
        return compare(path, &args.device.device());
    }
    if args.rehearse && !gpu.is_ptx_machine() {
        return Err("--rehearse is for --device ptx-machine".into());
    }
    let record =
        if gpu.is_ptx_machine() && !args.rehearse { counted(args, &gpu)? } else { measured(args, &gpu)? };
    println!("{}", record.tables());
    if let Some(path) = &args.out {
        record.write(path)?;
        println!("written: {}", path.display());
    }
    Ok(true)
}

/// The programs whose instructions are looked at, with their batches.
fn programs(args: &Args, sizes: &Sizes, convolutions: bool) -> Vec<(What, Vec<usize>)> {
    let of = |name: &String| {
        let validations = vec![sizes.validation, sizes.large];
        [(What::Train(name.clone()), vec![sizes.batch]), (What::Validate(name.clone()), validations)]
    };
    let mut programs: Vec<_> = args.networks.iter().flat_map(of).collect();
    if convolutions {
        programs
            .extend(Input::Rgb.convolutions().into_iter().map(|s| (What::Convolution(s), vec![sizes.large])));
    }
    programs
}

/// Times, on a card.
fn measured(args: &Args, gpu: &Gpu) -> Result<Record, Error> {
    let sizes = match (args.rehearse, args.quick) {
        (true, _) => Sizes::REHEARSAL,
        (false, true) => Sizes::QUICK,
        (false, false) => Sizes::FULL,
    };
    let roof = roof::measure(gpu, &sizes)?;
    let mut rows: Vec<Row> = Vec::new();
    for (what, batches) in programs(args, &sizes, true) {
        for batch in batches {
            rows.extend(measure(gpu, &what, batch, &roof, sizes.samples)?);
        }
        eprintln!("{}: measured", what.name());
    }
    let mut found = Vec::new();
    for name in &args.networks {
        found.push(epochs::measure(&args.device.device(), name, &sizes)?);
        eprintln!("{name}: epochs of {:.1} ms", found[found.len() - 1].epoch_graph_ms);
    }
    Ok(Record {
        convolutions: convolutions(&rows, Some(&roof)),
        roof: Some(roof),
        epochs: found,
        rows,
        golden: golden::all(&args.device.device())?,
        ..empty(gpu)?
    })
}

/// Counts, on the PTX machine.
fn counted(args: &Args, gpu: &Gpu) -> Result<Record, Error> {
    // Steps are counted whole. Of larger batches the rest is on a line.
    let sizes = Sizes::FULL;
    let (steps, most) = if args.quick { (16, 16) } else { (sizes.batch, 32) };
    let mut rows: Vec<Row> = Vec::new();
    for (what, batches) in programs(args, &sizes, !args.quick) {
        let most = if matches!(what, What::Train(_)) { steps } else { most };
        rows.extend(count(gpu, &what, &batches, most)?);
        eprintln!("{}: counted", what.name());
    }
    let losses = args
        .networks
        .iter()
        .map(|name| Losses::of(&args.device.device(), name, if args.quick { 1 } else { 3 }));
    Ok(Record {
        model: Some(Model::H200),
        convolutions: convolutions(&rows, None),
        predicted_epochs: args.networks.iter().filter_map(|name| predicted_epoch(&rows, name)).collect(),
        losses: losses.collect::<Result<_, _>>()?,
        rows,
        ..empty(gpu)?
    })
}

/// A record of the device's facts.
fn empty(gpu: &Gpu) -> Result<Record, Error> {
    Ok(Record {
        revision: option_env!("FERROTAPE_REVISION").unwrap_or("unknown: FERROTAPE_REVISION was not set"),
        device: Facts::of(gpu)?,
        roof: None,
        model: None,
        convolutions: Vec::new(),
        epochs: Vec::new(),
        predicted_epochs: Vec::new(),
        losses: Vec::new(),
        rows: Vec::new(),
        golden: Vec::new(),
    })
}

/// Compares with the bits of a record; whether all of them are right.
fn compare(path: &PathBuf, device: &Device) -> Result<bool, Error> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let record: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    let golden =
        record.get("golden").ok_or_else(|| format!("{name}: expected a record with a field `golden`"))?;
    let golden: Vec<Golden> =
        serde_json::from_value(golden.clone()).map_err(|error| format!("{name}: {error}"))?;
    let compared = golden::compare(&golden, &golden::all(device)?);
    let count = |f: fn(&Agreement) -> bool| compared.iter().filter(|(_, agreement)| f(agreement)).count();
    let exact = count(|a| *a == Agreement::Exact);
    let wrong = count(|a| matches!(a, Agreement::Fails(_)));
    for (case, agreement) in compared.iter().filter(|(_, agreement)| *agreement != Agreement::Exact) {
        println!("{case}: {agreement}");
    }
    println!("{} cases: {exact} have the same bits, {wrong} fail", compared.len());
    Ok(wrong == 0 && !compared.is_empty())
}
