//! The file that a run leaves, and its table.
use super::{
    Error, Sizes,
    epochs::{self, EVERY, Epoch},
    golden::Golden,
    model::{self, Predicted},
    roof::Roof,
    rows::{Row, op_of},
};
use ferrotape_autograd::Device;
use ferrotape_kernels::{conv2d::Pass, cuda::Gpu};
use serde::Serialize;
use std::{fmt::Write, fs, path::Path};

/// Convolutions of this many FLOPs and more have a target of their own.
pub const LARGE: u64 = 700_000_000;

/// All that one run found.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Git revision of the build.
    pub revision: &'static str,
    /// Who computed.
    pub device: Facts,
    /// What the card can do at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roof: Option<Roof>,
    /// Constants of the predictions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// Convolutions by size, all sizes together weighted by their FLOPs.
    pub convolutions: Vec<Convolutions>,
    /// Epochs on a card.
    pub epochs: Vec<Epoch>,
    /// Epochs as predicted.
    pub predicted_epochs: Vec<PredictedEpoch>,
    /// Losses of the first steps on the PTX machine, and on the CPU.
    pub losses: Vec<Losses>,
    /// Instructions.
    pub rows: Vec<Row>,
    /// The bits of every operation.
    pub golden: Vec<Golden>,
}

/// What a device is.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// As its driver calls it.
    pub name: String,
    /// The driver.
    pub driver: Option<String>,
    /// (9, 0) is Hopper.
    pub compute_capability: (u32, u32),
    /// How many.
    pub multiprocessors: u32,
    /// Bytes of memory.
    pub memory: usize,
}

impl Facts {
    /// Of `gpu`.
    ///
    /// # Errors
    /// If the driver does not say.
    pub fn of(gpu: &Gpu) -> Result<Self, Error> {
        let driver = fs::read_to_string("/proc/driver/nvidia/version").ok();
        Ok(Self {
            name: gpu.name().into(),
            driver: driver.and_then(|text| text.lines().next().map(str::to_owned)),
            compute_capability: gpu.compute_capability(),
            multiprocessors: gpu.multiprocessors(),
            memory: gpu.memory()?.total,
        })
    }
}

/// The constants of [`model`].
#[derive(Copy, Clone, Debug, Serialize)]
pub struct Model {
    multiprocessors: f64,
    clock_ghz: f64,
    dram_gbs: f64,
    l2_gbs: f64,
    node_us: f64,
    launch_us: f64,
    submit_us: f64,
}

impl Model {
    /// Those in use.
    pub const H200: Self = Self {
        multiprocessors: model::MULTIPROCESSORS,
        clock_ghz: model::CLOCK,
        dram_gbs: model::DRAM,
        l2_gbs: model::L2,
        node_us: model::NODE,
        launch_us: model::LAUNCH,
        submit_us: model::SUBMIT,
    };
}

/// A pass over all convolutions of a kind, weighted by FLOPs: all FLOPs over all time.
#[derive(Clone, Debug, Serialize)]
pub struct Convolutions {
    /// forward, dgrad, wgrad or all.
    pub pass: &'static str,
    /// `large`: of at least 0.7 GFLOP; `small`: the rest.
    pub size: &'static str,
    /// How many.
    pub count: usize,
    /// GFLOP/s together.
    pub gflops: f64,
    /// As a share of the peak.
    pub peak_percent: f64,
    /// Measured, or predicted.
    pub measured: bool,
}

/// What an epoch should take on an H200.
#[derive(Clone, Debug, Serialize)]
pub struct PredictedEpoch {
    /// The network.
    pub network: String,
    /// Microseconds of a step in a graph.
    pub step_us: f64,
    /// Its nodes.
    pub step_nodes: usize,
    /// Microseconds of its multiply-adds alone at the peak.
    pub step_fma_us: f64,
    /// Milliseconds of a validation in a graph.
    pub validation_ms: f64,
    /// Its multiply-adds alone.
    pub validation_fma_ms: f64,
    /// Milliseconds of an epoch of 90 graphs.
    pub graph_ms: f64,
    /// Launch by launch.
    pub eager_ms: f64,
    /// What it is to take.
    pub target_ms: Option<f64>,
}

/// Losses of the first steps.
#[derive(Clone, Debug, Serialize)]
pub struct Losses {
    /// The network.
    pub network: String,
    /// Steps and losses here.
    pub here: Vec<(usize, f32)>,
    /// And on the CPU.
    pub cpu: Vec<(usize, f32)>,
}

