//! Recording: an operation becomes an instruction, and is run.
use super::{Rule, expect};
use crate::{
    Action, DType, DynOp, Instruction, MAX_OPERANDS, MAX_OUTPUTS, Op, Phase, SlotId, Tape, Type, Var,
    ops::Relayout,
};
use std::{panic::Location, sync::Arc};

impl Tape<'_> {
    /// Appends an operation with one output, and runs it unless the tape only records.
    ///
    /// # Panics
    /// If the shapes do not fit (the text names the rule and the numbers), or operands come from another tape.
    #[track_caller]
    pub fn apply<'t>(&'t self, op: impl Op, x: &[Var<'t>]) -> Var<'t> {
        self.apply_all(op, x)[0]
    }

    /// Likewise, with all outputs.
    #[track_caller]
    pub fn apply_all<'t>(&'t self, op: impl Op, x: &[Var<'t>]) -> Vec<Var<'t>> {
        self.append(Arc::new(op), x, Location::caller())
    }

    #[track_caller]
    fn append<'t>(
        &'t self,
        op: Arc<dyn DynOp>,
        x: &[Var<'t>],
        caller: &'static Location<'static>,
    ) -> Vec<Var<'t>> {
        let name = op.name();
        for &v in x {
            self.assert_mine(name, v);
        }
        let count = x.len();
        assert!(count <= MAX_OPERANDS, "{name}: {count} operands, at most {MAX_OPERANDS} are possible");
        let rule = self.rule_of.get();
        let loc = rule.map_or(caller, |rule| rule.loc);
        let x = self.as_wanted(&*op, x, loc);
        let types: Vec<Type> = x.iter().map(|v| v.ty()).collect();
        let outputs = match op.infer(&types) {
            Ok(outputs) => outputs,
            Err(e) if rule.is_some() => {
                panic!("{}: {e}\n  in the gradient of the operation at {loc}", op.name())
            }
            Err(e) => match self.module() {
                Some(module) => panic!("{}: {e}\n  in module {module}", op.name()),
                None => panic!("{}: {e}", op.name()),
            },
        };
        let count = outputs.len();
        assert!(count <= MAX_OUTPUTS, "{name}: {count} outputs, at most {MAX_OUTPUTS} are possible");
        let needs = x.iter().any(|v| v.needs_grad());
        let mut code = self.code.borrow_mut();
        let flows = |j: usize| needs && outputs[j].dtype == DType::Real && op.has_gradient(j);
        let y: Vec<SlotId> = (0..outputs.len()).map(|j| code.push_buffer(outputs[j], flows(j))).collect();
        let x = x.iter().map(|v| v.id()).collect();
        let action = Action::Compute(op);
        drop(code);
        let phase = if rule.is_some() { Phase::Backward } else { Phase::Forward };
        let gradient_of = rule.and_then(|rule| rule.of);
        let module = match gradient_of {
            Some(k) => self.code.borrow().instructions[k].module.clone(),
            None => self.module(),
        };
        let recorded = Vec::new();
        self.emit(Instruction { action, x, y: y.clone(), phase, loc, module, recorded, gradient_of });
        y.into_iter().map(|id| Var::new(self, id)).collect()
    }

    /// The operands, in the layouts the operation wants.
    #[track_caller]
    fn as_wanted<'t>(
        &'t self,
        op: &dyn DynOp,
        x: &[Var<'t>],
        loc: &'static Location<'static>,
    ) -> Vec<Var<'t>> {
        let types: Vec<Type> = x.iter().map(|v| v.ty()).collect();
        let mut wanted = Vec::with_capacity(x.len());
        for (i, (&v, ty)) in x.iter().zip(&types).enumerate() {
            let (dtype, layout) = (op.dtype(i), op.wants(i, &types));
            let (name, given, shape) = (op.name(), ty.dtype, ty.shape);
            assert!(given == dtype, "{name}: operand {i} holds {given} of shape {shape}, expected {dtype}");
            let lies = dtype != DType::Real || ty.layout == layout || !layout.fits(ty.shape.rank());
            wanted.push(if lies { v } else { self.append(Arc::new(Relayout(layout)), &[v], loc)[0] });
        }
        wanted
    }

    /// Runs an instruction, unless the tape only records, and keeps it under the next number. No borrow is held while a
    /// kernel runs.
    pub(crate) fn emit(&self, mut i: Instruction) {
        let machine = self.machine.borrow_mut().take();
        if let Some(mut machine) = machine {
            let slots = std::mem::take(&mut self.code.borrow_mut().slots);
            i.y.iter().for_each(|y| expect(machine.reserve(&slots[y.index()])));
            expect(machine.execute(&i, &slots, &[], self.params));
            self.code.borrow_mut().slots = slots;
            self.machine.replace(Some(machine));
        }
        let instructions = &mut self.code.borrow_mut().instructions;
        i.recorded = vec![instructions.len()];
        instructions.push(i);
    }

    /// Runs `rule` with everything it appends marked as part of the backward pass of `loc`, and of the forward
    /// instruction `of`.
    pub(crate) fn in_backward<T>(
        &self,
        loc: &'static Location<'static>,
        of: Option<usize>,
        rule: impl FnOnce() -> T,
    ) -> T {
        let before = self.rule_of.replace(Some(Rule { loc, of }));
        let result = rule();
        self.rule_of.set(before);
        result
    }
}
