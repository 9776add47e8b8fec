//! The built-in images do their job: convolutions pay, and a fully connected network learns them by heart.
use ferrotape_autograd::{Device, Input, Params, Source};
use ferrotape_data::{Holdout, split, synthetic};
use ferrotape_experiments::{
    evaluate::{Images, score},
    progress::{Mode, Progress},
    train::{Protocol, Splits, train},
};
use ferrotape_nn::{
    Adam,
    models::{Network, TABLE_A, Variant},
};
use std::{ops::ControlFlow, sync::Arc};

/// Accuracy in percent on the training and on the test images.
fn accuracies(name: &str, data: &Splits) -> [f64; 2] {
    let params = Params::seeded(0);
    let model = Network::find(TABLE_A, name).unwrap().build(&params, &Variant::default());
    let mut progress = Progress::new(300, 50, name, Mode::Quiet);
    let protocol = Protocol { epochs: 3, eval_every: 1000, ..Protocol::new(1e-3) };
    let history =
        train(&model, &params, Adam::default(), data, &protocol, &Device::Cpu, &mut progress).unwrap();
    let known = score(&model, &params, &data.train, data.input, &Device::Cpu).unwrap();
    [known.accuracy, history.test_acc]
}

/// After 3 epochs on 5,000 images a CNN beats mlp_1 by at least 10 points, and mlp_1's gap between training and
/// test accuracy is at least 10 points.
#[test]
fn cnns_beat_mlps_and_mlps_overfit() {
    let dir = tempfile::tempdir().unwrap();
    let set =
        synthetic::ensure(dir.path(), &synthetic::Recipe::default(), &mut |_| ControlFlow::Continue(()));
    let set = set.unwrap();
    let source: Arc<dyn Source> = set.train();
    let (train, validation) = split::balanced(&*source, Holdout::Percent(10), 0).unwrap();
    let train = split::limit(&train, &*source, 5000, 0).unwrap();
    let [train, validation] = [train, validation].map(|indices| Images { source: source.clone(), indices });
    let data = Splits { train, validation, test: Images::all(set.test()), input: Input::Rgb };
    let [mlp_train, mlp_test] = accuracies("mlp_1", &data);
    let [_, cnn_test] = accuracies("cnn_3", &data);
    println!("mlp_1 train {mlp_train:.1} test {mlp_test:.1}, cnn_3 test {cnn_test:.1}");
    assert!(cnn_test >= mlp_test + 10.0, "cnn_3 {cnn_test} %, mlp_1 {mlp_test} %");
    assert!(
        mlp_train >= mlp_test + 10.0,
        "mlp_1: {mlp_train} % on training images, {mlp_test} % on test images"
    );
}
