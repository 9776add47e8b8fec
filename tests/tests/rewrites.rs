//! What the planner makes of a step, a piece at a time: fewer instructions, the same bits.
use ferrotape_autograd::{Adam, Device, Input, Layout, ParamId, Params, Rewrites, Sgd, Shape, Tape, Var};
use ferrotape_nn::{
    Module, Step,
    models::{Activation, Layer, Network, TABLE_A, TABLE_B, Variant},
};
use ferrotape_tests::noise;

const PLANS: [Rewrites; 4] = [
    Rewrites::NONE,
    Rewrites { fuse: true, ..Rewrites::NONE },
    Rewrites { fuse: false, ..Rewrites::ALL },
    Rewrites::ALL,
];

/// Batches of twenty, so that chains have several chunks, and one smaller.
fn batches() -> [Vec<u32>; 3] {
    [(0..20).collect(), (20..40).collect(), (3..10).collect()]
}

/// Parameters after some steps and logits of the last batch, and how many instructions and chains the step has.
fn train(
    network: &Network,
    variant: &Variant,
    rewrites: Rewrites,
    threads: usize,
) -> (u64, Vec<u32>, usize, usize) {
    let [channels, ..] = variant.image;
    let (source, input) = (noise(40, [3, 32, 32]), if channels == 1 { Input::Gray } else { Input::Rgb });
    let device = Device::threads(threads).unwrap();
    let params = Params::seeded(3);
    let model = network.build(&params, variant);
    let mut step = Step::new(|tape, n| {
        let (x, labels) = tape.batch(&source, input, n);
        let loss = model.forward(x).cross_entropy(labels);
        loss.backward().step(Adam::default());
        vec![loss]
    })
    .on(device.clone())
    .planned(rewrites);
    batches().iter().for_each(|batch| _ = step.run(&params, batch).unwrap());
    let mut evaluate = Step::evaluation(|tape, n| vec![model.forward(tape.batch(&source, input, n).0)])
        .on(device)
        .planned(rewrites);
    let logits =
        evaluate.run(&params, &batches()[0]).unwrap().values(0).iter().map(|v| v.to_bits()).collect();
    let code = step.program(&params, 20).unwrap().code();
    (params.digest(), logits, code.instructions().len(), code.chains().len())
}

fn check(network: &Network, variant: &Variant) {
    let [plain, fused, chained, all] = PLANS.map(|plan| train(network, variant, plan, 2));
    let name = network.name;
    for other in [&fused, &chained, &all] {
        assert_eq!((plain.0, &plain.1), (other.0, &other.1), "{name}: other bits");
    }
    assert!(fused.2 < plain.2, "{name}: nothing is fused: {} instructions", plain.2);
    let convolutions = network.layers.iter().filter(|layer| matches!(layer, Layer::Conv { .. })).count();
    if convolutions > 0 {
        assert_eq!([plain.3, fused.3], [0, 0]);
        assert!(all.3 > 0 && chained.3 > 0, "{name}: no chain");
        assert_eq!(all, train(network, variant, Rewrites::ALL, 7), "{name}: other bits on seven threads");
    }
}

#[test]
fn of_every_network() {
    TABLE_A.iter().chain(TABLE_B).for_each(|network| check(network, &Variant::default()));
}

/// The mask of an image is its own, whatever chunk it comes in.
#[test]
fn of_dropout_between_convolutions() {
    let conv = |kernel, channels| Layer::Conv { kernel, channels };
    let layers = [conv(3, 8), Layer::Act, Layer::Dropout(0.3), conv(5, 6), Layer::Dropout(0.2), Layer::Act];
    let network = Network { name: "dropout", layers: layers.to_vec().into() };
    check(&network, &Variant::default());
}

#[test]
fn of_gray_images_and_another_activation() {
    let gray = Variant { image: [1, 32, 32], activation: Activation::Tanh, ..Variant::default() };
    TABLE_A.iter().for_each(|network| check(network, &gray));
}

/// No activation of a convolution is an instruction of its own, nor its gradient, nor a pooling; and the bits are those of
/// the instructions as they were written.
#[test]
fn of_other_activations() {
    let cnns = |table: &'static [Network]| table.iter().filter(|network| network.name.starts_with("cnn"));
    for (activation, networks) in [
        (Activation::Sigmoid, cnns(TABLE_A)),
        (Activation::Sigmoid, cnns(TABLE_B)),
        (Activation::Tanh, cnns(TABLE_B)),
        (Activation::LeakyRelu, cnns(&TABLE_A[2..3])),
    ] {
        let variant = Variant { activation, ..Variant::default() };
        for network in networks {
            check(network, &variant);
            let names = instructions(network, &variant);
            let is_there = |name: String| names.contains(&name);
            let f = activation;
            for fused in [
                format!("conv2d_{f}"),
                format!("conv2d_{f}_max_pool2d"),
                format!("{f}_bias_grad"),
                format!("max_pool2d_{f}_bias_grad"),
            ] {
                assert!(is_there(fused), "{names:?}");
            }
            for alone in ["conv2d", "max_pool2d", "max_pool2d_grad"] {
                assert!(!is_there(alone.into()), "{names:?}");
            }
            assert!(!is_there(format!("{f}")) && !is_there(format!("{f}_grad")), "{names:?}");
        }
    }
}

