//! Slots: the typed places a program reads and writes.
use ferrotape_kernels::{Layout, Shape};
use std::fmt;

/// What an element of a slot is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum DType {
    /// A real number: f32, f64 or a dual, as the machine has it.
    Real,
    /// Labels, indices, winners.
    U32,
    /// The bytes of a data set, read in place.
    U8,
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            DType::Real => "real numbers",
            DType::U32 => "u32",
            DType::U8 => "a data set",
        })
    }
}

/// Type of a slot: shape in spoken order, element, and order in memory.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// Sizes in spoken order.
    pub shape: Shape,
    /// What an element is.
    pub dtype: DType,
    /// How the elements lie in memory.
    pub layout: Layout,
}

impl Type {
    /// Real numbers in rows.
    pub fn real(shape: impl Into<Shape>) -> Self {
        Self { shape: shape.into(), dtype: DType::Real, layout: Layout::Rows }
    }

    /// One real number.
    pub fn scalar() -> Self {
        Self::real(Shape::SCALAR)
    }

    /// Unsigned integers in rows.
    pub fn u32(shape: impl Into<Shape>) -> Self {
        Self { dtype: DType::U32, ..Self::real(shape) }
    }

    /// The same in another layout.
    pub fn in_layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.len()
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on a machine whose reals are f32.
    pub fn bytes(&self) -> u64 {
        let element = if self.dtype == DType::U8 { 1 } else { 4 };
        element * self.len() as u64
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dtype {
            DType::Real => write!(f, "{}", self.shape)?,
            DType::U32 => write!(f, "{} u32", self.shape)?,
            DType::U8 => write!(f, "{} u8", self.shape)?,
        }
        if self.layout != Layout::Rows {
            write!(f, " {}", self.layout)?;
        }
        Ok(())
    }
}

/// Number of a slot on its tape.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub(crate) u32);

impl SlotId {
    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("%{}", self.0))
    }
}

/// A parameter of one [`Params`](crate::Params) store.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParamId {
    pub(crate) store: u32,
    pub(crate) index: u32,
}

impl ParamId {
    pub(crate) fn index(self) -> usize {
        self.index as usize
    }
}

/// Who owns the bytes of a slot.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Buffer of the machine that runs the program, by number; slots whose lives do not meet may share one.
    Buffer(u32),
    /// The values of a parameter, in the store.
    Param(ParamId),
    /// The gradient of a parameter, in the store's flat gradient buffer.
    Grad(ParamId),
    /// An input whose values come with each run, by number: read where the caller has them.
    Fed(u32),
    /// A data set, by its number on the tape.
    Source(u32),
}

/// One value of a program: written once, read any number of times.
#[derive(Copy, Clone, Debug)]
pub struct Slot {
    /// Shape, element and layout.
    pub ty: Type,
    /// Where it lies.
    pub place: Place,
    /// Whether a gradient may flow back into it.
    pub needs_grad: bool,
}
