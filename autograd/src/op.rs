//! Operations: what an author writes once, generic over the scalar, and what the tape stores.
use crate::{ByImage, DType, DynUpdate, Io, Layout, Type, Var, update::Range};
use ferrotape_kernels::{Bound, Cpu, Dual, Isa, Parts, Scalar, ShapeError, cuda::Launches};
use std::{any::Any, fmt, panic::Location};

/// The variant of an operation that runs by its definition.
pub const REFERENCE: &str = "reference";

/// Work of one instruction, counted from its shapes.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Floating-point operations; a multiply-add is two.
    pub flops: u64,
    /// Bytes that must move at least once: operands read, outputs written, reals as f32.
    pub bytes: u64,
}

/// Where a gradient rule stands: the forward instruction's operands and outputs.
#[derive(Debug)]
pub struct Site<'t> {
    /// Operands, as the operation saw them.
    pub x: Vec<Var<'t>>,
    /// Outputs.
    pub y: Vec<Var<'t>>,
    /// The line that called the operation.
    pub loc: &'static Location<'static>,
}

/// An operation: shapes, definition, gradient.
///
/// Built-in operations, their gradients and users' operations are all of this one kind. A minimal one states a
/// name, a shape rule, its definition in plain loops and, where it has a gradient, one rule an operand.
pub trait Op: fmt::Debug + Send + Sync + 'static {
    /// The name in listings and messages.
    fn name(&self) -> &'static str;

    /// Types of the outputs, from those of the operands.
    ///
    /// # Errors
    /// Where shapes do not fit: the text states the rule and the numbers; the tape adds name and line.
    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError>;

    /// The definition: plain loops, generic over the scalar, indexing by spoken index.
    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>);

    /// The vector-Jacobian product for operand `wrt`: appends instructions that compute `dyᵀ ∂y/∂x[wrt]`.
    ///
    /// Called only for operands that need a gradient. `dy[j]` is the gradient of output `j`, `None` where nothing
    /// flowed into it (at least one is there). `None` means that no gradient flows into this operand.
    ///
    /// # Panics
    /// By default: gradient operations have no rule of their own; second derivatives come from dual numbers.
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let _ = (wrt, dy);
        panic!(
            "{} ({}): has no gradient rule; for second derivatives replay the gradient in dual numbers (Tape::replay)",
            self.name(),
            at.loc
        )
    }

    /// Whether gradients flow back from output `j`, if it is real: not where it is constant almost everywhere.
    fn has_gradient(&self, j: usize) -> bool {
        let _ = j;
        true
    }

    /// What operand `i` holds; anything else is refused.
    fn dtype(&self, i: usize) -> DType {
        let _ = i;
        DType::Real
    }

    /// The layout operand `i` must lie in; where it does not, the tape inserts a visible `relayout`.
    fn wants(&self, i: usize, x: &[Type]) -> Layout {
        let _ = (i, x);
        Layout::Rows
    }

    /// The f32 kernel for the CPU; by default the definition itself.
    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let _ = cpu;
        self.reference(io)
    }

    /// How the operation splits over images, where it does: the planner then runs it chunk by chunk of a batch, in a
    /// chain with its neighbours.
    fn by_image(&self, x: &[Type]) -> Option<ByImage> {
        let _ = x;
        None
    }

    /// The f32 kernel for some images, on one thread. An output that is a [`Sum`](crate::Share::Sum) holds, one
    /// after the other, a sum for each of `parts`, which cover exactly the images of `io`; [`Op::cpu`] must give the
    /// tree over these sums ([`tree`](ferrotape_kernels::reduce::cpu::tree)). To be written only for such outputs.
    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu) {
        let _ = (io, parts, cpu);
        panic!("{}: sums over images without `cpu_parts`", self.name())
    }

    /// Which kernel [`Op::cpu`] is for these operands; listings print it.
    fn variant(&self, x: &[Type], isa: Isa) -> &'static str {
        let _ = (x, isa);
        REFERENCE
    }

    /// The kernels for a GPU, as launches for these operands and outputs. `None` where there are none: a program with the
    /// operation cannot be compiled for a GPU.
    fn cuda(&self, x: &[Type], y: &[Type]) -> Option<Launches> {
        let _ = (x, y);
        None
    }

    /// Floating-point operations for these operands and outputs.
    fn flops(&self, x: &[Type], y: &[Type]) -> u64 {
        let _ = (x, y);
        0
    }

    /// Bytes that must move at least once: by default all of the operands and outputs.
    fn bytes(&self, x: &[Type], y: &[Type]) -> u64 {
        x.iter().chain(y).map(Type::bytes).sum()
    }
}