/// What the instructions of a training step are called.
fn instructions(network: &Network, variant: &Variant) -> Vec<String> {
    let params = Params::seeded(3);
    let model = network.build(&params, variant);
    let mut step = Step::new(|tape, n| {
        let loss = model.forward(tape.feed([n, 3, 32, 32])).cross_entropy(tape.feed_u32(n));
        loss.backward().step(Adam::default());
        vec![loss]
    });
    step.program(&params, 20).unwrap().code().instructions().iter().map(|i| i.name().to_owned()).collect()
}

/// What is left of a step of the smallest network, with the count that trainings keep.
#[test]
fn a_step_of_the_smallest_network() {
    let source = noise(40, [3, 32, 32]);
    let params = Params::seeded(3);
    let model = TABLE_A[0].build(&params, &Variant::default());
    let mut step = Step::new(|tape, n| {
        let (x, labels) = tape.batch(&source, Input::Rgb, n);
        let logits = model.forward(x);
        let loss = logits.cross_entropy(labels);
        loss.backward().step(Adam::default());
        vec![loss, logits.count_correct(labels)]
    });
    let code = step.program(&params, 20).unwrap().code();
    let names: Vec<&str> = code.instructions().iter().map(|i| i.name()).collect();
    let expected = [
        "gather",
        "linear_relu",
        "linear",
        "cross_entropy_bias_grad_count",
        "linear_dgrad_wgrad",
        "relu_bias_grad",
        "linear_wgrad",
        "adam",
    ];
    assert_eq!(names, expected);
}

/// A training step of one's own: what is kept of it, in which every number counts.
type Recipe = for<'t> fn(&'t Tape<'t>, &[ParamId], Var<'t>) -> Vec<Var<'t>>;

/// Images, a 3x3 convolution of 3 to 8 channels, its bias, weights like the images, layers of 7 and 5 units: what the recipes
/// are made of.
fn ingredients(params: &Params, n: usize) -> Vec<ParamId> {
    let values = |len: usize| -> Vec<f32> { (0..len).map(|i| (i as f32 * 0.37).sin()).collect() };
    let add = |name, shape: &[usize]| {
        let shape = Shape::new(shape);
        params.add(name, shape, Layout::Rows, &values(shape.len()))
    };
    vec![
        add("images", &[n, 3, 12, 12]),
        add("w", &[8, 3, 3, 3]),
        add("b", &[8]),
        add("scale", &[n, 8, 10, 10]),
        add("like", &[n, 3, 12, 12]),
        add("w1", &[7, 432]),
        add("b1", &[7]),
        add("w2", &[5, 7]),
        add("b2", &[5]),
    ]
}

