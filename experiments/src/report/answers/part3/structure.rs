//! Parameters, depth, kinship, choice.
use super::TIE;
use crate::{
    report::{
        facts::{Architecture, Family, best_of, correlation_with},
        load::Network,
        words::{coefficient, duration, list, percent, points, signed, thousands},
    },
    results::{Part3, Part3Details},
};

pub(super) fn parameters(all: &[Architecture]) -> Vec<String> {
    if all.is_empty() {
        return Vec::new();
    }
    let mut sorted: Vec<&Architecture> = all.iter().collect();
    sorted.sort_by_key(|a| a.parameters);
    let each =
        sorted.iter().map(|a| format!("{} {} ({})", a.name, thousands(a.parameters as u64), percent(a.test)));
    let mut answer = vec![format!("Parameters and test accuracy, smallest first: {}.", list(each))];
    answer.push(match correlation_with(all, |a| Some((a.parameters as f64).ln())) {
        None => "Too few networks were run to say more.".into(),
        Some(r) if r < -0.3 => format!(
            "The number alone does not help: over these networks it even correlates negatively with test accuracy (r = {} with its \
             logarithm, {} networks). What counts is where the parameters are: a CNN shares them over all places.",
            coefficient(r),
            all.len()
        ),
        Some(r) if r > 0.3 => format!(
            "In this run larger networks do better (r = {} with the logarithm of the number, {} networks), which says little of size as such: \
             architectures differ too.",
            coefficient(r),
            all.len()
        ),
        Some(r) => format!("In this run size and accuracy have little to do with each other (r = {}, {} networks).", coefficient(r), all.len()),
    });
    answer.extend([Family::Mlp, Family::Cnn].into_iter().filter_map(|family| within(all, family)));
    answer
}

/// Largest against smallest of a family.
fn within(all: &[Architecture], family: Family) -> Option<String> {
    let members = || all.iter().filter(|a| a.family == family);
    let (small, large) = (members().min_by_key(|a| a.parameters)?, members().max_by_key(|a| a.parameters)?);
    if small.parameters == large.parameters {
        return None;
    }
    let gain = large.test - small.test;
    let verdict = match gain {
        g if g > TIE => format!("gains {}", points(g)),
        g if g < -TIE => format!("loses {}", points(-g)),
        _ => "makes no clear difference".into(),
    };
    let kind = if family == Family::Mlp { "MLPs" } else { "CNNs" };
    Some(format!(
        "Among {kind}, going from {} ({}) to {} ({}) {verdict}.",
        small.name,
        thousands(small.parameters as u64),
        large.name,
        thousands(large.parameters as u64)
    ))
}

pub(super) fn depth(all: &[Architecture]) -> Vec<String> {
    if all.is_empty() {
        return Vec::new();
    }
    let textbook = "Depth composes features and widens the receptive field with few parameters, but gradients pass through more layers and \
                    training becomes harder.";
    vec![textbook.into(), steps(all, Family::Mlp), steps(all, Family::Cnn)]
}

/// A family from its shallowest to its deepest network.
fn steps(all: &[Architecture], family: Family) -> String {
    let mut members: Vec<(usize, &Architecture)> =
        all.iter().filter(|a| a.family == family).filter_map(|a| Some((a.depth?, a))).collect();
    members.sort_by_key(|(depth, _)| *depth);
    let kind = if family == Family::Mlp { "MLPs" } else { "CNNs" };
    let [(first_depth, first), .., (last_depth, last)] = members[..] else {
        return format!("Depth of {kind}: fewer than two were run.");
    };
    let each =
        list(members.iter().map(|(depth, a)| format!("{} with {depth} layers {}", a.name, percent(a.test))));
    let rising = members.windows(2).all(|w| w[1].1.test > w[0].1.test + TIE);
    let best = members.iter().max_by(|a, b| a.1.test.total_cmp(&b.1.test)).map_or(first, |(_, a)| a);
    let verdict = match last.test - first.test {
        _ if rising => "each step deeper helps".to_owned(),
        _ if best.name != first.name && best.name != last.name => {
            format!("deeper helps up to {}, and no further", best.name)
        }
        d if d > TIE => format!("from {first_depth} to {last_depth} layers is a gain of {}", points(d)),
        d if d < -TIE => format!("from {first_depth} to {last_depth} layers is a loss of {}", points(-d)),
        _ => "depth makes no clear difference".into(),
    };
    format!("{kind}: {each}; {verdict}.")
}