impl Losses {
    /// Of the first `steps` steps.
    ///
    /// # Errors
    /// If the device fails.
    pub fn of(device: &Device, network: &str, steps: usize) -> Result<Self, Error> {
        let of = |device| epochs::losses(device, network, steps, &Sizes::FULL);
        Ok(Self { network: network.into(), here: of(device)?, cpu: of(&Device::Cpu)? })
    }
}

/// The convolutions' passes, from their rows.
pub fn convolutions(rows: &[Row], roof: Option<&Roof>) -> Vec<Convolutions> {
    let peak = roof.map_or(2.0 * 128.0 * model::MULTIPROCESSORS * model::CLOCK, |roof| roof.peak_gflops);
    let mut found = Vec::new();
    let passes = Pass::ALL.map(|pass| (pass.name(), Some(op_of(pass)))).into_iter().chain([("all", None)]);
    for (pass, op) in passes {
        for (size, large) in [("large", true), ("small", false)] {
            let of = |row: &&Row| {
                row.program.starts_with("conv/")
                    && op.is_none_or(|op| row.op == op)
                    && (row.flops >= LARGE) == large
            };
            let us = |row: &Row| row.measured.map(|m| m.median_us).or(row.predicted.map(|p| p.us));
            let of: Vec<&Row> = rows.iter().filter(of).collect();
            let (flops, us) =
                (of.iter().map(|r| r.flops).sum::<u64>(), of.iter().filter_map(|r| us(r)).sum::<f64>());
            if !of.is_empty() {
                let gflops = flops as f64 / us / 1e3;
                let (count, peak_percent) = (of.len(), 100.0 * gflops / peak);
                found.push(Convolutions {
                    pass,
                    size,
                    count,
                    gflops,
                    peak_percent,
                    measured: roof.is_some(),
                });
            }
        }
    }
    found
}

/// The epoch of `network`, from the rows of its step and its validation.
pub fn predicted_epoch(rows: &[Row], network: &str) -> Option<PredictedEpoch> {
    let sum = |program: String, batch: usize| {
        let of = rows.iter().filter(|row| row.program == program && row.batch == batch);
        of.filter_map(|row| row.predicted).reduce(|a, b| Predicted {
            us: a.us + b.us,
            fma_us: a.fma_us + b.fma_us,
            nodes: a.nodes + b.nodes,
            bound: a.bound,
        })
    };
    let step = sum(format!("train/{network}"), Sizes::FULL.batch)?;
    let check = sum(format!("validate/{network}"), Sizes::FULL.validation)?;
    let steps = Sizes::FULL.steps as f64;
    let graphs = (Sizes::FULL.steps / EVERY) as f64;
    // Launch by launch, whoever is slower sets the time: the host or the device.
    let eager = |p: Predicted| model::SUBMIT + (p.nodes as f64 * model::LAUNCH).max(p.us);
    Some(PredictedEpoch {
        network: network.into(),
        step_us: step.us,
        step_nodes: step.nodes,
        step_fma_us: step.fma_us,
        validation_ms: check.us / 1e3,
        validation_fma_ms: check.fma_us / 1e3,
        graph_ms: (steps * step.us + graphs * (check.us + model::SUBMIT)) / 1e3,
        eager_ms: (steps * eager(step) + graphs * eager(check)) / 1e3,
        target_ms: epochs::target(network),
    })
}

