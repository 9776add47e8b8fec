//! Checkpoints: everything that changes between steps, as one safetensors file.
//!
//! The flat buffers of a [`Params`] store (values, gradients, moments) are tensors; its counters and the table of its
//! parameters are JSON in the file's metadata. A store that has been restored goes on bit for bit as the one that was
//! written would have.
use crate::state_dict::{self, Error, printable};
use ferrotape_autograd::{MAX_MOMENTS, ParamData, ParamInfo, Params};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, path::Path};

/// The form of the file. A change of it is another number.
const FORM: u32 = 1;
/// The metadata entry with the counters.
const STATE: &str = "ferrotape_checkpoint";
/// What moments' names begin with.
const MOMENT: &str = "moment.";

/// The counters, and what each parameter is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    form: u32,
    /// Of this program.
    version: String,
    step: u64,
    lr: f64,
    seed: u64,
    cursor: u64,
    params: Vec<Param>,
    /// What the caller adds.
    note: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Param {
    name: String,
    shape: Vec<usize>,
    layout: String,
    frozen: bool,
    lr_scale: f64,
    rule: String,
    updates: u64,
}

impl Param {
    fn of(info: &ParamInfo) -> Self {
        Self {
            name: info.name.clone(),
            shape: info.shape.to_vec(),
            layout: info.layout.to_string(),
            frozen: info.frozen,
            lr_scale: info.lr_scale,
            rule: info.rule.clone(),
            updates: info.updates,
        }
    }
}

/// A store, or a snapshot of one, as bytes, with a note.
pub fn to_bytes(data: &ParamData, note: &str) -> Vec<u8> {
    let moments = data.moments.iter().enumerate().map(|(k, m)| (format!("{MOMENT}{k}"), m));
    let buffers = [("values".to_owned(), &data.values), ("grads".to_owned(), &data.grads)];
    let views = buffers.into_iter().chain(moments).map(|(name, x)| {
        let view = TensorView::new(Dtype::F32, vec![x.len()], bytemuck::cast_slice(x));
        (name, view.expect("as many values as the shape holds"))
    });
    let state = State {
        form: FORM,
        version: env!("CARGO_PKG_VERSION").into(),
        step: data.step,
        lr: data.lr,
        seed: data.seed,
        cursor: data.cursor,
        params: data.table.iter().map(Param::of).collect(),
        note: note.into(),
    };
    let state = serde_json::to_string(&state).expect("numbers and strings");
    safetensors::serialize(views, Some(HashMap::from([(STATE.to_owned(), state)]))).expect("views are valid")
}

/// Puts a store back as it was written, and returns the note. The store has the same parameters: names, shapes, layouts.
///
/// # Errors
/// If the bytes are no checkpoint, or one of other parameters; the text names the first that differs. Then nothing has been changed.
/// `path` is what errors name.
pub fn from_bytes(params: &Params, bytes: &[u8], path: &Path) -> Result<String, Error> {
    let broken = |reason: String| Error::Format { path: path.into(), reason: printable(&reason) };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| broken(e.to_string()))?;
    let entry = header.metadata().as_ref().and_then(|entries| entries.get(STATE));
    let text =
        entry.ok_or_else(|| broken(format!("no entry `{STATE}`: these are weights, not a checkpoint")))?;
    let state: State = serde_json::from_str(text).map_err(|e| broken(format!("{STATE}: {e}")))?;
    if state.form != FORM {
        return Err(broken(format!("a checkpoint of form {}, expected {FORM}", state.form)));
    }
    let now = params.snapshot();
    let same = |info: &ParamInfo, saved: &Param| {
        (&info.name, info.shape.to_vec(), info.layout.to_string())
            == (&saved.name, saved.shape.clone(), saved.layout.clone())
    };
    for k in 0..now.table.len().max(state.params.len()) {
        let differs = |what: String| Error::Differs { path: path.into(), what };
        match (now.table.get(k), state.params.get(k)) {
            (Some(info), Some(saved)) if same(info, saved) => (),
            (Some(info), Some(saved)) => {
                let Param { name, shape, layout, .. } = saved;
                let expected = format!("`{}` of shape {} {}", info.name, info.shape, info.layout);
                return Err(differs(format!(
                    "parameter `{name}` of shape {shape:?} {layout}, the network has {expected}"
                )));
            }
            (Some(info), None) => return Err(differs(format!("no parameter `{}`", info.name))),
            (None, Some(saved)) => {
                return Err(differs(format!("`{}` is no parameter of the network", saved.name)));
            }
            (None, None) => unreachable!("below the longer of the two"),
        }
    }
    let file = SafeTensors::deserialize(bytes).map_err(|e| broken(e.to_string()))?;
    let buffer = |name: &str| {
        let tensor = file.tensor(name).map_err(|e| broken(format!("tensor `{name}`: {e}")))?;
        let (found, expected) = (tensor.shape(), [now.values.len()]);
        if tensor.dtype() != Dtype::F32 || found != expected {
            let dtype = tensor.dtype();
            return Err(broken(format!("tensor `{name}` is {dtype:?} {found:?}, expected F32 {expected:?}")));
        }
        Ok(bytemuck::pod_collect_to_vec(tensor.data()))
    };
    let count = file.names().iter().filter(|name| name.starts_with(MOMENT)).count();
    if count > MAX_MOMENTS {
        return Err(broken(format!("{count} moments, a rule has at most {MAX_MOMENTS}")));
    }
    let moments = (0..count).map(|k| buffer(&format!("{MOMENT}{k}"))).collect::<Result<_, _>>()?;
    let with_counters = |(info, saved): (ParamInfo, Param)| ParamInfo {
        frozen: saved.frozen,
        lr_scale: saved.lr_scale,
        rule: saved.rule,
        updates: saved.updates,
        ..info
    };
    params.restore(ParamData {
        values: buffer("values")?,
        grads: buffer("grads")?,
        moments,
        table: now.table.into_iter().zip(state.params).map(with_counters).collect(),
        step: state.step,
        lr: state.lr,
        seed: state.seed,
        cursor: state.cursor,
        version: now.version,
        structure: now.structure,
    });
    Ok(state.note)
}

