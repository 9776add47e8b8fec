//! Part 1: activation functions and XOR.
use super::question;
use crate::report::{
    document::Question,
    load::{Results, Xor},
    words::{list, percent, points},
};

/// All questions of the part.
pub fn answers(results: &Results) -> Vec<Question> {
    let xor = results.part1.as_ref().map(|p| &p.xor[..]);
    vec![
        question(
            "What are advantages and disadvantages of each activation function, and when is which to be used?",
            activations(xor),
        ),
        question("What is the XOR problem, and why can a single layer not solve it?", one_layer(xor)),
        question("Does the decision boundary change from run to run, and why?", boundary(xor)),
    ]
}

/// Networks with a hidden layer, trained by the gradient of the sum: those that learn.
fn hidden(xor: &[Xor]) -> Vec<&Xor> {
    xor.iter().filter(|x| !x.is_single_layer() && x.reduction == "sum").collect()
}

fn activations(xor: Option<&[Xor]>) -> Vec<String> {
    let textbook = [
        "*Sigmoid*: smooth, its output in (0, 1) can be read as a probability; but its slope is at most 1/4 and vanishes \
         for large |x|, its output is never centred on zero, and it needs an exponential. Use it for a binary output or \
         a gate, not in the hidden layers of deep networks.",
        "*tanh*: centred on zero with slope up to 1, so it learns faster than the sigmoid; it saturates all the same. \
         Use it in small or recurrent networks.",
        "*ReLU*: cheap, slope exactly 1 for every positive input, so gradients pass through many layers, and zeros make \
         activations sparse; but it is not differentiable at 0, unbounded, and a unit whose input is negative for all data \
         has no gradient and stays dead. The default of hidden layers in deep networks.",
    ];
    let mut answer: Vec<String> = textbook.map(str::to_owned).into();
    let found = xor.map(hidden).unwrap_or_default();
    if found.is_empty() {
        answer.push("On XOR: not run.".into());
        return answer;
    }
    let of = |x: &&Xor| {
        let (a, runs) = (&x.accuracy, x.runs.len());
        let dead =
            if x.dead_runs > 0 { format!(", {} of {runs} runs dead", x.dead_runs) } else { String::new() };
        format!("{} {} (from {:.1} to {:.1}{dead})", x.network, percent(a.mean), a.min, a.max)
    };
    answer.push(format!("On XOR here, mean validation accuracy: {}.", list(found.iter().map(of))));
    let spread = |x: &&&Xor| x.accuracy.max - x.accuracy.min;
    let steady = found.iter().min_by(|a, b| spread(a).total_cmp(&spread(b)));
    let wild = found.iter().max_by(|a, b| spread(a).total_cmp(&spread(b)));
    if let (Some(steady), Some(wild)) = (steady, wild)
        && spread(&wild) > spread(&steady) + 1.0
    {
        let dead: usize = found.iter().map(|x| x.dead_runs).sum();
        let why = match (wild.dead_runs, dead) {
            (1.., _) => ": its dead runs are what the textbook warns of",
            (0, 0) => ", though no run died",
            _ => "",
        };
        answer.push(format!(
            "{} is the steadiest ({} between its runs), {} depends most on its initial weights ({}){why}.",
            steady.network,
            points(spread(&steady)),
            wild.network,
            points(spread(&wild))
        ));
    }
    answer
}

fn one_layer(xor: Option<&[Xor]>) -> Vec<String> {
    let textbook = "XOR asks for 1 where exactly one of two inputs is high: here the blobs in opposite quadrants belong to \
                    the same class. A single layer computes f(w·x + b), whose 0.5 contour is a straight line for every monotone f. \
                    No line separates the classes: the two points of class 1 would have to lie on one side, so would their \
                    midpoint, which is also the midpoint of class 0. A hidden layer draws several lines and the next one \
                    combines them.";
    let mut answer = vec![textbook.to_owned()];
    let all = xor.unwrap_or_default();
    let single: Vec<&Xor> = all.iter().filter(|x| x.is_single_layer()).collect();
    if single.is_empty() {
        answer.push("With one layer: not run.".into());
        return answer;
    }
    let best = single.iter().map(|x| x.accuracy.max).fold(0.0, f64::max);
    let means =
        list(single.iter().map(|x| format!("{} ({}) {}", x.network, x.reduction, percent(x.accuracy.mean))));
    answer.push(format!(
        "Measured: a single layer gets {means} of the validation points right, {} in the best run.",
        percent(best)
    ));
    answer.push(match best {
        0.0..80.0 => "That is the 75 % at most that a line can reach: three of the four blobs.".into(),
        _ => format!(
            "A line should reach 75 % at most; {} means that the blobs overlap otherwise than expected.",
            percent(best)
        ),
    });
    let two = hidden(all).iter().map(|x| x.accuracy.mean).fold(f64::NAN, f64::max);
    if two.is_finite() {
        let verb = if two > best { "does better" } else { "does no better in this run" };
        answer.push(format!(
            "With a hidden layer of four units the best activation {verb}: {} on average.",
            percent(two)
        ));
    }
    answer
}

fn boundary(xor: Option<&[Xor]>) -> Vec<String> {
    let found: Vec<(&Xor, f64)> = xor
        .map(hidden)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|x| Some((x, x.boundary_change?)))
        .collect();
    let why = "The loss is not convex: each run starts from other weights and ends in another minimum (or on a plateau, with dead or \
               saturated units), where other hidden units draw the lines. Where there are points, good runs agree; between \
               and beyond the blobs nothing in the data fixes the boundary.";
    let measured = if found.is_empty() {
        "How much: not run (or only one run of each).".to_owned()
    } else {
        let each = list(found.iter().map(|(x, change)| format!("{} {}", x.network, percent(*change))));
        let largest = found.iter().map(|(_, change)| *change).fold(0.0, f64::max);
        let verdict = match largest {
            0.0..1.0 => "Hardly",
            1.0..5.0 => "A little",
            _ => "Yes",
        };
        format!(
            "{verdict}. Share of the plane that two runs decide differently, averaged over pairs of runs: {each}."
        )
    };
    vec![measured, why.into()]
}
