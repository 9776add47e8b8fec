//! What the first layer's weights say.
use crate::report::{
    facts::{Architecture, Family},
    load::Results,
    words::{coefficient, list},
};

/// Correlation of neighbouring weights above which a picture has shapes, and below which it is noise to the eye.
const SHAPES: f64 = 0.5;
const NOISE: f64 = 0.15;

/// Interpretable? Specialised? Which most?
pub(super) fn answers(all: &[Architecture], results: &Results) -> [Vec<String>; 3] {
    if all.is_empty() {
        return [const { Vec::new() }; 3];
    }
    [interpretable(all), specialised(all, results), most(all)]
}

fn measured(all: &[Architecture]) -> Vec<(&Architecture, f64)> {
    all.iter().filter_map(|a| Some((a, a.smoothness?))).collect()
}

fn interpretable(all: &[Architecture]) -> Vec<String> {
    let found = measured(all);
    if found.is_empty() {
        return vec![
            "The weights of this run are no pictures (see their shapes), so there is nothing to look at."
                .into(),
        ];
    }
    let each = list(found.iter().map(|(a, s)| format!("{} {}", a.name, coefficient(*s))));
    let how = |s: f64| match s {
        s if s > SHAPES => "smooth shapes (blobs, gradients of colour)",
        s if s > NOISE => "shapes under noise",
        _ => "noise to the eye",
    };
    let mut answer = vec![format!(
        "A number for what the eye sees: the correlation of neighbouring weights, 0 for noise (as before training), near 1 for smooth shapes. After training: {each}."
    )];
    for (family, what) in [
        (Family::Mlp, "MLP units, as large as the image, show"),
        (Family::Cnn, "CNN filters, a few pixels wide, show"),
    ] {
        let mine: Vec<f64> = found.iter().filter(|(a, _)| a.family == family).map(|f| f.1).collect();
        if !mine.is_empty() {
            let mean = mine.iter().sum::<f64>() / mine.len() as f64;
            let limit = if family == Family::Cnn {
                "; in 3×3 pixels there is room for little more than an edge or a spot of colour, which is read better off the feature maps"
            } else {
                ", templates of where light and colour are, rarely of objects"
            };
            answer.push(format!("{what} {} ({} on average){limit}.", how(mean), coefficient(mean)));
        }
    }
    answer
}

fn specialised(all: &[Architecture], results: &Results) -> Vec<String> {
    let mut answer = vec![
        "In the first layer hardly: its units answer to edges, colours and coarse layouts that all classes share, and the layers above \
         combine them. Only the prediction layer has one unit a class."
            .to_owned(),
    ];
    let found: Vec<(&Architecture, f64)> = all.iter().filter_map(|a| Some((a, a.likeness?))).collect();
    if !found.is_empty() {
        let each = list(found.iter().map(|(a, l)| format!("{} {l:.2}", a.name)));
        let highest = found.iter().map(|f| f.1).fold(0.0, f64::max);
        let verdict = if highest > 0.8 {
            "values this high mean that some units double others, which specialists would not"
        } else {
            "no unit doubles another, but that alone does not make it a specialist"
        };
        answer.push(format!("How alike each unit's weights are to its nearest other's (|cosine|, averaged): {each}; {verdict}."));
    }
    let widths =
        results.part3.iter().filter_map(|n| Some((&n.result.name, n.result.weights.shape().first()?)));
    let more: Vec<String> =
        widths.filter(|(_, units)| **units > 10).map(|(name, units)| format!("{name} {units}")).collect();
    if !more.is_empty() {
        answer.push(format!(
            "First-layer units, for ten classes: {}. One a class is not what they are.",
            list(more)
        ));
    }
    answer
}

fn most(all: &[Architecture]) -> Vec<String> {
    let found = measured(all);
    let Some((best, value)) = found.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else { return Vec::new() };
    let pixels = if best.family == Family::Mlp {
        "and, being as large as the image, they can be read as templates"
    } else {
        "though its filters are only a few pixels wide, so that MLP weights give the eye more to read"
    };
    let mut answer = vec![format!(
        "By the same number {}: its weights are the smoothest ({}), {pixels}.",
        best.name,
        coefficient(*value)
    )];
    let of = |name: &str| found.iter().find(|(a, _)| a.name == name).map(|f| f.1);
    if let (Some(one), Some(two)) = (of("mlp_1"), of("mlp_2")) {
        let verdict = match two - one {
            d if d > 0.03 => "mlp_2's are the clearer ones",
            d if d < -0.03 => "mlp_1's are the clearer ones",
            _ => "they are alike",
        };
        answer.push(format!(
            "Of the two MLPs: mlp_1 {}, mlp_2 {}; {verdict}.",
            coefficient(one),
            coefficient(two)
        ));
    }
    answer
}
