//! Looks at what every instruction of a run makes.
use super::{Inspector, picture};
use crate::model::{Norm, Seen, Step, Values};
use ferrotape_autograd::{
    Action, Code, DType, Error, Feed, Instruction, Machine, ParamId, Params, Place, SlotId,
};

impl Inspector {
    /// Runs the program once as recorded, and keeps a summary of every value, and where `pictures` says so a picture of it:
    /// of parameters as they are before the run.
    ///
    /// # Errors
    /// If the feeds are not those declared, or the machine fails.
    ///
    /// # Panics
    /// As [`Program::run`](ferrotape_autograd::Program::run).
    #[track_caller]
    pub fn look(&mut self, params: &Params, feeds: &[Feed<'_>], pictures: bool) -> Result<(), Error> {
        let mut eye = Eye {
            code: self.plain.code().clone(),
            seen: vec![None; self.plain.code().slot_ids().count()],
            pictures,
        };
        let number = params.step();
        eye.start(self.plain.machine(), params, feeds)?;
        let mut failed = None;
        self.plain.run_watched(params, feeds, |k, machine| {
            let mut made = eye.code.instructions()[k].y.clone();
            made.retain(|&id| !eye.is_gradient(id));
            if let Err(e) = made.into_iter().try_for_each(|id| eye.look(id, machine, params)) {
                failed.get_or_insert(e);
            }
        })?;
        failed.map_or(Ok(()), Err)?;
        // The store has these, and on a GPU sends for them when the run has ended.
        let gradients: Vec<SlotId> = eye.code.slot_ids().filter(|&id| eye.is_gradient(id)).collect();
        gradients.into_iter().try_for_each(|id| eye.look(id, self.plain.machine(), params))?;
        let single = |id: &&SlotId| eye.code.slot(**id).ty.len() == 1;
        let result = |id: &SlotId| (id.number() as usize, eye.values(*id).and_then(|values| values.min));
        let results = self.plain.kept().iter().filter(single).map(result).collect();
        let gradients = eye.norms();
        self.model.steps.push(Step { number, results, seen: eye.seen, gradients });
        Ok(())
    }
}

/// What has been seen of a run.
struct Eye {
    code: Code,
    seen: Vec<Option<Seen>>,
    pictures: bool,
}

impl Eye {
    /// Parameters, and what is given or fed.
    fn start(&mut self, machine: &dyn Machine, params: &Params, feeds: &[Feed<'_>]) -> Result<(), Error> {
        for id in self.code.slot_ids() {
            let slot = *self.code.slot(id);
            match slot.place {
                Place::Param(_) => self.look(id, machine, params)?,
                Place::Fed(k) => {
                    let spoken = match feeds.get(k as usize) {
                        Some(Feed::Real(x)) => slot.ty.spoken(x),
                        Some(Feed::U32(x)) => slot.ty.spoken(x).into_iter().map(|v| v as f32).collect(),
                        None => continue,
                    };
                    self.note(id, &spoken);
                }
                _ if self.code.given().any(|&given| given == id) => self.look(id, machine, params)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether it lies among the gradients of the store.
    fn is_gradient(&self, id: SlotId) -> bool {
        matches!(self.code.slot(id).place, Place::Grad(_))
    }

    fn values(&self, id: SlotId) -> Option<Values> {
        self.seen[id.number() as usize].as_ref().map(|seen| seen.values)
    }

    /// The gradients that updates used.
    fn norms(&self) -> Vec<Norm> {
        let norm = |id: SlotId| self.values(id).filter(Values::finite).and_then(|values| values.norm);
        let of_param = |p: ParamId| {
            let mut ids = self.code.slot_ids();
            ids.find(|&id| self.code.slot(id).place == Place::Param(p)).and_then(norm)
        };
        let each = |(&p, &g): (&ParamId, &SlotId)| Norm {
            param: self.code.param(p).to_owned(),
            gradient: norm(g),
            value: of_param(p),
        };
        let of = |i: &Instruction| match &i.action {
            Action::Update(_, ids) => ids.iter().zip(&i.x).map(each).collect(),
            Action::Compute(_) => Vec::new(),
        };
        self.code.instructions().iter().flat_map(of).collect()
    }

    /// What lies in the machine's memory.
    fn look(&mut self, id: SlotId, machine: &dyn Machine, params: &Params) -> Result<(), Error> {
        let slot = self.code.slot(id);
        let mut values = vec![0.0; slot.ty.len()];
        if slot.ty.dtype == DType::Real {
            machine.read(slot, params, &mut values)?;
        } else {
            let mut words = vec![0; values.len()];
            machine.read_u32(slot, &mut words)?;
            values.iter_mut().zip(words).for_each(|(v, w)| *v = w as f32);
        }
        self.note(id, &values);
        Ok(())
    }

    fn note(&mut self, id: SlotId, values: &[f32]) {
        let shape = self.code.slot(id).ty.shape.to_vec();
        let drawn = self.pictures && values.len() > 1;
        let picture = drawn.then(|| picture::of(&shape, values));
        self.seen[id.number() as usize] = Some(Seen { values: Values::of(values), picture });
    }
}

impl Values {
    /// Of these numbers.
    pub fn of(x: &[f32]) -> Self {
        let finite = || x.iter().copied().filter(|x| x.is_finite());
        let count = finite().count();
        let some = |v: f64| (count > 0).then_some(v as f32);
        let (sum, squares) = finite().map(f64::from).fold((0.0, 0.0), |(s, q), v| (s + v, q + v * v));
        Self {
            len: x.len(),
            zeros: x.iter().filter(|&&x| x == 0.0).count(),
            nan: x.iter().filter(|x| x.is_nan()).count(),
            infinite: x.iter().filter(|x| x.is_infinite()).count(),
            min: finite().reduce(f32::min),
            max: finite().reduce(f32::max),
            mean: some(sum / count as f64),
            norm: some(squares.sqrt()).filter(|norm| norm.is_finite()),
        }
    }

    /// Whether all are finite.
    pub fn finite(&self) -> bool {
        self.nan + self.infinite == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_summed_up() {
        let of = Values::of(&[3.0, 0.0, f32::NAN, -4.0, f32::INFINITY]);
        assert_eq!((of.len, of.zeros, of.nan, of.infinite), (5, 1, 1, 1));
        assert_eq!((of.min, of.max, of.norm), (Some(-4.0), Some(3.0), Some(5.0)));
        assert!((of.mean.unwrap() + 1.0 / 3.0).abs() < 1e-6 && !of.finite());
        let none = Values::of(&[f32::NAN]);
        assert_eq!((none.min, none.mean, none.norm), (None, None, None));
    }
}
