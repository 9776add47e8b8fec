//! What a tape starts from: given values, declared inputs, parameters, data sets.
use super::expect;
use crate::{
    DType, Feed, Layout, ParamId, Place, Slot, Source, Tape, Type, Var,
    code::{Data, ParamUse},
};
use ferrotape_kernels::Shape;
use std::sync::Arc;

impl<'p> Tape<'p> {
    /// An input with these values, in spoken order. No gradient flows into it.
    ///
    /// # Panics
    /// If there are not as many values as the shape holds.
    #[track_caller]
    pub fn input<'t>(&'t self, shape: impl Into<Shape>, values: &[f32]) -> Var<'t> {
        self.given(Type::real(shape), values.into(), false)
    }

    /// Likewise, for labels or indices.
    #[track_caller]
    pub fn input_u32<'t>(&'t self, values: &[u32]) -> Var<'t> {
        self.given(Type::u32([values.len()]), values.into(), false)
    }

    /// An input that wants a gradient: for checks and saliency maps.
    #[track_caller]
    pub fn variable<'t>(&'t self, shape: impl Into<Shape>, values: &[f32]) -> Var<'t> {
        self.given(Type::real(shape), values.into(), true)
    }

    /// Declares an input whose values come with each run of the program.
    ///
    /// # Panics
    /// On a tape that runs its operations at once.
    #[track_caller]
    pub fn feed(&self, shape: impl Into<Shape>) -> Var<'_> {
        self.declare(Type::real(shape))
    }

    /// Likewise, with values that lie in `layout`: images whose channels are innermost are fed as they are.
    ///
    /// # Panics
    /// On a tape that runs its operations at once, or if the layout does not fit the shape.
    #[track_caller]
    pub fn feed_in(&self, shape: impl Into<Shape>, layout: Layout) -> Var<'_> {
        let ty = Type::real(shape).in_layout(layout);
        let rank = ty.shape.rank();
        assert!(layout.fits(rank), "feed: layout {layout} does not fit shape {} of rank {rank}", ty.shape);
        self.declare(ty)
    }

    /// Likewise, for labels or indices.
    #[track_caller]
    pub fn feed_u32(&self, len: usize) -> Var<'_> {
        self.declare(Type::u32([len]))
    }

    #[track_caller]
    fn declare(&self, ty: Type) -> Var<'_> {
        assert!(self.mode.dry, "feed: this tape runs at once; give it values with `input`");
        let mut code = self.code.borrow_mut();
        let place = Place::Fed(code.feeds.len() as u32);
        let id = code.push(Slot { ty, place, needs_grad: false });
        code.feeds.push(id);
        Var::new(self, id)
    }

    #[track_caller]
    fn given<'t>(&'t self, ty: Type, values: Feed<'_>, needs_grad: bool) -> Var<'t> {
        let given = values.len();
        assert!(given == ty.len(), "input: shape {} holds {} values, {given} given", ty.shape, ty.len());
        let mut code = self.code.borrow_mut();
        let id = code.push_buffer(ty, needs_grad);
        match &mut *self.machine.borrow_mut() {
            Some(machine) => {
                let slot = code.slot(id);
                expect(machine.reserve(slot).and_then(|()| machine.write(slot, values)));
                code.constants.push((id, Data::OnMachine));
            }
            None => code.constants.push((id, Data::from(values))),
        }
        Var::new(self, id)
    }

    /// A parameter of the store this tape borrows.
    ///
    /// # Panics
    /// If it belongs to another store.
    #[track_caller]
    pub fn param(&self, p: ParamId) -> Var<'_> {
        let info = self.params.info(p);
        let mut code = self.code.borrow_mut();
        if let Some(used) = code.params.iter().find(|used| used.id == p) {
            return Var::new(self, used.slot);
        }
        if self.version.get().is_none() {
            self.version.set(Some(self.params.data.borrow().version));
        }
        let ty = Type { shape: info.shape, dtype: DType::Real, layout: info.layout };
        let needs_grad = self.mode.training && !info.frozen;
        let slot = code.push(Slot { ty, place: Place::Param(p), needs_grad });
        code.params.push(ParamUse { id: p, slot, name: info.name });
        Var::new(self, slot)
    }

    /// A data set, as an operand of [`Tape::gather`](crate::Tape::gather).
    pub fn source<'t>(&'t self, source: &Arc<dyn Source>) -> Var<'t> {
        let mut code = self.code.borrow_mut();
        let known = code.sources.iter().position(|s| Arc::ptr_eq(s, source));
        let number = known.unwrap_or_else(|| {
            code.sources.push(source.clone());
            if let Some(machine) = &mut *self.machine.borrow_mut() {
                expect(machine.add_source(source.clone()));
            }
            code.sources.len() - 1
        });
        let [c, h, w] = source.shape();
        let shape = Shape::from([source.len(), c, h, w]);
        let ty = Type { shape, dtype: DType::U8, layout: Layout::Rows };
        let id = code.push(Slot { ty, place: Place::Source(number as u32), needs_grad: false });
        Var::new(self, id)
    }
}