impl Record {
    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// If the folder does not take it.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let serde_json::Value::Object(mut head) = serde_json::to_value(self)? else {
            unreachable!("a struct")
        };
        // What is long has a line each.
        let mut tail = String::new();
        for key in ["rows", "golden"] {
            let lines: Vec<String> = match head.remove(key) {
                Some(serde_json::Value::Array(all)) => all.iter().map(|one| format!("    {one}")).collect(),
                _ => unreachable!("a field of the record"),
            };
            write!(tail, ",\n  \"{key}\": [\n{}\n  ]", lines.join(",\n"))?;
        }
        let head = serde_json::to_string_pretty(&head)?;
        let text = format!("{}{tail}\n}}\n", head.trim_end_matches("\n}"));
        let beside = path.with_extension("json.part");
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
        Ok(written.map_err(|error| format!("{}: {error}", path.display()))?)
    }

    /// As markdown tables.
    pub fn tables(&self) -> String {
        let mut text = String::new();
        let Facts { name, compute_capability: (major, minor), multiprocessors, .. } = &self.device;
        let mut line = |s: String| writeln!(text, "{s}").expect("a String takes all");
        line(format!(
            "{name}, sm_{major}{minor}, {multiprocessors} multiprocessors; revision {}",
            self.revision
        ));
        if let Some(roof) = self.roof {
            let Roof { peak_gflops, clock_ghz, l2_copy, dram_copy } = roof;
            line(format!(
                "peak {:.1} TFLOP/s ({clock_ghz:.2} GHz), copying {l2_copy:.0} GB/s in L2, {dram_copy:.0} GB/s in memory",
                peak_gflops / 1e3
            ));
        }
        if !self.epochs.is_empty() {
            line("\n| network | step eager us | step graph us | validation eager ms | epoch eager ms | epoch graph ms | target ms |".into());
            line("|---|---|---|---|---|---|---|".into());
        }
        for e in &self.epochs {
            line(format!(
                "| {} | {:.1} | {:.1} | {:.2} | {:.0} | {:.1} | {} |",
                e.network,
                e.step_eager_us,
                e.step_graph_us,
                e.validation_eager_ms,
                e.epoch_eager_ms,
                e.epoch_graph_ms,
                or_dash(e.target_ms)
            ));
        }
        if !self.predicted_epochs.is_empty() {
            line("\nPredicted for an H200:\n\n| network | step us | nodes | its FMAs us | validation ms | its FMAs ms | epoch eager ms | epoch graph ms | target ms |".into());
            line("|---|---|---|---|---|---|---|---|---|".into());
        }
        for e in &self.predicted_epochs {
            line(format!(
                "| {} | {:.1} | {} | {:.1} | {:.2} | {:.2} | {:.0} | {:.0} | {} |",
                e.network,
                e.step_us,
                e.step_nodes,
                e.step_fma_us,
                e.validation_ms,
                e.validation_fma_ms,
                e.eager_ms,
                e.graph_ms,
                or_dash(e.target_ms)
            ));
        }
        if !self.convolutions.is_empty() {
            let how = if self.roof.is_some() { "" } else { ", predicted" };
            line(format!(
                "\n| convolutions{how} | of 0.7 GFLOP | number | TFLOP/s, FLOP-weighted | % of peak |\n|---|---|---|---|---|"
            ));
        }
        for p in &self.convolutions {
            let size = if p.size == "large" { "and more" } else { "less" };
            line(format!(
                "| {} | {size} | {} | {:.1} | {:.0} |",
                p.pass,
                p.count,
                p.gflops / 1e3,
                p.peak_percent
            ));
        }
        let mut program = String::new();
        for row in &self.rows {
            let now = format!("{}, {} images", row.program, row.batch);
            if now != program {
                line(format!("\n{now}\n\n{}\n{}", row.heading(), row.rule()));
                program = now;
            }
            line(row.line());
        }
        text
    }
}

fn or_dash(value: Option<f64>) -> String {
    value.map_or("-".into(), |value| format!("{value:.0}"))
}

impl Row {
    fn heading(&self) -> &'static str {
        if self.measured.is_some() {
            "| operation | output | MFLOP | MB | median us | min us | GFLOP/s | GB/s | % of peak |"
        } else {
            "| operation | output | MFLOP | MB | launches | M warp instr. | FMA % | MB moved | conflicts | predicted us | bound |"
        }
    }

    fn rule(&self) -> String {
        "|---".repeat(self.heading().matches(" | ").count() + 1) + "|"
    }

    fn line(&self) -> String {
        let (mflop, mb) = (self.flops as f64 / 1e6, self.bytes as f64 / 1e6);
        let mut text = format!("| {} | {} | {mflop:.1} | {mb:.2} |", self.op, self.output);
        let cells = match (&self.measured, &self.counted, &self.predicted) {
            (Some(m), ..) => {
                vec![
                    format!("{:.2}", m.median_us),
                    format!("{:.2}", m.min_us),
                    format!("{:.0}", m.gflops),
                    format!("{:.0}", m.gbs),
                    format!("{:.1}", m.peak_percent),
                ]
            }
            (None, Some(counted), Some(p)) => {
                let sum = |f: &dyn Fn(&super::counts::Counts) -> f64| {
                    counted.iter().map(|c| f(&c.counts)).sum::<f64>()
                };
                let issued = sum(&|c| c.issued());
                vec![
                    format!("{}", p.nodes),
                    format!("{:.3}", issued / 1e6),
                    format!("{:.0}", 100.0 * sum(&|c| c.class("f32 fma")) / issued.max(1.0)),
                    format!("{:.2}", sum(&|c| c.bytes()) / 1e6),
                    format!("{:.0}", sum(&|c| c.bank_conflicts)),
                    format!("{:.2}", p.us),
                    p.bound.into(),
                ]
            }
            _ => Vec::new(),
        };
        cells.iter().for_each(|cell| write!(text, " {cell} |").expect("a String takes all"));
        text
    }
}