/// [`Op`] as an object: a generic method cannot be called through one, so each scalar has its own entry.
///
/// Implemented for every [`Op`]; not to be implemented by hand.
pub trait DynOp: fmt::Debug + Send + Sync {
    /// See [`Op::name`].
    fn name(&self) -> &'static str;
    /// See [`Op::infer`].
    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError>;
    /// See [`Op::vjp`].
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>>;
    /// See [`Op::has_gradient`].
    fn has_gradient(&self, j: usize) -> bool;
    /// See [`Op::dtype`].
    fn dtype(&self, i: usize) -> DType;
    /// See [`Op::wants`].
    fn wants(&self, i: usize, x: &[Type]) -> Layout;
    /// See [`Op::cpu`].
    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu);
    /// See [`Op::by_image`].
    fn by_image(&self, x: &[Type]) -> Option<ByImage>;
    /// See [`Op::cpu_parts`].
    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu);
    /// See [`Op::variant`].
    fn variant(&self, x: &[Type], isa: Isa) -> &'static str;
    /// See [`Op::cuda`].
    fn cuda(&self, x: &[Type], y: &[Type]) -> Option<Launches>;
    /// Work for these operands and outputs.
    fn cost(&self, x: &[Type], y: &[Type]) -> Cost;
    /// The definition in f32.
    fn reference_f32(&self, io: &mut Io<'_, f32>);
    /// The definition in f64.
    fn reference_f64(&self, io: &mut Io<'_, f64>);
    /// The definition in dual numbers.
    fn reference_dual(&self, io: &mut Io<'_, Dual>);
    /// The definition with rounding-error bounds.
    fn reference_bound(&self, io: &mut Io<'_, Bound>);
    /// The operation's type, by its last name.
    fn type_name(&self) -> &'static str;
    /// The concrete operation, for rewrites that recognise it by type.
    fn as_any(&self) -> &dyn Any;
}

impl<T: Op> DynOp for T {
    fn name(&self) -> &'static str {
        Op::name(self)
    }
    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Op::infer(self, x)
    }
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        Op::vjp(self, wrt, at, dy)
    }
    fn has_gradient(&self, j: usize) -> bool {
        Op::has_gradient(self, j)
    }
    fn dtype(&self, i: usize) -> DType {
        Op::dtype(self, i)
    }
    fn wants(&self, i: usize, x: &[Type]) -> Layout {
        Op::wants(self, i, x)
    }
    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        Op::cpu(self, io, cpu)
    }
    fn by_image(&self, x: &[Type]) -> Option<ByImage> {
        Op::by_image(self, x)
    }
    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu) {
        Op::cpu_parts(self, io, parts, cpu)
    }
    fn variant(&self, x: &[Type], isa: Isa) -> &'static str {
        Op::variant(self, x, isa)
    }
    fn cuda(&self, x: &[Type], y: &[Type]) -> Option<Launches> {
        Op::cuda(self, x, y)
    }
    fn cost(&self, x: &[Type], y: &[Type]) -> Cost {
        Cost { flops: Op::flops(self, x, y), bytes: Op::bytes(self, x, y) }
    }
    fn reference_f32(&self, io: &mut Io<'_, f32>) {
        self.reference(io)
    }
    fn reference_f64(&self, io: &mut Io<'_, f64>) {
        self.reference(io)
    }
    fn reference_dual(&self, io: &mut Io<'_, Dual>) {
        self.reference(io)
    }
    fn reference_bound(&self, io: &mut Io<'_, Bound>) {
        self.reference(io)
    }
    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>().rsplit("::").next().expect("a name")
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A scalar the reference machine runs in: ties the type to its entry of [`DynOp`]. Sealed.
pub trait Arithmetic: Scalar + sealed::Sealed {
    /// Runs the definition of `op` in this scalar.
    fn reference(op: &dyn DynOp, io: &mut Io<'_, Self>);
    /// Runs the definition of `rule` in this scalar.
    fn update(rule: &dyn DynUpdate, range: Range<'_, Self>);
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! arithmetic {
    ($($t:ty => $entry:ident, $update:ident;)*) => { $(
        impl sealed::Sealed for $t {}
        impl Arithmetic for $t {
            fn reference(op: &dyn DynOp, io: &mut Io<'_, Self>) {
                op.$entry(io)
            }
            fn update(rule: &dyn DynUpdate, range: Range<'_, Self>) {
                rule.$update(range)
            }
        }
    )* };
}
arithmetic!(
    f32 => reference_f32, apply_f32;
    f64 => reference_f64, apply_f64;
    Dual => reference_dual, apply_dual;
    Bound => reference_bound, apply_bound;
);