/// Writes the store to `path`: to a temporary name, synced, renamed.
///
/// # Errors
/// Where the file cannot be written; what was at `path` before is still there then.
pub fn save(params: &Params, path: impl AsRef<Path>, note: &str) -> Result<(), Error> {
    state_dict::write(path.as_ref(), &to_bytes(&params.data(), note))
}

/// Puts the store back as it is in the file, and returns the note.
///
/// # Errors
/// As [`from_bytes`], and where the file cannot be read.
pub fn load(params: &Params, path: impl AsRef<Path>) -> Result<String, Error> {
    let path = path.as_ref();
    from_bytes(params, &state_dict::read_file(path)?, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Linear, Module, Step};
    use ferrotape_autograd::Adam;

    fn network() -> (Params, Linear) {
        let params = Params::seeded(3);
        let layer = Linear::new(&params, "0", 3, 2);
        (params, layer)
    }

    fn train(params: &Params, layer: &Linear, steps: usize) {
        let mut step = Step::new(|tape, n| {
            let loss = layer.forward(tape.feed([n, 3])).dropout(0.25).mse(tape.feed([n, 2]));
            loss.backward().step(Adam::default());
            vec![loss]
        });
        for k in 0..steps {
            let x: Vec<f32> = (0..12).map(|i| ((i + k) as f32).sin()).collect();
            step.run_with(params, 4, &[x[..].into(), [0.5; 8][..].into()]).unwrap();
            params.set_cursor(params.cursor() + 1);
        }
    }

    /// A restored store goes on as the one that was written: in a new process, so to speak.
    #[test]
    fn going_on_bit_for_bit() {
        let (params, layer) = network();
        train(&params, &layer, 7);
        let bytes = to_bytes(&params.data(), "half way");
        train(&params, &layer, 9);
        let (other, layer) = network();
        assert_eq!(from_bytes(&other, &bytes, Path::new("c")).unwrap(), "half way");
        assert_eq!([other.step(), other.cursor()], [7, 7]);
        train(&other, &layer, 9);
        let [a, b] = [params.snapshot(), other.snapshot()];
        assert_eq!((a.values, a.moments, a.table), (b.values, b.moments, b.table));
    }

    #[test]
    fn what_differs_is_named() {
        let (params, _) = network();
        let bytes = to_bytes(&params.data(), "");
        let other = Params::seeded(3);
        Linear::new(&other, "0", 4, 2);
        let before = other.snapshot();
        let text = from_bytes(&other, &bytes, Path::new("c.safetensors")).unwrap_err().to_string();
        assert_eq!(
            text,
            "c.safetensors: parameter `0.weight` of shape [2, 3] in_out, the network has `0.weight` of shape [2, 4] in_out"
        );
        assert_eq!(other.snapshot(), before);
        let weights = state_dict::to_bytes(&params, "");
        let text = from_bytes(&params, &weights, Path::new("w")).unwrap_err().to_string();
        assert!(text.contains("these are weights, not a checkpoint"), "{text}");
        for cut in 0..bytes.len() {
            assert!(from_bytes(&params, &bytes[..cut], Path::new("c")).is_err(), "{cut}");
        }
    }
}