/// What has been wrong in some framework, or in this one: each with every plan, on one and on three threads.
const RECIPES: &[(&str, Recipe)] = &[
    ("an image that learns, behind a convolution", |t, p, x| {
        let loss = (t.param(p[0]) + x).conv2d(t.param(p[1]), t.param(p[2]), 1, 0).relu().sum();
        loss.backward().step(Sgd::default());
        vec![loss]
    }),
    ("a gradient that is fed", |t, p, x| {
        let y = t.param(p[0]) + t.param(p[4]);
        y.backward_with(x).step(Sgd::default());
        vec![y]
    }),
    ("a gradient that is a parameter", |t, p, _| {
        let y = t.param(p[0]) + t.param(p[0]);
        y.backward_with(t.param(p[4])).step(Sgd { momentum: 0.5, weight_decay: 0.01 });
        vec![y.sum()]
    }),
    ("values between the fused ones are kept", |t, p, x| {
        let conv = x.conv2d(t.param(p[1]), t.param(p[2]), 1, 0);
        let relu = conv.relu();
        let pooled = relu.max_pool2d(2, 2);
        let loss = pooled.sum();
        loss.backward().step(Adam::default());
        vec![conv, relu, pooled, loss]
    }),
    ("a gradient is kept", |t, p, x| {
        let w = t.param(p[1]);
        let loss = x.conv2d(w, t.param(p[2]), 1, 0).relu().max_pool2d(2, 2).sum_of_squares();
        let gradients = loss.backward();
        let dw = gradients.get(w).unwrap_or(loss);
        gradients.step(Adam::default());
        vec![dw, loss]
    }),
    ("values read twice", |t, p, x| {
        let conv = x.conv2d(t.param(p[1]), t.param(p[2]), 1, 0);
        let relu = conv.relu();
        let loss = relu.max_pool2d(2, 2).sum() + (relu * t.param(p[3])).sum() + (conv * conv).sum();
        loss.backward().step(Sgd::default());
        vec![loss]
    }),
    ("windows that leave gaps, and windows that overlap", |t, p, x| {
        let relu = x.conv2d(t.param(p[1]), t.param(p[2]), 1, 0).relu();
        let loss = x.conv2d(t.param(p[1]), t.param(p[2]), 2, 1).max_pool2d(2, 3).sum_of_squares()
            + relu.max_pool2d(3, 2).sum_of_squares();
        loss.backward().step(Adam::default());
        vec![loss]
    }),
    ("the fed value is kept, flattened, and read by another", |t, p, x| {
        let loss = x.flatten().sum_of_squares() + (x * t.param(p[0])).sum();
        loss.backward().step(Sgd::default());
        vec![x, loss]
    }),
    ("two updates", |t, p, x| {
        let first = x.conv2d(t.param(p[1]), t.param(p[2]), 1, 0).relu().sum_of_squares();
        let second = (x * t.param(p[0])).sum_of_squares();
        let (a, b) = (first.backward(), second.backward());
        a.step(Sgd::default());
        b.step(Sgd { momentum: 0.9, weight_decay: 0.0 });
        vec![first, second]
    }),
    ("an activation whose values others read, and a pooling of them", |t, p, x| {
        let y = x.conv2d(t.param(p[1]), t.param(p[2]), 1, 0).sigmoid();
        let loss = y.max_pool2d(2, 2).sum_of_squares() + (y * t.param(p[3])).sum();
        loss.backward().step(Adam::default());
        vec![loss]
    }),
    ("saturated values, gradients that are zeros of both signs", |t, p, x| {
        let far = || x.scale(60.0).conv2d(t.param(p[1]), t.param(p[2]), 1, 0);
        let pooled = (-far().sigmoid().max_pool2d(2, 3)).sum() + far().tanh().max_pool2d(3, 3).sum();
        let loss = pooled - far().sigmoid().sum() + far().tanh().sum_of_squares();
        loss.backward().step(Adam::default());
        vec![loss]
    }),
    ("a leaky relu that changes signs, one that does not, and their poolings", |t, p, x| {
        let conv = |slope| x.conv2d(t.param(p[1]), t.param(p[2]), 1, 0).leaky_relu(slope);
        let loss = conv(-0.5).max_pool2d(2, 2).sum_of_squares() + conv(0.5).max_pool2d(2, 2).sum_of_squares();
        let loss = loss + conv(-0.0).max_pool2d(2, 2).sum_of_squares() + conv(-2.0).sum_of_squares();
        loss.backward().step(Adam::default());
        vec![loss]
    }),
    ("an image that learns, behind a sigmoid and a pooling, whose gradient is kept", |t, p, x| {
        let image = t.param(p[0]);
        let y = (image + x).conv2d(t.param(p[1]), t.param(p[2]), 1, 0).sigmoid().max_pool2d(2, 2);
        let loss = y.sum_of_squares();
        let gradients = loss.backward();
        let dx = gradients.get(image).unwrap_or(loss);
        gradients.step(Sgd::default());
        vec![dx, y]
    }),
    ("layers of every activation, loss and count", |t, p, x| {
        let fs: [for<'v> fn(Var<'v>) -> Var<'v>; 5] =
            [|v| v.relu(), |v| v.sigmoid(), |v| v.tanh(), |v| v.leaky_relu(0.25), |v| v.leaky_relu(-0.5)];
        let labels = labels(t, x);
        let mut kept = Vec::new();
        let of = |f: for<'v> fn(Var<'v>) -> Var<'v>| {
            let logits =
                f(x.flatten().linear(t.param(p[5]), t.param(p[6]))).linear(t.param(p[7]), t.param(p[8]));
            kept.push(logits.count_correct(labels));
            logits.cross_entropy(labels)
        };
        let losses: Vec<Var<'_>> = fs.into_iter().map(of).collect();
        let gradients: Vec<_> = losses.iter().map(|loss| loss.backward()).collect();
        gradients.iter().for_each(|gradients| gradients.step(Adam::default()));
        [losses, kept].concat()
    }),
    ("a count behind the loss, a logit that learns, probabilities that are kept", |t, p, x| {
        let logits = x.flatten().linear(t.param(p[5]), t.param(p[6])) + t.param(p[6]);
        let (loss, probabilities) = logits.cross_entropy_and_probabilities(labels(t, x));
        let gradients = loss.backward();
        let of_logits = gradients.get(logits).unwrap_or(loss);
        gradients.step(Adam::default());
        vec![loss, probabilities, logits.count_correct(labels(t, x)), of_logits]
    }),
    ("a loss that is part of another, twice", |t, p, x| {
        let hidden = x.flatten().linear(t.param(p[5]), t.param(p[6]));
        let logits = hidden.relu().linear(t.param(p[7]), t.param(p[8]));
        let losses =
            logits.cross_entropy(labels(t, x)) + hidden.tanh().cross_entropy(labels(t, x)).scale(0.3);
        losses.backward().step(Sgd::default());
        vec![losses, hidden]
    }),
    ("a layer whose activation another reads, and its gradient's", |t, p, x| {
        let hidden = x.flatten().linear(t.param(p[5]), t.param(p[6])).sigmoid();
        let loss =
            hidden.linear(t.param(p[7]), t.param(p[8])).tanh().sum_of_squares() + (hidden * hidden).sum();
        let gradients = loss.backward();
        let of_hidden = gradients.get(hidden).unwrap_or(loss);
        gradients.step(Sgd::default());
        vec![loss, of_hidden]
    }),
    ("activations that are not fused, with a broadcast", |t, p, x| {
        let y = x.conv2d(t.param(p[1]), t.param(p[2]), 1, 0);
        let y = (y.tanh() + y.sigmoid() * y.leaky_relu(0.1) - (y * t.param(p[3]))) + t.param(p[2]);
        let loss = (-y).relayout(Layout::Rows).max_pool2d(2, 2).sum_of_squares();
        loss.backward().step(Adam::default());
        vec![loss]
    }),
];

