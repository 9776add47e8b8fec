//! Softmax and cross-entropy as one operation: the loss of a classifier.
use crate::{
    Cpu, DType, Io, Isa, Launches, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::cross_entropy::{self, cpu, reference};

/// (logits, labels) -> (loss, probabilities):
/// `p[n,c] = e^x[n,c] / Σ_k e^x[n,k]`, `loss = -1/N Σ_n ln p[n, label[n]]`
///
/// - **Shapes**: logits (N, C), labels (N) u32, loss one number, p (N, C).
/// - **Gradient**: `dx = (p - onehot(label)) · dloss / N`, by [`CrossEntropyGrad`]; none to the labels. One that flows
///   into p panics.
/// - **Conventions**: mean over the batch, natural logarithm. The largest logit is subtracted first: nothing overflows.
/// - **Errors**: shapes that do not fit, no row, no class; when it runs, a label that is not below C.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let labels = tape.input_u32(&[1]);
/// // As large as it may be, and unchanged by what all logits have in common.
/// assert_eq!(tape.input([1, 2], &[1000., 0.]).cross_entropy(labels).item(), 1000.);
/// assert_eq!(tape.input([1, 2], &[5000., 4000.]).cross_entropy(labels).item(), 1000.);
/// ```
#[derive(Clone, Debug)]
pub struct CrossEntropy;

/// The spec of logits against labels.
pub(super) fn spec(logits: &Type, labels: &Type) -> Result<cross_entropy::CrossEntropy, ShapeError> {
    cross_entropy::CrossEntropy::new(&logits.shape, &labels.shape)
}

impl Op for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn dtype(&self, i: usize) -> DType {
        if i == 1 { DType::U32 } else { DType::Real }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::scalar(), Type::real(spec(&x[0], &x[1])?.logits())])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = spec(io.ty(0), io.ty(1)).expect("inferred");
        reference::forward(&spec, io.view(0), io.x_u32(1), &mut io.y(0)[0], io.view_mut(1));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = spec(io.ty(0), io.ty(1)).expect("inferred");
        io.y(0)[0] = cpu::forward(&spec, io.x(0), io.x_u32(1), io.y(1), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cross_entropy::cuda::forward(&spec(&x[0], &x[1]).expect("inferred")))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx = (p - onehot(label)) · dloss / N`, from the loss alone.
    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let (labels, p) = (at.x[1], at.y[1]);
        assert!(
            dy[1].is_none(),
            "cross_entropy ({}): a gradient flows into the probabilities, which have no rule; only the loss does",
            at.loc
        );
        let spec = spec(&at.x[0].ty(), &labels.ty()).expect("inferred");
        dy[0].map(|dloss| dloss.tape().apply(CrossEntropyGrad(spec), &[p, labels, dloss]))
    }

    /// Subtract, exponential, add, divide for each logit; logarithm, subtract, add for each row.
    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        4 * x[0].len() as u64 + 3 * x[1].len() as u64
    }
}

/// Gradient of [`CrossEntropy`]: (p, labels, dloss) -> dx, `dx[n,c] = (p[n,c] - [c = label[n]]) · dloss / N`
///
/// - **Shapes**: p (N, C), labels (N) u32, dloss one number, dx (N, C).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: each row of dx sums to 0: logits are free up to a constant.
/// - **Errors**: none of its own: the loss checked the shapes.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([2, 2], &[0.; 4]);
/// let loss = x.cross_entropy(tape.input_u32(&[0, 1]));
/// assert_eq!(loss.backward().get(x).unwrap().values(), [-0.25, 0.25, 0.25, -0.25]);
/// ```
#[derive(Clone, Debug)]
pub struct CrossEntropyGrad(cross_entropy::CrossEntropy);

