//! Differentiation: walks the instructions in reverse and appends those that compute the gradients.
use crate::{
    Action, Instruction, ParamId, Phase, Site, SlotId, Tape, Update, Var,
    ops::{Add, Fill, Relayout},
};
use std::{panic::Location, sync::Arc};

/// The gradients of one backward pass: variables on the same tape.
#[derive(Clone, Debug)]
pub struct Gradients<'t> {
    tape: &'t Tape<'t>,
    of: Vec<Option<Var<'t>>>,
    flows: Vec<Flow>,
}

/// What one gradient rule gave: gradient checks look for the rule that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// Number of the forward instruction.
    pub instruction: usize,
    /// Number of the operand.
    pub wrt: usize,
    /// The gradients of its outputs, as the rule was given them.
    pub dy: Vec<Option<SlotId>>,
    /// What it gave for the operand; `None`: nothing flows back.
    pub dx: Option<SlotId>,
}

impl<'t> Var<'t> {
    /// Appends the gradient of this number with respect to everything it was made of.
    ///
    /// # Panics
    /// If it is not one number (then [`Var::backward_with`] takes a cotangent), or if a parameter it was made of has
    /// changed since.
    #[track_caller]
    pub fn backward(self) -> Gradients<'t> {
        let shape = self.shape();
        assert!(shape.len() == 1, "backward: shape {shape} is not one number; use backward_with(cotangent)");
        let loc = Location::caller();
        let of = self.tape().code().instructions.iter().rposition(|i| i.y.contains(&self.id()));
        let one = self.tape().in_backward(loc, of, || self.tape().apply(Fill::new(1.0, shape), &[]));
        self.backward_with(one)
    }

    /// Appends the vector-Jacobian product of this variable with `cotangent`, which has its shape.
    ///
    /// # Panics
    /// If the shapes differ, or if a parameter it was made of has changed since.
    #[track_caller]
    pub fn backward_with(self, cotangent: Var<'t>) -> Gradients<'t> {
        let (shape, given) = (self.shape(), cotangent.shape());
        assert!(shape == given, "backward: the cotangent has shape {given}, the variable {shape}");
        let tape = self.tape();
        tape.assert_mine("backward", cotangent);
        tape.assert_parameters_unchanged();
        let count = tape.code().slots.len();
        let end = tape.code().instructions.len();
        let mut gradients = Gradients { tape, of: vec![None; count], flows: Vec::new() };
        gradients.of[self.id().index()] = Some(cotangent);
        for k in (0..end).rev() {
            // A copy: no borrow of the tape is held while a rule appends to it.
            let instruction = tape.code().instructions[k].clone();
            gradients.flow_through(k, &instruction);
        }
        gradients
    }
}

impl<'t> Gradients<'t> {
    fn flow_through(&mut self, number: usize, i: &Instruction) {
        let Action::Compute(op) = &i.action else { return };
        let dy: Vec<_> = i.y.iter().map(|&y| self.at(y)).collect();
        if dy.iter().all(Option::is_none) {
            return;
        }
        let var = |&id: &SlotId| Var::new(self.tape, id);
        let site = Site { x: i.x.iter().map(var).collect(), y: i.y.iter().map(var).collect(), loc: i.loc };
        for (wrt, x) in site.x.iter().enumerate().filter(|(_, x)| x.needs_grad()) {
            self.tape.in_backward(i.loc, Some(number), || {
                let dx = op.vjp(wrt, &site, &dy);
                let dy = dy.iter().map(|dy| dy.map(Var::id)).collect();
                self.flows.push(Flow { instruction: number, wrt, dy, dx: dx.map(Var::id) });
                if let Some(dx) = dx {
                    self.accumulate(*x, dx, op.name(), i.loc);
                }
            });
        }
    }

    fn accumulate(&mut self, x: Var<'t>, dx: Var<'t>, op: &str, loc: &Location<'_>) {
        let (shape, given) = (x.shape(), dx.shape());
        assert!(
            shape == given,
            "{op} ({loc}): the gradient rule returned shape {given} for an operand of shape {shape}"
        );
        let sum = match self.at(x.id()) {
            Some(before) => self.tape.apply(Add, &[before, dx]),
            None => dx,
        };
        self.of[x.id().index()] = Some(sum);
    }

    fn at(&self, id: SlotId) -> Option<Var<'t>> {
        self.of.get(id.index()).copied().flatten()
    }

    /// What each rule gave, from the last instruction to the first.
    pub(crate) fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// The gradient with respect to `x`, intermediate or not; `None` where none flowed into it.
    #[track_caller]
    pub fn get(&self, x: Var<'t>) -> Option<Var<'t>> {
        self.tape.assert_mine("gradient", x);
        self.at(x.id())
    }

    /// The gradient with respect to a parameter; `None` where none flowed into it.
    #[track_caller]
    pub fn param(&self, p: ParamId) -> Option<Var<'t>> {
        self.tape.params().check(p);
        let slot = self.tape.code().params.iter().find(|used| used.id == p).map(|used| used.slot);
        slot.and_then(|slot| self.at(slot))
    }

    /// Every parameter that got a gradient, in the order of the store, with it.
    pub fn params(&self) -> Vec<(ParamId, Var<'t>)> {
        let mut found: Vec<_> = {
            let code = self.tape.code();
            code.params.iter().filter_map(|used| Some((used.id, self.at(used.slot)?))).collect()
        };
        found.sort_by_key(|(p, _)| p.index());
        found
    }

    /// Appends one update of exactly the parameters that got a gradient; the learning rate is the store's.
    ///
    /// # Panics
    /// If no parameter got one.
    #[track_caller]
    pub fn step(&self, rule: impl Update) {
        let loc = Location::caller();
        let found = self.params();
        assert!(!found.is_empty(), "{}: no parameter got a gradient", rule.name());
        let in_layout = |&(p, g): &(ParamId, Var<'t>)| {
            let layout = self.tape.params().info(p).layout;
            if g.ty().layout == layout { g.id() } else { self.tape.apply(Relayout(layout), &[g]).id() }
        };
        let x = self.tape.in_backward(loc, None, || found.iter().map(in_layout).collect());
        let ids = found.iter().map(|&(p, _)| p).collect();
        let action = Action::Update(Arc::new(rule), ids);
        self.tape.emit(Instruction {
            action,
            x,
            y: Vec::new(),
            phase: Phase::Update,
            loc,
            module: None,
            recorded: Vec::new(),
            gradient_of: None,
        });
        self.tape.note_update(loc);
        if !self.tape.is_recording() {
            self.tape.params().note_change(loc);
        }
    }
}
