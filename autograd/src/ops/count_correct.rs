//! How many rows of a batch are classified right.
use crate::{
    Cpu, DType, Io, Isa, Launches, Op, Scalar, ShapeError, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
    ops::cross_entropy::spec,
};
use ferrotape_kernels::count_correct::{cpu, cuda, reference};

/// (logits, labels) -> `y = Σ_n [argmax_c x[n,c] = label[n]]`.
///
/// - **Shapes**: logits (N, C), labels (N) u32, y one real number.
/// - **Gradient**: none: it is constant wherever it has a derivative.
/// - **Conventions**: the first of equal values wins; a NaN wins over everything. A number, not a share: divide by N.
/// - **Errors**: shapes that do not fit; when it runs, a label that is not below C.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// // A NaN in column 0 wins; of the equal logits the first does.
/// let x = tape.input([2, 2], &[f32::NAN, 1., 3., 3.]);
/// assert_eq!(x.count_correct(tape.input_u32(&[0, 1])).item(), 1.);
/// ```
#[derive(Clone, Debug)]
pub struct CountCorrect;

impl Op for CountCorrect {
    fn name(&self) -> &'static str {
        "count_correct"
    }

    fn dtype(&self, i: usize) -> DType {
        if i == 1 { DType::U32 } else { DType::Real }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        spec(&x[0], &x[1])?;
        Ok(vec![Type::scalar()])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = spec(io.ty(0), io.ty(1)).expect("inferred");
        reference::forward(&spec, io.view(0), io.x_u32(1), &mut io.y(0)[0]);
    }

    fn cpu(&self, io: &mut Io<'_, f32>, _: &Cpu) {
        let spec = spec(io.ty(0), io.ty(1)).expect("inferred");
        io.y(0)[0] = cpu::forward(&spec, io.x(0), io.x_u32(1));
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::forward(&spec(&x[0], &x[1]).expect("inferred")))
    }

    fn variant(&self, _: &[Type], _: Isa) -> &'static str {
        "rows"
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    /// One comparison a logit.
    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        x[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// Number of rows of logits (N, C) whose largest value is at the label: the numerator of an accuracy, as a real
    /// number. The first of equal values wins; a NaN wins over everything. No gradient flows through it.
    ///
    /// # Panics
    /// If the shapes do not fit; when it runs, if a label is not below C.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::inference(&params);
    /// let x = tape.input([2, 3], &[0., 2., 1., 5., 5., 0.]);
    /// assert_eq!(x.count_correct(tape.input_u32(&[1, 1])).item(), 1.);
    /// ```
    #[track_caller]
    pub fn count_correct(self, labels: Var<'t>) -> Var<'t> {
        self.tape().apply(CountCorrect, &[self, labels])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "count_correct",
    equation: "y = Σ_n [argmax_c x[n,c] = label[n]]; no gradient",
    cases: || {
        let batch = |family: Family, n: usize, c: usize| {
            let inputs = vec![Input::real(&[n, c]), Input::integers(n, c as u32)];
            Case::new(family, inputs, |_, x| x[0].count_correct(x[1])).no_gradient()
        };
        vec![
            batch(Family::Plain, 50, 10),
            batch(Family::OneElement, 1, 1),
            batch(Family::Batch1, 1, 10),
            batch(Family::OddSizes, 37, 3),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[4]], |t, x| x[0].count_correct(t.feed_u32(4))),
            Refusal::new(&[&[4, 3]], |t, x| x[0].count_correct(t.feed_u32(5))),
        ]
    },
};
