//! PyTorch's opinion, by the scripts in `tests/pytorch`.
use crate::photographs;
use anyhow::{Context, Result, bail};
use ferrotape_autograd::{Feed, Input, Params, Shape, Source, Tape};
use ferrotape_nn::{
    Adam, Module, Sequential, Step,
    models::{Network, TABLE_A, TABLE_B, Variant},
    state_dict,
};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{
    env, fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

/// Kinds of input as `networks.py` names them, with their networks and images.
pub const KINDS: [(&str, &[Network], [usize; 3]); 3] =
    [("rgb", TABLE_A, [3, 32, 32]), ("gray", TABLE_A, [1, 32, 32]), ("fashion", TABLE_B, [1, 28, 28])];

/// Images a step in the parity runs.
const BATCH: usize = 8;

/// Runs a script: what it printed, or `None` where there is no torch, which is said on stderr whatever is captured.
///
/// The interpreter is that of `FERROTAPE_PYTHON`, else `python3`.
///
/// # Errors
/// If the script fails: the text is all that it printed.
pub fn run(script: &str, arguments: &[&str], dir: &Path) -> Result<Option<String>> {
    let python = env::var_os("FERROTAPE_PYTHON").map_or_else(|| "python3".into(), PathBuf::from);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pytorch").join(script);
    let skip = |reason: &str| {
        let text = format!("\n*** SKIPPED {script}, PyTorch's numbers were not compared: {reason} ***\n");
        Ok(std::io::stderr().write_all(text.as_bytes()).map(|()| None)?)
    };
    let done = match Command::new(&python).arg(path).args(arguments).arg(dir).output() {
        Err(e) if e.kind() == ErrorKind::NotFound => return skip(&format!("no {}", python.display())),
        done => done.with_context(|| python.display().to_string())?,
    };
    let printed = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    match done.status.code() {
        Some(0) => Ok(Some(printed)),
        Some(77) => skip(printed.trim()),
        _ => bail!("{script}: {}\n{printed}", done.status),
    }
}

/// The tensor `name` of a safetensors file: its shape and f32 values.
///
/// # Errors
/// If the file cannot be read or has no such tensor.
pub fn read(path: &Path, name: &str) -> Result<(Shape, Vec<f32>)> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let tensors = SafeTensors::deserialize(&bytes)?;
    let tensor = tensors.tensor(name)?;
    Ok((Shape::new(tensor.shape()), bytemuck::pod_collect_to_vec(tensor.data())))
}

/// Writes tensors of one element type each.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, tensors: &[(&str, Dtype, &[usize], &[u8])]) -> Result<()> {
    let view = |&(name, dtype, shape, bytes): &(&str, _, &[usize], _)| {
        Ok((name.to_string(), TensorView::new(dtype, shape.to_vec(), bytes)?))
    };
    let views = tensors.iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(safetensors::serialize_to_file(views, None, path)?)
}

/// The logits (N, 10) of images (N, C, H, W).
///
/// # Errors
/// If the machine fails.
pub fn logits(params: &Params, model: &Sequential, shape: Shape, images: &[f32]) -> Result<Vec<f32>> {
    let mut forward = Step::evaluation(|tape, _| vec![model.forward(tape.feed(shape))]);
    Ok(forward.run_with(params, shape.dim(0), &[images.into()])?.values(0).to_vec())
}

/// Batches of normalised photographs: values (BATCH, 3, 32, 32) and labels of each.
struct Batches(Vec<(Vec<f32>, Vec<u32>)>);

impl Batches {
    fn new(source: &std::sync::Arc<dyn Source>, steps: usize) -> Self {
        let params = Params::default();
        let batch = |k: usize| {
            let tape = Tape::inference(&params);
            let indices: Vec<u32> = (k * BATCH..(k + 1) * BATCH).map(|i| (i % source.len()) as u32).collect();
            let (x, labels) = tape.gather(tape.source(source), tape.input_u32(&indices), Input::Rgb);
            (x.values(), labels.values_u32())
        };
        Self((0..steps).map(batch).collect())
    }

    fn write(&self, path: &Path) -> Result<()> {
        let images: Vec<f32> = self.0.iter().flat_map(|(x, _)| x).copied().collect();
        let labels: Vec<i64> = self.0.iter().flat_map(|(_, labels)| labels).map(|&l| i64::from(l)).collect();
        let steps = self.0.len();
        write(
            path,
            &[
                ("images", Dtype::F32, &[steps, BATCH, 3, 32, 32], bytemuck::cast_slice(&images)),
                ("labels", Dtype::I64, &[steps, BATCH], bytemuck::cast_slice(&labels)),
            ],
        )
    }
}

/// Writes what `step_parity.py` reads: first weights, batches, and our losses of `steps` Adam steps in f32 on the CPU
/// machine and in f64 on the reference machine, from one recorded step.
///
/// # Errors
/// If a file cannot be read or written, or a machine fails.
pub fn export_steps(dir: &Path, network: &Network, steps: usize) -> Result<()> {
    let file = |suffix: &str| dir.join(format!("{}.{suffix}", network.name));
    let batches = Batches::new(&photographs()?.train, steps);
    batches.write(&file("batches.safetensors"))?;
    let params = Params::seeded(1);
    let model = network.build(&params, &Variant::default());
    state_dict::save(&params, file("safetensors"), "")?;

    let tape = Tape::recording(&params);
    let loss = model.forward(tape.feed([BATCH, 3, 32, 32])).cross_entropy(tape.feed_u32(BATCH));
    loss.backward().step(Adam::default());
    let mut program = tape.compile(&[loss]);
    let mut exact = tape.replay::<f64>(&[loss]);
    let (mut f32s, mut f64s) = (Vec::new(), Vec::new());
    for (images, labels) in &batches.0 {
        let feeds: [Feed<'_>; 2] = [images[..].into(), labels[..].into()];
        f32s.push(f64::from(program.run(&params, &feeds)?[0]));
        exact.run(&feeds)?;
        f64s.push(exact.values(loss.id())[0]);
    }
    let losses = serde_json::json!({ "f64": f64s, "f32": f32s });
    Ok(fs::write(file("losses.json"), losses.to_string())?)
}
