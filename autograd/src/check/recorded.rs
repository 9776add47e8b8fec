//! What is on a tape, with the gradient that `backward` appended to it.
use super::{
    Hypothesis, dot, random, sampled,
    single::Single,
    subject::{Array, Fault, Suspect},
};
use crate::{Arithmetic, Code, ParamData, Replay, Shape, SlotId, Var, backward::Flow};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use std::collections::BTreeMap;

/// Largest relative error of a rule by itself.
const LOCAL_TOLERANCE: f64 = 1e-10;

/// A computation and its gradient as one program, with no tape left to borrow.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) code: Code,
    params: ParamData<f64>,
    arrays: Vec<Array>,
    /// Inputs and parameters that want a gradient.
    x: Vec<SlotId>,
    /// What `backward` gave them; `None` counts as zeros.
    pub(super) gradients: Vec<Option<SlotId>>,
    y: SlotId,
    /// The cotangent, an input.
    v: SlotId,
    /// What each rule gave.
    flows: Vec<Flow>,
    /// The gradient of every value, where several rules gave one.
    sums: Vec<(SlotId, SlotId)>,
    pub(super) point: Vec<f64>,
}

impl Recorded {
    /// Appends the gradient of `y` with respect to `x`, and to every parameter on the tape.
    #[track_caller]
    pub fn new<'t>(x: &[Var<'t>], y: Var<'t>) -> Self {
        let tape = y.tape();
        let zeros = vec![0.0; y.shape().len()];
        let v = tape.input(y.shape(), &zeros);
        let gradients = y.backward_with(v);
        let inputs = x.iter().enumerate().map(|(k, &x)| (format!("input {k}"), x));
        let params: Vec<(String, Var<'t>)> =
            tape.code().params.iter().map(|used| (used.name.clone(), Var::new(tape, used.slot))).collect();
        let wanting: Vec<_> = inputs.chain(params).filter(|(_, x)| x.needs_grad()).collect();
        assert!(!wanting.is_empty(), "gradcheck: no input or parameter wants a gradient");
        let code = tape.snapshot();
        assert!(code.feeds.is_empty(), "gradcheck: inputs of the tape are fed; give them values");
        let flows = gradients.flows().to_vec();
        let mut readers = BTreeMap::<SlotId, usize>::new();
        for flow in flows.iter().filter(|flow| flow.dx.is_some()) {
            *readers.entry(code.instructions[flow.instruction].x[flow.wrt]).or_default() += 1;
        }
        let summed = readers.into_iter().filter(|(_, readers)| *readers > 1);
        let total = |(x, _)| Some((x, gradients.get(Var::new(tape, x))?.id()));
        let mut recorded = Self {
            arrays: Array::rows(wanting.iter().map(|(name, x)| (name.clone(), x.shape()))),
            x: wanting.iter().map(|(_, x)| x.id()).collect(),
            gradients: wanting.iter().map(|(_, x)| gradients.get(*x).map(Var::id)).collect(),
            y: y.id(),
            v: v.id(),
            sums: summed.filter_map(total).collect(),
            flows,
            params: tape.params().data().cast(),
            code,
            point: Vec::new(),
        };
        let start = recorded.replay::<f64>(&[]);
        recorded.point = recorded.x.iter().flat_map(|&x| start.values(x)).collect();
        recorded
    }

    /// Moves input `x` to these values, which no longer need be f32.
    pub fn place(&mut self, x: SlotId, values: &[f64]) {
        let k = self.x.iter().position(|&known| known == x).expect("an input of the check");
        self.point[self.arrays[k].range.clone()].copy_from_slice(values);
    }

    /// The arrays of x.
    pub fn arrays(&self) -> &[Array] {
        &self.arrays
    }

    /// Shape of y.
    pub fn output(&self) -> Shape {
        self.code.slot(self.y).ty.shape
    }

    /// A replay of what y is made of.
    pub fn forward<S: Arithmetic>(&self) -> Replay<S> {
        self.replay(&[self.y])
    }

    /// A replay of that and of the gradients.
    pub fn whole<S: Arithmetic>(&self) -> Replay<S> {
        let gradients: Vec<SlotId> = self.gradients.iter().flatten().copied().collect();
        self.replay(&gradients)
    }

    fn replay<S: Arithmetic>(&self, keep: &[SlotId]) -> Replay<S> {
        Replay::of(self.code.clone(), keep, self.params.cast())
    }

    /// Runs a replay at these numbers, and with this cotangent if the gradient is wanted.
    pub fn run<S: Arithmetic>(&self, replay: &mut Replay<S>, x: impl Fn(usize) -> S, v: Option<&[f64]>) {
        for (array, &slot) in self.arrays.iter().zip(&self.x) {
            let values: Vec<S> = array.range.clone().map(&x).collect();
            replay.set(slot, &values);
        }
        if let Some(v) = v {
            let v: Vec<S> = v.iter().map(|&v| S::from_f64(v)).collect();
            replay.set(self.v, &v);
        }
        replay.run(&[]).expect("a checked tape has no feeds");
    }

    /// y of a replay that has run.
    pub fn y<S: Arithmetic>(&self, replay: &Replay<S>) -> Vec<S> {
        replay.values(self.y)
    }

    /// The gradients of a replay that has run, zeros where there are none.
    pub fn gradients<S: Arithmetic>(&self, replay: &Replay<S>) -> Vec<S> {
        let of = |(array, gradient): (&Array, &Option<SlotId>)| match gradient {
            Some(slot) => replay.values(*slot),
            None => vec![S::ZERO; array.range.len()],
        };
        self.arrays.iter().zip(&self.gradients).flat_map(of).collect()
    }

    /// Where it is wrong by itself, with the cotangent `v`.
    pub fn wrong(&self, v: &[f64]) -> Vec<Suspect> {
        let mut values = self.replay::<f64>(&self.of_rules());
        self.run(&mut values, |k| self.point[k], Some(v));
        let rules = self.flows.iter().filter_map(|flow| self.wrong_rule(flow, &values));
        rules.chain(self.sums.iter().filter_map(|&sum| self.wrong_sum(sum, &values))).collect()
    }

    /// A rule whose result is not the gradient of its operation, given the gradients of the outputs.
    fn wrong_rule(&self, flow: &Flow, values: &Replay<f64>) -> Option<Suspect> {
        let i = &self.code.instructions[flow.instruction];
        let shape = self.code.slot(i.x[flow.wrt]).ty.shape;
        let analytic = flow.dx.map_or_else(|| vec![0.0; shape.len()], |dx| values.values(dx));
        let dy = flow.dy.iter().map(|dy| dy.map(|slot| values.values(slot))).collect();
        let mut single = Single::new(&self.code, i, flow.wrt, dy, values, &self.params);
        let u = random(analytic.len(), &mut ChaCha8Rng::seed_from_u64(1));
        let (forward, size) = single.derivative(&u);
        let size = size.max(analytic.iter().zip(&u).map(|(g, u)| (g * u).abs()).sum());
        if (forward - dot(&analytic, &u)).abs() <= LOCAL_TOLERANCE * size {
            return None;
        }
        let fault = Fault::Rule { op: i.name(), operand: flow.wrt, loc: i.loc };
        let truth = sampled(analytic.len(), |e| single.derivative(e).0);
        let models = single.mistakes(&analytic, &truth);
        Some(Suspect { fault, shape, analytic, truth, models })
    }

    /// A gradient that is not the sum of what the rules gave.
    fn wrong_sum(&self, (x, total): (SlotId, SlotId), values: &Replay<f64>) -> Option<Suspect> {
        let gives = |flow: &&Flow| flow.dx.is_some() && self.operand(flow) == x;
        let gave: Vec<&Flow> = self.flows.iter().filter(gives).collect();
        let parts: Vec<Vec<f64>> = gave.iter().filter_map(|flow| Some(values.values(flow.dx?))).collect();
        let analytic = values.values(total);
        let truth: Vec<f64> = (0..analytic.len()).map(|k| parts.iter().map(|part| part[k]).sum()).collect();
        let sizes = (0..truth.len()).map(|k| parts.iter().map(|part| part[k].abs()).sum::<f64>());
        let right =
            analytic.iter().zip(&truth).zip(sizes).all(|((a, t), s)| (a - t).abs() <= LOCAL_TOLERANCE * s);
        if right {
            return None;
        }
        let readers = gave.iter().map(|flow| self.code.instructions[flow.instruction].name()).collect();
        let shape = self.code.slot(x).ty.shape;
        let without = |part: &Vec<f64>| truth.iter().zip(part).map(|(t, p)| t - p).collect();
        let missing = |(k, part): (usize, &Vec<f64>)| (Hypothesis::MissingTerm(k), without(part));
        let mut models: Vec<(Hypothesis, Vec<f64>)> = parts.iter().enumerate().map(missing).collect();
        models.extend(parts.into_iter().enumerate().map(|(k, part)| (Hypothesis::Overwritten(k), part)));
        Some(Suspect { fault: Fault::Sum { readers }, shape, analytic, truth, models })
    }

    fn operand(&self, flow: &Flow) -> SlotId {
        self.code.instructions[flow.instruction].x[flow.wrt]
    }

    /// Every slot that a rule reads or gives.
    fn of_rules(&self) -> Vec<SlotId> {
        let flows = self.flows.iter().flat_map(|flow| {
            let operands = self.code.instructions[flow.instruction].x.iter().copied();
            flow.dy.iter().flatten().copied().chain(flow.dx).chain(operands)
        });
        let mut all: Vec<SlotId> = flows.chain(self.sums.iter().map(|&(_, total)| total)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
