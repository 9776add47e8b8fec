//! Layers, initialisation, summary, state dicts.
use ferrotape_autograd::{Layout, Params, Tape};
use ferrotape_nn::{
    Conv2d, Dropout, Init, LayerOptions, Linear, MaxPool2d, Module, Sequential,
    models::{Activation, Network, TABLE_A, Variant},
    state_dict::{self, Error},
    summary,
};
use std::path::Path;

fn network(name: &str, seed: u64) -> (Params, Sequential) {
    let params = Params::seeded(seed);
    let model = Network::find(TABLE_A, name).unwrap().build(&params, &Variant::default());
    (params, model)
}

/// Uniform in ±1/√fan_in: bounds, mean and variance of 98,304 weights and of the biases.
#[test]
fn initialisation_is_pytorchs() {
    let params = Params::seeded(3);
    let layer = Linear::new(&params, "fc", 3072, 32);
    let bound = 1.0 / 3072f64.sqrt();
    for p in layer.params() {
        let values = params.values(p);
        assert!(values.iter().all(|v| f64::from(v.abs()) <= bound * 1.000_001));
    }
    let weights = params.values(layer.weight());
    let mean = weights.iter().map(|&v| f64::from(v)).sum::<f64>() / weights.len() as f64;
    let variance = weights.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / weights.len() as f64;
    // Standard errors: bound / √(3 n) for the mean, about bound² / √n · 0.3 for the variance.
    assert!(mean.abs() < 5.0 * bound / (3.0 * weights.len() as f64).sqrt());
    assert!((variance / (bound * bound / 3.0) - 1.0).abs() < 0.02);
}

#[test]
fn normal_initialisation() {
    let params = Params::seeded(3);
    let layer =
        Linear::with(&params, "fc", 100, 100, LayerOptions { init: Init::Normal, ..LayerOptions::default() });
    let [w, b] = [0, 1].map(|k| params.values(layer.params()[k]));
    let variance = w.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / w.len() as f64;
    assert!((variance - 1.0).abs() < 0.06, "{variance}");
    assert!(b.iter().all(|&v| v == 0.0));
}

/// A layer's values depend on the seed and its place, not on how other layers were drawn.
#[test]
fn layers_are_drawn_independently() {
    let second = |units, seed| {
        let params = Params::seeded(seed);
        Linear::new(&params, "a", 5, units);
        params.values(Linear::new(&params, "b", 3, 3).weight())
    };
    assert_eq!(second(2, 0), second(7, 0));
    assert_ne!(second(2, 0), second(2, 1));
}

#[test]
fn summary_of_cnn_3() {
    let (params, model) = network("cnn_3", 0);
    insta::assert_snapshot!(summary(&model, &params, &[3, 32, 32]));
}

#[test]
fn convolution_with_stride_and_padding() {
    let params = Params::default();
    let conv = Conv2d::with(&params, "c", [2, 4], 3, LayerOptions { bias: false, ..LayerOptions::default() })
        .stride(2)
        .padding(1);
    assert_eq!(conv.describe(), "Conv2d(2, 4, 3x3, stride 2, padding 1, no bias)");
    let tape = Tape::training(&params);
    let y = conv.forward(tape.input([1, 2, 7, 7], &[0.5; 98]));
    assert_eq!(y.shape().to_vec(), [1, 4, 4, 4]);
    assert_eq!(y.sum().backward().params().len(), 1, "no gradient for the bias that is not there");
}

/// Dropout is the tape's to switch: training drops, an evaluation passes values through.
#[test]
fn dropout_only_while_training() {
    let params = Params::seeded(5);
    let x = [1.0; 1000];
    let zeros = |tape: &Tape<'_>| {
        let y = Dropout { p: 0.25 }.forward(tape.input([1000], &x)).values();
        y.iter().filter(|&&v| v == 0.0).count()
    };
    let dropped = zeros(&Tape::training(&params));
    assert!((200..300).contains(&dropped), "{dropped}");
    assert_eq!(zeros(&Tape::inference(&params)), 0);
}

#[test]
fn every_activation_builds() {
    for name in ["relu", "leaky_relu", "sigmoid", "tanh"] {
        let activation: Activation = name.parse().unwrap();
        assert_eq!(activation.to_string(), name);
        let variant = Variant { activation, ..Variant::default() };
        let model = TABLE_A[2].build(&Params::default(), &variant);
        assert_eq!(model.iter().filter(|m| m.describe().starts_with("MaxPool2d")).count(), 2);
    }
    assert!("swish".parse::<Activation>().unwrap_err().contains("swish"));
}

#[test]
#[should_panic(expected = "conv2d: input has 3 channels, weight expects 16")]
fn wrong_channels_name_the_numbers() {
    let params = Params::default();
    let conv = Conv2d::new(&params, "c", [16, 8], 3);
    let tape = Tape::recording(&params);
    conv.forward(tape.feed([50, 3, 32, 32]));
}

#[test]
#[should_panic(expected = "max_pool2d: window 2x2 does not fit the 1x1 input")]
fn too_small_an_image() {
    let params = Params::default();
    let tape = Tape::recording(&params);
    MaxPool2d { kernel: 2, stride: 2 }.forward(tape.feed([50, 3, 1, 1]));
}

#[test]
fn state_dict_round_trip() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("weights.safetensors");
    let (a, _) = network("cnn_3", 0);
    let (b, _) = network("cnn_3", 1);
    assert_ne!(a.digest(), b.digest());
    state_dict::save(&a, &file, "cnn_3").unwrap();
    state_dict::load(&b, &file).unwrap();
    assert_eq!(a.digest(), b.digest());
}

#[cfg(unix)]
#[test]
fn weight_files_get_ordinary_permissions_and_links_stay_links() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let dir = tempfile::tempdir().unwrap();
    let [file, link, plain] = ["file", "link", "plain"].map(|name| dir.path().join(name));
    let (params, _) = network("cnn_3", 0);
    state_dict::save(&params, &file, "").unwrap();
    fs::write(&plain, "").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&file), mode(&plain));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    state_dict::save(&params, &link, "changed").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&file).unwrap(), state_dict::to_bytes(&params, "changed"));
}

/// What does not fit is refused by name, and nothing is changed.
#[test]
fn state_dict_of_another_network() {
    let path = Path::new("x.safetensors");
    let (cnn, _) = network("cnn_3", 0);
    let before = cnn.digest();
    let refuse = |bytes: &[u8]| {
        let error = state_dict::from_bytes(&cnn, bytes, path).unwrap_err();
        assert_eq!(cnn.digest(), before);
        assert!(error.to_string().starts_with("x.safetensors: "), "{error}");
        error
    };
    let (mlp, _) = network("mlp_1", 0);
    assert!(
        matches!(refuse(&state_dict::to_bytes(&mlp, "")), Error::Missing { name, .. } if name == "0.weight")
    );
    let (deeper, _) = network("cnn_4", 0);
    assert!(
        matches!(refuse(&state_dict::to_bytes(&deeper, "")), Error::Shape { name, .. } if name == "2.weight")
    );
    let (more, _) = network("cnn_3", 0);
    more.add("extra", [1], Layout::Rows, &[0.0]);
    assert!(
        matches!(refuse(&state_dict::to_bytes(&more, "")), Error::Unexpected { name, .. } if name == "extra")
    );
    let good = state_dict::to_bytes(&cnn, "");
    assert!(matches!(refuse(&good[..good.len() - 4]), Error::Format { .. }));
    assert!(matches!(state_dict::load(&cnn, "/nonexistent/file"), Err(Error::Io { .. })));
}
