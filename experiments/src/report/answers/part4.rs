//! Part 4: ReLU against the sigmoid.
use super::question;
use crate::{
    report::{
        document::Question,
        facts::{Descent, descents, learns},
        load::{Results, Xor},
        words::{list, magnitude, percent},
    },
    results::Part4Inputs,
};

/// All questions of the part.
pub fn answers(results: &Results) -> Vec<Question> {
    let all = &descents(results)[..];
    vec![
        question("How do gradients behave, and how does depth change it?", behaviour(all)),
        question("Why?", why(all)),
        question("Is it the same as in part 1?", as_in_part_1(all, results)),
        question("Bonus: what changes with inputs in [0, 255] instead of [0, 1]?", bonus(&results.inputs)),
    ]
}

fn behaviour(all: &[Descent]) -> Vec<String> {
    if all.is_empty() {
        return Vec::new();
    }
    let each = all.iter().map(|d| {
        let [relu, sigmoid] = d.gradient;
        format!("{} {} with ReLU, {} with the sigmoid", d.name, magnitude(relu), magnitude(sigmoid))
    });
    let mut answer = vec![format!(
        "Norm of the first layer's gradient at the end of training: {}.",
        each.collect::<Vec<_>>().join("; ")
    )];
    let smaller = all.iter().filter(|d| d.gradient[1] < d.gradient[0]).count();
    answer.push(match (smaller, all.len()) {
        (n, m) if n == m => "The sigmoid's is the smaller one in every network.".into(),
        (0, _) => "The sigmoid's is the larger one in every network of this run.".into(),
        (n, m) => format!("The sigmoid's is the smaller one in {n} of {m} networks."),
    });
    let decays: Vec<(&Descent, usize, [f64; 2])> =
        all.iter().filter_map(|d| Some((d, d.depth()?, d.decay()?))).collect();
    if !decays.is_empty() {
        let each = decays.iter().map(|(d, depth, [relu, sigmoid])| {
            format!("{} ({depth} layers) {} and {}", d.name, magnitude(*relu), magnitude(*sigmoid))
        });
        answer.push(format!(
            "From layer to layer at the start, first layer's gradient over the last one's, with ReLU and with the sigmoid: {}.",
            list(each)
        ));
        answer.push(with_depth(&decays));
    }
    answer.push(stuck(all));
    answer
}

/// Shallowest against deepest network with the sigmoid.
fn with_depth(decays: &[(&Descent, usize, [f64; 2])]) -> String {
    let shallow = decays.iter().min_by_key(|(_, depth, _)| *depth);
    let deep = decays.iter().max_by_key(|(_, depth, _)| *depth);
    let (Some((s, sd, [_, s_ratio])), Some((d, dd, [_, d_ratio]))) = (shallow, deep) else {
        return String::new();
    };
    if sd == dd {
        return String::new();
    }
    let factor = s_ratio / d_ratio;
    match factor {
        f if f > 3.0 => format!(
            "With the sigmoid the gradient decays with depth: the ratio is {} times smaller in {} than in {}.",
            magnitude(f),
            d.name,
            s.name
        ),
        f if f > 1.0 / 3.0 => {
            format!("With the sigmoid depth makes little difference here, from {} to {}.", s.name, d.name)
        }
        _ => format!(
            "In this run the sigmoid's gradient does not decay with depth from {} to {}.",
            s.name, d.name
        ),
    }
}

/// Which trainings never left chance.
fn stuck(all: &[Descent]) -> String {
    let names = |which: usize| -> Vec<&str> {
        all.iter().filter(|d| !learns(d.loss[which])).map(|d| d.name.as_str()).collect()
    };
    let loss = |which: usize| {
        move |name: &&str| {
            let at = all.iter().find(|d| d.name == **name).map_or(0.0, |d| d.loss[which]);
            format!("{name} ({at:.3})")
        }
    };
    let (relu, sigmoid) = (names(0), names(1));
    let with = |names: &[&str], which| list(names.iter().map(loss(which)).collect::<Vec<_>>());
    match (relu.is_empty(), sigmoid.is_empty()) {
        (true, true) => "All networks learn with either activation: every loss ends clearly below ln 10 = 2.303, the loss of guessing.".into(),
        (true, false) => format!(
            "With the sigmoid {} stay at the loss of guessing, ln 10 = 2.303; with ReLU every network learns.",
            with(&sigmoid, 1)
        ),
        (false, true) => format!("In this run it is ReLU that does not learn in {}.", with(&relu, 0)),
        (false, false) => format!(
            "Neither activation leaves the loss of guessing (2.303) everywhere: ReLU not in {}, the sigmoid not in {}.",
            with(&relu, 0),
            with(&sigmoid, 1)
        ),
    }
}

