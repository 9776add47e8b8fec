//! Which kernels: every PTX file, and those that the builder makes for the layers of the networks.
use anyhow::{Context, Result};
use ferrotape_kernels::{
    activation::Activation,
    conv2d::{self, Conv2d, Epilogue},
    cuda::{Launches, Text},
    gather::{Gather, Input},
    linear::{self, Linear},
    max_pool2d::MaxPool2d,
};
use ferrotape_nn::models::{Layer, Network, TABLE_A, Variant};
use std::{collections::BTreeMap, fs, path::Path};

/// A module.
pub struct Module {
    /// Its file below `kernels/src`, or the name it was made with.
    pub name: String,
    /// The PTX.
    pub text: String,
}

/// Batch of a training step, and of a validation, which is a forward pass alone.
const TRAINING: usize = 50;
const VALIDATION: usize = 5000;
/// Records of the data set.
const RECORDS: usize = 60_000;

/// The files below `sources`, then what is made for the five networks; each once, by name.
pub fn all(sources: &Path) -> Result<Vec<Module>> {
    let mut files = BTreeMap::new();
    for family in fs::read_dir(sources).with_context(|| sources.display().to_string())? {
        let folder = family?.path().join("ptx");
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "ptx") {
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                files.insert(path.strip_prefix(sources)?.display().to_string(), text);
            }
        }
    }
    let mut made = BTreeMap::new();
    for network in TABLE_A {
        for n in [TRAINING, VALIDATION] {
            for launch in of_network(network, n)?.into_iter().flat_map(|launches| launches.list) {
                if let Text::Made(name, text) = launch.text {
                    made.insert(name.trim_end_matches(".ptx").to_owned(), text.to_string());
                }
            }
        }
    }
    Ok(files.into_iter().chain(made).map(|(name, text)| Module { name, text }).collect())
}

/// What a step of a network launches that the builder makes; for the validation, its forward pass.
fn of_network(network: &Network, n: usize) -> Result<Vec<Launches>> {
    let variant = Variant::default();
    let mut launches = Vec::new();
    let mut image = variant.image;
    let mut width = None;
    let units = [Layer::Fc { units: variant.classes, bias: variant.prediction_bias }];
    let layers: Vec<Layer> = network.layers.iter().copied().chain(units).collect();
    for (i, layer) in layers.iter().enumerate() {
        let first = i == 0;
        match *layer {
            Layer::Conv { kernel, channels } => {
                let [c, h, w] = image;
                let s =
                    Conv2d { n, ci: c, h, w, co: channels, kh: kernel, kw: kernel, stride: 1, padding: 0 };
                image = [channels, s.oh(), s.ow()];
                let behind = &layers[i + 1..];
                let activation = matches!(behind, [Layer::Act, ..]).then_some(Activation::Relu);
                let pooled = matches!(behind, [Layer::Pool, ..] | [Layer::Act, Layer::Pool, ..]);
                let pool = pooled.then(|| MaxPool2d::new(&s.y(), 2, 2).expect("a window that fits"));
                let epilogue = Epilogue { activation, pool };
                launches.push(match (n, first) {
                    (VALIDATION, true) => {
                        let gather = Gather::new(Input::Signed, [c, h, w], n)?;
                        conv2d::cuda::gathered(&gather, RECORDS, &s, &epilogue)
                    }
                    _ => conv2d::cuda::block(&s, &epilogue, n == TRAINING),
                });
                if n == TRAINING {
                    launches.push(conv2d::cuda::wgrad(&s));
                    launches.extend((!first).then(|| conv2d::cuda::dgrad(&s)));
                }
            }
            Layer::Pool => image = [image[0], image[1] / 2, image[2] / 2],
            Layer::Fc { units, .. } => {
                let s = Linear { n, fan_in: width.unwrap_or(image.iter().product()), fan_out: units };
                width = Some(units);
                launches.push(linear::cuda::forward(&s));
                if n == TRAINING {
                    launches.push(linear::cuda::wgrad(&s));
                    launches.extend((!first).then(|| linear::cuda::dgrad(&s)));
                }
            }
            Layer::Act | Layer::Dropout(_) => {}
        }
    }
    Ok(launches)
}