impl Op for CrossEntropyGrad {
    fn name(&self) -> &'static str {
        "cross_entropy_grad"
    }

    fn dtype(&self, i: usize) -> DType {
        if i == 1 { DType::U32 } else { DType::Real }
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(self.0.logits())])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::backward(&self.0, io.view(0), io.x_u32(1), io.x(2)[0], io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, _: &Cpu) {
        cpu::backward(&self.0, io.x(0), io.x_u32(1), io.x(2)[0], io.y(0));
    }
    fn cuda(&self, _: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cross_entropy::cuda::backward(&self.0))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        2 * y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// Mean softmax cross-entropy of logits (N, C) against `labels` (N): `-1/N Σ_n ln p[n, label[n]]` with
    /// `p = softmax(x)` along each row, natural logarithm; no logit overflows.
    /// Gradient: `(p - onehot(label)) · dy / N`; none to the labels.
    ///
    /// # Panics
    /// If the shapes do not fit; when it runs, if a label is not below C.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([1, 2], &[0., 0.]);
    /// let loss = x.cross_entropy(tape.input_u32(&[1]));
    /// assert_eq!(loss.item(), 2f32.ln());
    /// assert_eq!(loss.backward().get(x).unwrap().values(), [0.5, -0.5]);
    /// ```
    #[track_caller]
    pub fn cross_entropy(self, labels: Var<'t>) -> Var<'t> {
        self.cross_entropy_and_probabilities(labels).0
    }

    /// The loss of [`Var::cross_entropy`] and the probabilities p (N, C) it is made of. The probabilities are for
    /// looking at: a gradient that flows into them panics.
    ///
    /// # Panics
    /// As [`Var::cross_entropy`] does.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::inference(&params);
    /// let x = tape.input([1, 4], &[2.; 4]);
    /// let (loss, p) = x.cross_entropy_and_probabilities(tape.input_u32(&[3]));
    /// assert_eq!((loss.item(), p.values()), (4f32.ln(), vec![0.25; 4]));
    /// ```
    #[track_caller]
    pub fn cross_entropy_and_probabilities(self, labels: Var<'t>) -> (Var<'t>, Var<'t>) {
        let y = self.tape().apply_all(CrossEntropy, &[self, labels]);
        (y[0], y[1])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "cross_entropy",
    equation: "y = -1/N Σ_n ln softmax(x)[n, label[n]];  dx = (softmax(x) - onehot(label)) dy / N",
    cases: || {
        let batch = |n: usize, c: usize| vec![Input::real(&[n, c]), Input::integers(n, c as u32)];
        let far =
            |n: usize, c: usize| vec![Input::real(&[n, c]).within(-20.0, 20.0), Input::integers(n, c as u32)];
        vec![
            Case::new(Family::Plain, batch(4, 10), |_, x| x[0].cross_entropy(x[1])),
            Case::new(Family::OneElement, batch(1, 1), |_, x| x[0].cross_entropy(x[1])),
            Case::new(Family::Batch1, batch(1, 10), |_, x| x[0].cross_entropy(x[1])),
            Case::new(Family::OddSizes, batch(7, 3), |_, x| x[0].cross_entropy(x[1])),
            Case::new(Family::OddSizes, batch(5, 37), |_, x| x[0].cross_entropy(x[1])),
            Case::new(Family::Edge, far(16, 5), |_, x| x[0].cross_entropy(x[1])),
            Case::new(Family::UsedTwice, batch(4, 4), |_, x| (x[0] * x[0]).cross_entropy(x[1]) * x[0].sum()),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[4]], |t, x| x[0].cross_entropy(t.feed_u32(4))),
            Refusal::new(&[&[4, 3]], |t, x| x[0].cross_entropy(t.feed_u32(5))),
            Refusal::new(&[&[0, 3]], |t, x| x[0].cross_entropy(t.feed_u32(0))),
            Refusal::new(&[&[4, 3], &[4]], |_, x| x[0].cross_entropy(x[1])),
        ]
    },
};

#[cfg(test)]
mod tests {
    use crate::{Params, Tape};

    #[test]
    #[should_panic(expected = "a gradient flows into the probabilities, which have no rule")]
    fn probabilities_are_for_looking_at() {
        let params = Params::default();
        let tape = Tape::training(&params);
        let x = tape.variable([1, 2], &[0.0, 1.0]);
        let (_, p) = x.cross_entropy_and_probabilities(tape.input_u32(&[0]));
        p.sum().backward();
    }

    #[test]
    #[should_panic(expected = "row 1 has label 2, but the logits have 2 classes")]
    fn a_label_that_is_no_class() {
        let params = Params::default();
        let tape = Tape::training(&params);
        tape.variable([2, 2], &[0.0; 4]).cross_entropy(tape.input_u32(&[0, 2]));
    }
}
