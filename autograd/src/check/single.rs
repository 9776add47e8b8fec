//! One instruction by itself, in dual numbers.
use super::{Hypothesis, Variation, unit};
use crate::{Code, DType, Dual, Instruction, ParamData, Place, Replay, SlotId, code::Data};

/// The most elements for which it is computed what a mistake would give.
const MODELLED: usize = 64;

/// An operation at the operands that it had in a replay, as a function of one of them.
pub(super) struct Single {
    replay: Replay<Dual>,
    /// Number and slot of that operand.
    operand: (usize, SlotId),
    at: Vec<f64>,
    /// The other real operands: number, slot, values.
    others: Vec<(usize, SlotId, Vec<f64>)>,
    /// Outputs into which a gradient flows, with it.
    outputs: Vec<(SlotId, Vec<f64>)>,
}

impl Single {
    pub fn new(
        code: &Code,
        i: &Instruction,
        wrt: usize,
        dy: Vec<Option<Vec<f64>>>,
        values: &Replay<f64>,
        params: &ParamData<f64>,
    ) -> Self {
        let mut single = Code { sources: code.sources.clone(), ..Code::default() };
        let mut reals = Vec::new();
        let mut operand = |id: &SlotId| {
            let slot = *code.slot(*id);
            if let Place::Source(_) = slot.place {
                return single.push(slot);
            }
            let copy = single.push_buffer(slot.ty, false);
            let data = match slot.ty.dtype {
                DType::Real => {
                    reals.push((copy, values.values(*id)));
                    Data::Real(vec![0.0; slot.ty.len()])
                }
                _ => Data::U32(values.words(*id)),
            };
            single.constants.push((copy, data));
            copy
        };
        let x: Vec<SlotId> = i.x.iter().map(&mut operand).collect();
        let y: Vec<SlotId> = i.y.iter().map(|&id| single.push_buffer(code.slot(id).ty, false)).collect();
        single.instructions.push(Instruction { x: x.clone(), y: y.clone(), ..i.clone() });
        let mut replay = Replay::of(single, &y, params.cast());
        for (id, values) in &reals {
            let values: Vec<Dual> = values.iter().map(|&value| Dual::new(value, 0.0)).collect();
            replay.set(*id, &values);
        }
        let at = values.values(i.x[wrt]);
        let slots = x.iter().enumerate().filter(|(k, _)| *k != wrt);
        let real = |slot: SlotId| reals.iter().find(|(id, _)| *id == slot).map(|(_, values)| values.clone());
        let others = slots.filter_map(|(k, &slot)| Some((k, slot, real(slot)?))).collect();
        let outputs = y.into_iter().zip(dy).filter_map(|(y, dy)| Some((y, dy?))).collect();
        Self { replay, operand: (wrt, x[wrt]), at, others, outputs }
    }

    /// `⟨dy, J u⟩`, and the sum of the magnitudes of its terms.
    pub fn derivative(&mut self, u: &[f64]) -> (f64, f64) {
        let terms = self.terms(u);
        (terms.iter().sum(), terms.iter().map(|term| term.abs()).sum())
    }

    /// The terms of `⟨dy, J u⟩`: one an element of an output.
    fn terms(&mut self, u: &[f64]) -> Vec<f64> {
        let at: Vec<Dual> = self.at.iter().zip(u).map(|(&x, &u)| Dual::new(x, u)).collect();
        self.replay.set(self.operand.1, &at);
        self.replay.run(&[]).expect("no feeds");
        let of_output = |(y, dy): &(SlotId, Vec<f64>)| -> Vec<f64> {
            self.replay.values(*y).into_iter().zip(dy).map(|(y, dy)| y.eps * dy).collect()
        };
        self.outputs.iter().flat_map(of_output).collect()
    }

    /// What this rule would give for an operand or a cotangent read wrongly, for some elements.
    pub fn mistakes(&mut self, analytic: &[f64], truth: &[f64]) -> Vec<(Hypothesis, Vec<f64>)> {
        let chosen = chosen(analytic, truth);
        let mut found = vec![(Hypothesis::OneOutput, self.one_output(&chosen, analytic, truth))];
        for k in 0..self.others.len() {
            let (number, slot, values) = self.others[k].clone();
            let shape = self.replay.code().slot(slot).ty.shape;
            for how in Variation::all(shape) {
                self.set(slot, &how.of(&values, shape));
                found.push((Hypothesis::Operand(number, how), self.gradient(&chosen)));
            }
            self.set(slot, &values);
        }
        for k in 0..self.outputs.len() {
            let (slot, dy) = self.outputs[k].clone();
            let shape = self.replay.code().slot(slot).ty.shape;
            for how in Variation::all(shape) {
                self.outputs[k].1 = how.of(&dy, shape);
                found.push((Hypothesis::Cotangent(how), self.gradient(&chosen)));
            }
            self.outputs[k].1 = dy;
        }
        found
    }

    /// For each element one of its terms, the one that the gradient is nearest to: what is left if outputs overwrite each other.
    /// NaN if no element has two terms.
    fn one_output(&mut self, chosen: &[bool], analytic: &[f64], truth: &[f64]) -> Vec<f64> {
        let mut several = false;
        let mut nearest = |k: usize| {
            let terms = self.terms(&unit(chosen.len(), k));
            several |= terms.iter().filter(|term| **term != 0.0).count() > 1;
            let off = |term: &f64| (term - analytic[k]).abs();
            let terms = terms.into_iter().filter(|term| *term != 0.0);
            terms.min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(truth[k])
        };
        let model: Vec<f64> =
            (0..chosen.len()).map(|k| if chosen[k] { nearest(k) } else { f64::NAN }).collect();
        if several { model } else { vec![f64::NAN; chosen.len()] }
    }

    /// The gradient of some elements.
    fn gradient(&mut self, chosen: &[bool]) -> Vec<f64> {
        let element = |k: usize| if chosen[k] { self.derivative(&unit(chosen.len(), k)).0 } else { f64::NAN };
        (0..chosen.len()).map(element).collect()
    }

    fn set(&mut self, slot: SlotId, values: &[f64]) {
        let values: Vec<Dual> = values.iter().map(|&value| Dual::new(value, 0.0)).collect();
        self.replay.set(slot, &values);
    }
}

/// The elements that are most wrong, and as many others, evenly spread.
fn chosen(analytic: &[f64], truth: &[f64]) -> Vec<bool> {
    let known = |k: &usize| !truth[*k].is_nan();
    let mut by_error: Vec<usize> = (0..truth.len()).filter(known).collect();
    let error = |k: usize| (analytic[k] - truth[k]).abs();
    by_error.sort_by(|&a, &b| error(b).total_cmp(&error(a)));
    let spread = (0..truth.len()).filter(known).step_by(truth.len().div_ceil(MODELLED / 2));
    let mut chosen = vec![false; truth.len()];
    by_error.iter().copied().take(MODELLED / 2).chain(spread).for_each(|k| chosen[k] = true);
    chosen
}
