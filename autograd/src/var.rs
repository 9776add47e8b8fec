//! Variables: what operations are called on.
use crate::{DType, Slot, SlotId, Tape, Type};
use ferrotape_kernels::Shape;
use std::fmt;

/// A value on a tape: the tape and a number. Copied freely; it cannot outlive its tape.
///
/// Every operation is a method (or an operator) on it; each file in `ops/` adds its own.
#[derive(Copy, Clone)]
pub struct Var<'t> {
    tape: &'t Tape<'t>,
    id: SlotId,
}

impl<'t> Var<'t> {
    pub(crate) fn new(tape: &'t Tape<'_>, id: SlotId) -> Self {
        Self { tape, id }
    }

    /// The tape it is on.
    pub fn tape(self) -> &'t Tape<'t> {
        self.tape
    }

    /// Its number there, as listings print it.
    pub fn id(self) -> SlotId {
        self.id
    }

    fn slot(self) -> Slot {
        *self.tape.code().slot(self.id)
    }

    /// Shape, element and layout.
    pub fn ty(self) -> Type {
        self.slot().ty
    }

    /// Spoken shape.
    pub fn shape(self) -> Shape {
        self.ty().shape
    }

    /// Whether a gradient may flow back into it.
    pub fn needs_grad(self) -> bool {
        self.slot().needs_grad
    }

    /// Its values in spoken order.
    ///
    /// # Panics
    /// On a tape that only records, and for integers.
    #[track_caller]
    pub fn values(self) -> Vec<f32> {
        let slot = self.slot();
        assert!(slot.ty.dtype == DType::Real, "values: {} is not real; use values_u32", slot.ty);
        self.tape.read(&slot)
    }

    /// Its integers in spoken order.
    ///
    /// # Panics
    /// On a tape that only records, and for real numbers.
    #[track_caller]
    pub fn values_u32(self) -> Vec<u32> {
        let slot = self.slot();
        assert!(slot.ty.dtype == DType::U32, "values_u32: {} does not hold u32", slot.ty);
        self.tape.read_u32(&slot)
    }

    /// Its only value.
    ///
    /// # Panics
    /// If it has more than one, and on a tape that only records.
    #[track_caller]
    pub fn item(self) -> f32 {
        let shape = self.shape();
        assert!(shape.len() == 1, "item: shape {shape} is not one number");
        self.values()[0]
    }
}

/// Number and type; `{:#?}` adds the values where there are any.
impl fmt::Debug for Var<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.ty())?;
        if f.alternate() && !self.tape.is_recording() && self.ty().dtype == DType::Real {
            write!(f, " = {:?}", self.values())?;
        }
        Ok(())
    }
}
