//! The programs whose instructions are measured, and a row for each instruction.
use super::{
    Error, clock,
    counts::{self, Counted},
    images::{Noise, training, validation},
    laid::{Laid, Work, launches},
    model::{Predicted, predict},
    roof::Roof,
};
use crate::{
    ladder::needed,
    networks::{Input, conv_name},
    values,
};
use ferrotape_autograd::{Code, Device, Params, Program, Rewrites, Source, Tape, Var};
use ferrotape_kernels::{
    conv2d::{Conv2d, Pass},
    cuda::{Gpu, Launch},
};
use ferrotape_nn::{Module, Step};
use serde::Serialize;
use std::sync::Arc;

/// A program to be measured.
#[derive(Clone, Debug)]
pub enum What {
    /// A training step of a network.
    Train(String),
    /// A batch of its validation.
    Validate(String),
    /// A convolution with its gradients.
    Convolution(Conv2d),
}

/// One instruction of a program.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// `train/cnn_3`, `validate/cnn_3`, `conv/16to8_k5_30`.
    pub program: String,
    /// Images.
    pub batch: usize,
    /// Its number in the program.
    pub k: usize,
    /// The operation.
    pub op: &'static str,
    /// Type of its first output.
    pub output: String,
    /// Part of the step.
    pub phase: &'static str,
    /// Operations of the definition.
    pub flops: u64,
    /// Bytes of operands and outputs.
    pub bytes: u64,
    /// Kernels with blocks and threads.
    pub launches: Vec<String>,
    /// On a card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
    /// On the PTX machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<Vec<Counted>>,
    /// From these counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicted: Option<Predicted>,
}

/// What a card did.
#[derive(Copy, Clone, Debug, Serialize)]
pub struct Measured {
    /// Microseconds.
    pub median_us: f64,
    /// Microseconds of the fastest sample.
    pub min_us: f64,
    /// Of the median.
    pub gflops: f64,
    /// Of the median, operands and outputs counted once.
    pub gbs: f64,
    /// GFLOP/s as a share of the multiply-adds that the card was measured to do.
    pub peak_percent: f64,
}

impl What {
    /// Its name in rows.
    pub fn name(&self) -> String {
        match self {
            Self::Train(network) => format!("train/{network}"),
            Self::Validate(network) => format!("validate/{network}"),
            Self::Convolution(s) => format!("conv/{}", conv_name(s)),
        }
    }

    /// Records it for `n` images and hands it to `f`. The machine that it is compiled for does not run it.
    fn with<T>(
        &self,
        n: usize,
        f: impl FnOnce(&Code, &Params, Option<&Arc<dyn Source>>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self {
            Self::Train(network) => {
                let ((params, model, _), source) = (Input::Rgb.network(network)?, Noise::images(n));
                f(unchained(training(&model, &source)).program(&params, n)?.code(), &params, Some(&source))
            }
            Self::Validate(network) => {
                let ((params, model, _), source) = (Input::Rgb.network(network)?, Noise::images(n));
                f(unchained(validation(&model, &source)).program(&params, n)?.code(), &params, Some(&source))
            }
            Self::Convolution(s) => {
                let params = Params::seeded(0);
                f(convolution(&Conv2d { n, ..*s }, &params).code(), &params, None)
            }
        }
    }

    /// Whether an instruction is one that is asked for.
    fn wants(&self, op: &str) -> bool {
        !matches!(self, Self::Convolution(_)) || Pass::ALL.iter().any(|&pass| op == op_of(pass))
    }
}

/// The operation that is a pass of a convolution.
pub fn op_of(pass: Pass) -> &'static str {
    match pass {
        Pass::Forward => "conv2d",
        Pass::Dgrad => "conv2d_dgrad",
        Pass::Wgrad => "conv2d_wgrad",
    }
}

/// A GPU has no chains.
fn unchained<F>(step: Step<F>) -> Step<F>
where
    F: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    step.on(Device::Reference).planned(Rewrites { chain: None, ..Rewrites::ALL })
}

/// A convolution with bias and those of its gradients that a training needs.
fn convolution(s: &Conv2d, params: &Params) -> Program {
    let layer = ferrotape_nn::Conv2d::new(params, "conv", [s.ci, s.co], s.kh);
    let tape = Tape::recording(params).with_device(Device::Reference);
    let x = values(s.x().len());
    let x = if needed(s).any(|pass| pass == Pass::Dgrad) {
        tape.variable(s.x(), &x)
    } else {
        tape.input(s.x(), &x)
    };
    let y = layer.forward(x);
    let gradients = y.backward_with(tape.input(s.y(), &values(s.y().len())));
    let of_params = params.ids().filter_map(|p| gradients.param(p));
    let keep: Vec<Var<'_>> = [y].into_iter().chain(gradients.get(x)).chain(of_params).collect();
    tape.compile_with(&keep, Rewrites { chain: None, ..Rewrites::ALL })
}

