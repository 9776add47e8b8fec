//! The bits of every operation on every case of its card: what a card computed, for the PTX machine to be checked against.
use super::Error;
use ferrotape_autograd::{
    Bound, Device, Params, Tape, Var,
    card::{Card, Case},
    ops::CARDS,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// First values that are kept.
const KEPT: usize = 8;

/// Outputs of one case: the value, and the gradient of each input that has one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// The card.
    pub card: String,
    /// Number of the case in it.
    pub case: usize,
    /// What it computed.
    pub outputs: Vec<Output>,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// How many values.
    pub len: usize,
    /// FNV-1a of their bits in spoken order.
    pub hash: String,
    /// The bits of the first ones.
    pub first: Vec<u32>,
}

/// How a case on one device compares with its golden outputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// All bits.
    Exact,
    /// Other bits; the values kept are at most this share of the derived bound from the definition, on both devices.
    Within(f64),
    /// What is wrong.
    Fails(String),
}

/// The outputs of every case on `device`.
///
/// # Errors
/// If the device cannot be had.
pub fn all(device: &Device) -> Result<Vec<Golden>, Error> {
    device.machine()?;
    let of = |card: &Card, k: usize, case: &Case| {
        let params = Params::seeded(1);
        let tape = Tape::training(&params).with_device(device.clone());
        let outputs = results(case, &tape).iter().map(|v| Output::of(&v.values())).collect();
        Golden { card: card.name.into(), case: k, outputs }
    };
    let cases =
        CARDS.iter().flat_map(|card| (card.cases)().into_iter().enumerate().map(move |(k, c)| (card, k, c)));
    Ok(cases.map(|(card, k, case)| of(card, k, &case)).collect())
}

/// Compares what another device gave with what was golden, case by case.
pub fn compare(golden: &[Golden], now: &[Golden]) -> Vec<(String, Agreement)> {
    let name = |g: &Golden| format!("{} case {}", g.card, g.case);
    let of = |a: &Golden| {
        let found = now.iter().find(|b| (&b.card, b.case) == (&a.card, a.case));
        found.map_or_else(|| Agreement::Fails("there is no such case any more".into()), |b| agreement(a, b))
    };
    golden.iter().map(|a| (name(a), of(a))).collect()
}

fn agreement(golden: &Golden, now: &Golden) -> Agreement {
    if golden.outputs == now.outputs {
        return Agreement::Exact;
    }
    let lens = |g: &Golden| g.outputs.iter().map(|o| o.len).collect::<Vec<_>>();
    if lens(golden) != lens(now) {
        return Agreement::Fails(format!("outputs of {:?} values, were {:?}", lens(now), lens(golden)));
    }
    let card = CARDS.iter().find(|card| card.name == golden.card).expect("it gave `now`");
    let case = &(card.cases)()[golden.case];
    let defined = definition(case);
    let mut worst = 0f64;
    for (k, defined) in defined.iter().enumerate() {
        for (device, output) in [("golden", &golden.outputs[k]), ("here", &now.outputs[k])] {
            for (at, (&bits, d)) in output.first.iter().zip(defined).enumerate() {
                let value = f64::from(f32::from_bits(bits));
                let share = share(value, d);
                if share.is_nan() || share > 1.0 {
                    let text = format!(
                        "output {k}[{at}] is {value:e} {device}, defined {:e} ± {:e}",
                        d.re,
                        d.tolerance()
                    );
                    return Agreement::Fails(text);
                }
                worst = worst.max(share);
            }
        }
    }
    Agreement::Within(worst)
}

/// Distance from the definition as a share of its bound.
fn share(value: f64, defined: &Bound) -> f64 {
    let same = value == defined.re || (value.is_nan() && defined.re.is_nan());
    if same { 0.0 } else { (value - defined.re).abs() / defined.tolerance() }
}

/// The definition's outputs with their bounds.
fn definition(case: &Case) -> Vec<Vec<Bound>> {
    let params = Params::seeded(1);
    let tape = Tape::recording(&params);
    let keep = results(case, &tape);
    let mut replay = tape.replay::<Bound>(&keep);
    replay.run(&[]).expect("a card's case is fed nothing");
    keep.iter().map(|v| replay.values(v.id())).collect()
}

/// The value of a case, and the gradients of its inputs for a cotangent that is no pattern.
fn results<'t>(case: &Case, tape: &'t Tape<'t>) -> Vec<Var<'t>> {
    let x = case.inputs(tape, 2);
    let y = (case.body)(tape, &x);
    let mut all = vec![y];
    if case.differentiable {
        let v: Vec<f32> = (0..y.shape().len()).map(|i| (i as f32 * 0.7).sin()).collect();
        let gradients = y.backward_with(tape.input(y.shape(), &v));
        all.extend(x.iter().filter_map(|&x| gradients.get(x)));
    }
    all
}

impl Output {
    fn of(values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_bits().to_le_bytes());
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let first = values.iter().take(KEPT).map(|v| v.to_bits()).collect();
        Self { len: values.len(), hash: format!("{hash:016x}"), first }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("the same bits"),
            Self::Within(share) => write!(f, "other bits, at most {:.0} % of the bound", 100.0 * share),
            Self::Fails(why) => write!(f, "FAILS: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The CPU agrees with itself, with the definitions within the bound, and a wrong number is found.
    #[test]
    fn a_wrong_number_is_found() -> Result<(), Error> {
        let cpu = all(&Device::Cpu)?;
        assert!(cpu.len() > CARDS.len() && compare(&cpu, &cpu).iter().all(|(_, a)| *a == Agreement::Exact));
        let defined = all(&Device::Reference)?;
        for (name, agreement) in compare(&cpu, &defined) {
            assert!(!matches!(agreement, Agreement::Fails(_)), "{name}: {agreement}");
        }
        let mut wrong = defined.clone();
        let value = &mut wrong[0].outputs[0].first[0];
        *value = (f32::from_bits(*value) + 0.01).to_bits();
        assert!(matches!(compare(&defined, &wrong)[0].1, Agreement::Fails(_)));
        wrong.remove(0);
        assert!(matches!(compare(&defined, &wrong)[0].1, Agreement::Fails(_)));
        Ok(())
    }
}