fn why(all: &[Descent]) -> Vec<String> {
    let textbook = "Backpropagation multiplies, layer by layer, by the weights and by the activation's slope. The sigmoid's slope is at \
                    most 1/4, so k layers scale the gradient by up to 4⁻ᵏ: it vanishes towards the input, and the first layers stand still. ReLU's slope is 1 for \
                    active units, whatever the depth. The sigmoid's outputs are besides all positive and near 1/2 at the start, so every image looks alike to the \
                    layers above.";
    let deepest =
        all.iter().filter_map(|d| Some((d, d.depth()?, d.decay()?))).max_by_key(|(_, depth, _)| *depth);
    let measured = deepest.map(|(d, depth, [relu, sigmoid])| {
        let hidden = depth.saturating_sub(1);
        let bound = 0.25f64.powi(hidden as i32);
        format!(
            "In {}, with {hidden} layers below the prediction layer, slopes alone would allow a factor of {}; measured is {} with the sigmoid and {} with ReLU \
             (weights and sums over places have their share in both).",
            d.name,
            magnitude(bound),
            magnitude(sigmoid),
            magnitude(relu)
        )
    });
    vec![textbook.into(), measured.unwrap_or_else(|| "Layer by layer: not run.".into())]
}

fn as_in_part_1(all: &[Descent], results: &Results) -> Vec<String> {
    let xor = results.part1.as_ref().map_or(&[][..], |p| &p.xor);
    let of = |name: &str| xor.iter().find(|x| x.reduction == "sum" && x.network == format!("2-4-1 {name}"));
    let textbook = "With one hidden layer, as in part 1, slopes shrink a gradient once: the sigmoid is slower, but learns. What separates the two activations is depth.";
    let (Some(relu), Some(sigmoid)) = (of("relu"), of("sigmoid")) else {
        return vec![textbook.into(), "XOR with both activations: not run.".into()];
    };
    let acc = |x: &Xor| percent(x.accuracy.mean);
    let better_there = relu.accuracy.mean > sigmoid.accuracy.mean;
    let here = all.iter().filter(|d| d.loss[0] < d.loss[1]).count();
    let mut text = format!("On XOR ReLU gets {} and the sigmoid {} on average", acc(relu), acc(sigmoid));
    text += &match (better_there, all.len()) {
        (_, 0) => "; part 4: not run.".to_owned(),
        (false, m) if 2 * here > m => format!(
            ", here ReLU has the lower loss in {here} of {m} networks: *not* the same. The small network suffers from dead units, the deep ones from vanishing slopes."
        ),
        (true, m) if 2 * here > m => {
            format!(", here ReLU has the lower loss in {here} of {m} networks: the same winner.")
        }
        (false, m) => format!(
            ", here ReLU has the lower loss in only {here} of {m} networks: the same winner, the sigmoid."
        ),
        (true, m) => format!(", here ReLU has the lower loss in only {here} of {m} networks: not the same."),
    };
    vec![textbook.into(), text]
}

fn bonus(inputs: &[Part4Inputs]) -> Vec<String> {
    let textbook = "Inputs of hundreds make first-layer sums, and the gradients of its weights, that much larger: a rate that suits [0, 1] overshoots; sigmoids saturate at \
                    once. Scaling to a common small range, centred on zero, makes one rate fit all weights.";
    if inputs.is_empty() {
        return vec![textbook.into(), "In numbers: not run.".into()];
    }
    let mut answer: Vec<String> =
        inputs.iter().flat_map(|r| [ranges(r, "ReLU"), ranges(r, "the sigmoid")]).collect();
    answer.insert(0, textbook.into());
    answer
}

/// Test accuracies below it, in percent, are near those of guessing one of ten classes.
const NEAR_CHANCE: f64 = 13.0;

fn ranges(r: &Part4Inputs, activation: &str) -> String {
    let (tests, diverged) = match activation {
        "ReLU" => (&r.relu_test_accs, &r.relu_diverged_at),
        _ => (&r.sigmoid_test_accs, &r.sigmoid_diverged_at),
    };
    let each = r.inputs.iter().enumerate().map(|(k, input)| match diverged[k] {
        0 => format!("`{input}` {}", percent(tests[k])),
        step => format!("`{input}` diverges at step {step}"),
    });
    let each = list(each.collect::<Vec<_>>());
    let finished: Vec<usize> = (0..tests.len()).filter(|&k| diverged[k] == 0).collect();
    let best = finished.iter().copied().max_by(|&a, &b| tests[a].total_cmp(&tests[b]));
    let raw = r.inputs.iter().position(|i| i == "raw255");
    let verdict = match (best, raw) {
        (_, Some(raw)) if diverged[raw] != 0 => "; unscaled bytes do not train at all".to_owned(),
        (Some(best), _) if tests[best] < NEAR_CHANCE => {
            "; nothing is learnt in this time, whatever the range".into()
        }
        (Some(best), Some(raw)) if tests[best] > tests[raw] + 1.0 => {
            format!("; unscaled bytes cost {:.1} points", tests[best] - tests[raw])
        }
        (Some(_), Some(_)) => "; unscaled bytes do no harm in this run".into(),
        _ => String::new(),
    };
    format!("{} with {activation}, test accuracy: {each}{verdict}.", r.name)
}