/// Times every instruction of a program on a card.
///
/// # Errors
/// If the card has no room, or the driver refuses.
pub fn measure(gpu: &Gpu, what: &What, batch: usize, roof: &Roof, samples: usize) -> Result<Vec<Row>, Error> {
    let laid = what.with(batch, |code, params, source| Laid::new(gpu, code, params, source, None))?;
    laid.run()?;
    let mut rows = Vec::new();
    for (k, work) in laid.works.iter().enumerate().filter(|(_, work)| what.wants(work.name)) {
        let times = clock::time(gpu, samples, |gpu| work.enqueue(gpu))?;
        let gflops = times.rate(work.cost.flops);
        let measured = Measured {
            median_us: times.median_ns / 1e3,
            min_us: times.min_ns / 1e3,
            gflops,
            gbs: times.rate(work.cost.bytes),
            peak_percent: 100.0 * gflops / roof.peak_gflops,
        };
        rows.push(Row { measured: Some(measured), ..row(what, batch, k, work) });
    }
    Ok(rows)
}

/// Has the PTX machine count every instruction of a program for batches of these sizes. More than `most` images are not run:
/// they are on the line through the counts of `most` and half as many, but for instructions that take other kernels for few.
///
/// # Errors
/// If a kernel fails.
pub fn count(gpu: &Gpu, what: &What, batches: &[usize], most: usize) -> Result<Vec<Row>, Error> {
    let counted = |n: usize| -> Result<_, Error> {
        let laid = what.with(n, |code, params, source| Laid::new(gpu, code, params, source, None))?;
        laid.run()?;
        Ok((n, counts::of(gpu, &laid)?, laid))
    };
    let largest = batches.iter().copied().max().unwrap_or(0);
    let more = counted(largest.min(most))?;
    let few = if largest > most { Some(counted(most / 2)?) } else { None };
    let mut rows = Vec::new();
    for &batch in batches {
        rows.extend(what.with(batch, |code, params, source| {
            let scalars = params.data().values.len();
            let asked = code.instructions().iter().map(|i| Ok(launches(code, i, scalars)?.list));
            let asked = asked.collect::<Result<Vec<_>, Error>>()?;
            let same = |(n, _, laid): &(usize, _, Laid), k: usize| {
                *n == batch || (batch > most && alike(&laid.works[k], &asked[k]))
            };
            let on_line = |k: usize| same(&more, k) && few.as_ref().is_none_or(|few| same(few, k));
            let others: Vec<usize> = (0..asked.len()).filter(|&k| !on_line(k)).collect();
            let mut whole =
                counts::of(gpu, &Laid::new(gpu, code, params, source, Some(&others))?)?.into_iter();
            let mut rows = Vec::new();
            for (k, i) in code.instructions().iter().enumerate() {
                let counted = match &few {
                    _ if others.contains(&k) => whole.next().expect("counted"),
                    Some(few) => counts::extrapolate(
                        [few, &more].map(|(n, counts, _)| (*n, &counts[k][..])),
                        batch,
                        &asked[k],
                    ),
                    None => more.1[k].clone(),
                };
                let (work, cost) = (&more.2.works[k], code.cost(i));
                let copies = work.tasks.len() - work.launches().count();
                let predicted = Some(predict(&counted, cost.bytes, copies));
                let output =
                    i.y.first().map_or_else(|| work.output.clone(), |&y| code.slot(y).ty.to_string());
                let launches = asked[k].iter().map(launch_name).collect();
                let (flops, bytes, counted) = (cost.flops, cost.bytes, Some(counted));
                rows.push(Row {
                    output,
                    launches,
                    flops,
                    bytes,
                    counted,
                    predicted,
                    ..row(what, batch, k, work)
                });
            }
            rows.retain(|row| what.wants(row.op));
            Ok(rows)
        })?);
    }
    Ok(rows)
}

/// Whether an instruction's launches are of the same kernels.
fn alike(work: &Work, asked: &[Launch]) -> bool {
    let kernel = |l: &Launch| (l.text.clone(), l.entry.clone(), l.block);
    work.launches().map(kernel).eq(asked.iter().map(kernel))
}

fn row(what: &What, batch: usize, k: usize, work: &Work) -> Row {
    let Work { name: op, ref output, phase, cost, .. } = *work;
    let launches = work.launches().map(launch_name).collect();
    let (flops, bytes, output) = (cost.flops, cost.bytes, output.clone());
    let (program, measured, counted, predicted) = (what.name(), None, None, None);
    Row { program, batch, k, op, output, phase, flops, bytes, launches, measured, counted, predicted }
}

fn launch_name(launch: &Launch) -> String {
    let Launch { grid: [gx, gy, gz], block: [bx, by, bz], .. } = launch;
    format!("{} {} <<<{gx}x{gy}x{gz}, {bx}x{by}x{bz}>>>", launch.text.name(), launch.entry)
}
