//! Which kernels: every PTX file, those that the builder makes for the layers of the networks, and some of both for runs side
//! by side.
use anyhow::{Context, Result};
use ferrotape_kernels::{
    activation::{self, Activation},
    conv2d::{self, Conv2d, Epilogue},
    cuda::{Launch, Launches, Text},
    gather::{Gather, Input},
    linear::{self, Linear},
    max_pool2d::MaxPool2d,
    optim::{self, Adam},
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
                add(&mut made, launch.text);
            }
        }
    }
    for launch in side_by_side()? {
        add(&mut made, launch.text);
    }
    Ok(files.into_iter().chain(made).map(|(name, text)| Module { name, text }).collect())
}

/// Adds what was made, and not what is a file.
fn add(made: &mut BTreeMap<String, String>, text: Text) {
    if let Text::Made(name, text) = text {
        made.insert(name.replace(".ptx", ""), text.to_string());
    }
}

/// Kernels of a training step for runs side by side: some of the files, and what the builder makes for two of the networks.
fn side_by_side() -> Result<Vec<Launch>> {
    let files = [
        activation::cuda::forward(Activation::Relu, TRAINING),
        optim::cuda::adam(&Adam::default(), TRAINING),
    ];
    let mut launches = Vec::from(files);
    for network in TABLE_A.iter().filter(|network| ["mlp_1", "cnn_4"].contains(&network.name)) {
        launches.extend(of_network(network, TRAINING)?);
    }
    let all = launches.into_iter().flat_map(|launches| launches.list);
    Ok(all.map(|launch| launch.side_by_side(2, |_| 0)).collect())
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
                let activation = matches!(layers.get(i + 1), Some(Layer::Act)).then_some(Activation::Relu);
                launches.push(linear::cuda::forward_fused(&s, activation));
                if n == TRAINING {
                    launches.push(if first { linear::cuda::wgrad(&s) } else { linear::cuda::gradients(&s) });
                }
            }
            Layer::Act | Layer::Dropout(_) => {}
        }
    }
    Ok(launches)
}