pub(super) fn kin(all: &[Architecture]) -> Vec<String> {
    if all.is_empty() {
        return Vec::new();
    }
    let mut answer = vec!["The layers of each network stand in the first table of this part.".to_owned()];
    answer.push(
        "Akin are mlp_1 and mlp_2 (the second has one more layer, which without an activation behind it adds no new functions: two \
         linear maps in a row are one), and the three CNNs, which differ in depth and in the size of their kernels (cnn_3: 3, 5, 7; \
         cnn_5: 3 throughout)."
            .into(),
    );
    let spread = |family: Family| {
        let tests = || all.iter().filter(move |a| a.family == family).map(|a| a.test);
        (tests().count() > 1)
            .then(|| tests().fold(f64::NEG_INFINITY, f64::max) - tests().fold(f64::INFINITY, f64::min))
    };
    let between = best_of(all, Some(Family::Cnn))
        .zip(best_of(all, Some(Family::Mlp)))
        .map(|(c, m)| (c.test - m.test).abs());
    if let (Some(mlp), Some(cnn), Some(between)) = (spread(Family::Mlp), spread(Family::Cnn), between) {
        let verdict = if between > mlp.max(cnn) + TIE {
            "like networks perform alike, unlike ones do not"
        } else if between > mlp.min(cnn) {
            "the families differ, but members of one family differ about as much"
        } else {
            "kinship does not decide in this run"
        };
        answer.push(format!(
            "MLPs lie within {} of each other, CNNs within {}, and the best of each family are {} apart: {verdict}.",
            points(mlp),
            points(cnn),
            points(between)
        ));
    }
    answer
}

pub(super) fn pick(all: &[Architecture], results: &[Network<Part3, Part3Details>]) -> Vec<String> {
    let Some(best) = best_of(all, None) else { return Vec::new() };
    let rivals: Vec<&Architecture> =
        all.iter().filter(|a| a.name != best.name && best.test - a.test <= TIE).collect();
    let fastest = all.iter().min_by(|a, b| a.seconds.total_cmp(&b.seconds)).unwrap_or(best);
    let cost = format!(
        "{} parameters and {} of training",
        thousands(best.parameters as u64),
        duration(best.seconds)
    );
    let mut answer = vec![match &rivals[..] {
        [] => format!(
            "{}: the highest test accuracy ({}) with a gap of {} points, for {cost}.",
            best.name,
            percent(best.test),
            signed(best.gap())
        ),
        rivals => {
            let cheap = rivals.iter().chain([&best]).min_by_key(|a| a.parameters).unwrap_or(&best);
            format!(
                "{} has the highest test accuracy ({}), but {} within {} of it, less than another seed may change; of these {} has the fewest parameters.",
                best.name,
                percent(best.test),
                list(rivals.iter().map(|a| a.with_test())) + if rivals.len() == 1 { " is" } else { " are" },
                points(TIE),
                cheap.name
            )
        }
    }];
    if fastest.name != best.name && best.seconds > 1.5 * fastest.seconds && fastest.seconds > 0.0 {
        answer.push(format!(
            "Where time counts, {} trains in {} ({:.1} times faster) and gets {}.",
            fastest.name,
            duration(fastest.seconds),
            best.seconds / fastest.seconds,
            percent(fastest.test)
        ));
    }
    answer.extend(
        results.iter().find(|n| n.result.name == best.name).and_then(|n| classes(n.details.as_ref()?)),
    );
    answer
}

/// The best network's best and worst class.
fn classes(details: &Part3Details) -> Option<String> {
    let test = &details.test;
    let by = |a: &usize, b: &usize| test.f1[*a].total_cmp(&test.f1[*b]);
    let (worst, best) = ((0..test.f1.len()).min_by(by)?, (0..test.f1.len()).max_by(by)?);
    Some(format!(
        "It is not equally good at everything: F1 is {:.2} for {} and {:.2} for {}.",
        test.f1[best], test.classes[best], test.f1[worst], test.classes[worst]
    ))
}
