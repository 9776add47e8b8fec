//! Updates: the one kind of instruction that changes something in place.
mod adam;
mod sgd;

use crate::REFERENCE;
use arrayvec::ArrayVec;
use ferrotape_kernels::{Bound, Cpu, Dual, Isa, Scalar, cuda::Launches};
use std::fmt;

/// The most moments an update may keep for a parameter.
pub const MAX_MOMENTS: usize = 2;

/// The slices of one range of parameters that an update works on, all of one length.
#[derive(Debug)]
pub struct Range<'a, S> {
    /// Values, to be changed.
    pub values: &'a mut [S],
    /// Gradients of this step.
    pub grads: &'a [S],
    /// What the rule remembers between steps; zeros before the first.
    pub moments: ArrayVec<&'a mut [S], MAX_MOMENTS>,
    /// How often this rule has updated these parameters, this time included: from 1.
    pub step: u64,
    /// Learning rate of this step and range.
    pub lr: f64,
}

/// An optimiser's rule, applied to ranges of the flat parameter buffer.
pub trait Update: fmt::Debug + Send + Sync + 'static {
    /// How many numbers it remembers for each parameter.
    const MOMENTS: usize;

    /// The name in listings.
    fn name(&self) -> &'static str;

    /// One step over one range: the definition, generic over the scalar.
    fn apply<S: Scalar>(&self, range: Range<'_, S>);

    /// The f32 kernel for the CPU; by default the definition itself.
    fn cpu(&self, range: Range<'_, f32>, cpu: &Cpu) {
        let _ = cpu;
        self.apply(range)
    }

    /// Which kernel [`Update::cpu`] is; listings print it.
    fn variant(&self, isa: Isa) -> &'static str {
        let _ = isa;
        REFERENCE
    }

    /// The kernels for a GPU, as launches for a range of `n` parameters: `Arg::Values`, `Grads`, `Moment` and `Range` are
    /// that range's. Step and rate are read from device memory. The last launch counts the update, in the range's state, and
    /// adds 1 to the step at `Arg::Step`, unless that is 0.
    fn cuda(&self, n: usize) -> Option<Launches> {
        let _ = n;
        None
    }

    /// Floating-point operations for one parameter.
    fn flops(&self) -> u64 {
        0
    }
}

/// [`Update`] as an object. Implemented for every [`Update`]; not to be implemented by hand.
pub trait DynUpdate: fmt::Debug + Send + Sync {
    /// See [`Update::name`].
    fn name(&self) -> &'static str;
    /// See [`Update::MOMENTS`].
    fn moments(&self) -> usize;
    /// See [`Update::cpu`].
    fn cpu(&self, range: Range<'_, f32>, cpu: &Cpu);
    /// See [`Update::variant`].
    fn variant(&self, isa: Isa) -> &'static str;
    /// See [`Update::cuda`].
    fn cuda(&self, n: usize) -> Option<Launches>;
    /// See [`Update::flops`].
    fn flops(&self) -> u64;
    /// The definition in f32.
    fn apply_f32(&self, range: Range<'_, f32>);
    /// The definition in f64.
    fn apply_f64(&self, range: Range<'_, f64>);
    /// The definition in dual numbers.
    fn apply_dual(&self, range: Range<'_, Dual>);
    /// The definition with rounding-error bounds.
    fn apply_bound(&self, range: Range<'_, Bound>);
}

impl<T: Update> DynUpdate for T {
    fn name(&self) -> &'static str {
        Update::name(self)
    }
    fn moments(&self) -> usize {
        const { assert!(T::MOMENTS <= MAX_MOMENTS) };
        T::MOMENTS
    }
    fn cpu(&self, range: Range<'_, f32>, cpu: &Cpu) {
        Update::cpu(self, range, cpu)
    }
    fn variant(&self, isa: Isa) -> &'static str {
        Update::variant(self, isa)
    }
    fn cuda(&self, n: usize) -> Option<Launches> {
        Update::cuda(self, n)
    }
    fn flops(&self) -> u64 {
        Update::flops(self)
    }
    fn apply_f32(&self, range: Range<'_, f32>) {
        self.apply(range)
    }
    fn apply_f64(&self, range: Range<'_, f64>) {
        self.apply(range)
    }
    fn apply_dual(&self, range: Range<'_, Dual>) {
        self.apply(range)
    }
    fn apply_bound(&self, range: Range<'_, Bound>) {
        self.apply(range)
    }
}