/// A class for each image.
fn labels<'t>(tape: &'t Tape<'t>, images: Var<'t>) -> Var<'t> {
    let n = images.shape().dim(0) as u32;
    tape.input_u32(&(0..n).map(|i| i % 5).collect::<Vec<u32>>())
}

/// Bits of all that is kept, of two runs, and the parameters' digest.
fn cook(
    recipe: Recipe,
    n: usize,
    frozen: Option<usize>,
    plan: Rewrites,
    threads: usize,
) -> (Vec<Vec<u32>>, u64) {
    let params = Params::seeded(1);
    let ids = ingredients(&params, n);
    if let Some(k) = frozen {
        params.freeze(ids[k], true);
    }
    let x: Vec<f32> = (0..n * 3 * 144).map(|i| (i as f32 * 0.71).cos()).collect();
    let tape = Tape::recording(&params).with_device(Device::threads(threads).unwrap());
    let keep = recipe(&tape, &ids, tape.feed([n, 3, 12, 12]));
    let mut program = tape.compile_with(&keep, plan);
    let mut kept = Vec::new();
    for _ in 0..2 {
        let outputs = program.run(&params, &[x[..].into()]).unwrap();
        kept.extend((0..outputs.len()).map(|k| outputs.values(k).iter().map(|v| v.to_bits()).collect()));
    }
    (kept, params.digest())
}

#[test]
fn of_programs_that_are_no_networks() {
    let small = |fuse| Rewrites { fuse, chain: Some(0), ..Rewrites::NONE };
    for (name, recipe) in RECIPES {
        for (n, frozen) in [(1, None), (5, None), (20, None), (20, Some(1)), (20, Some(2))] {
            let plain = cook(*recipe, n, frozen, Rewrites::NONE, 1);
            for plan in [Rewrites { fuse: true, ..Rewrites::NONE }, small(false), small(true)] {
                for threads in [1, 3] {
                    let other = cook(*recipe, n, frozen, plan, threads);
                    assert!(
                        plain == other,
                        "{name}: {n} images, {frozen:?} frozen, {plan:?}, {threads} threads"
                    );
                }
            }
        }
    }
}

/// The message names the row of the batch, and the program says why it cannot go on.
#[test]
fn a_kernel_panics_inside_a_chain() {
    let source = noise(12, [3, 32, 32]);
    let params = Params::seeded(3);
    let model = TABLE_A[2].build(&params, &Variant::default());
    let mut step = Step::evaluation(|tape, n| vec![model.forward(tape.batch(&source, Input::Rgb, n).0)])
        .on(Device::threads(3).unwrap());
    let mut batch = vec![0; 40];
    assert!(step.run(&params, &batch).is_ok());
    batch[33] = 12;
    let mut message = || {
        let run = std::panic::AssertUnwindSafe(|| step.run(&params, &batch).map(|_| ()));
        let panic = std::panic::catch_unwind(run).expect_err("index 12 of 12");
        *panic
            .downcast::<String>()
            .or_else(|p| p.downcast::<&str>().map(|s| Box::new(s.to_string())))
            .unwrap()
    };
    assert_eq!(message(), "gather: index 12 in row 33, but the data set has 12 records");
    assert!(message().contains("a kernel panicked in an earlier run"));
}
