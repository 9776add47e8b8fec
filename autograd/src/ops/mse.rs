//! Mean squared error: the loss of a regression.
use crate::{
    Io, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::mse::{self, reference};

/// `y = 1/n Σ_i (a[i] - b[i])²`, one number.
///
/// - **Shapes**: a and b alike, y one number.
/// - **Gradient**: `da = 2 (a - b) dy / n` by [`MseGrad`], `db = -da`.
/// - **Conventions**: a mean over all n elements, not only over the batch; nothing is halved.
/// - **Errors**: shapes that differ, or no element.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # let params = Params::default();
/// // The target is an operand like any other.
/// gradcheck(&params, &[&[3, 4], &[3, 4]], |_, x| x[0].mse(x[1])).assert_ok();
/// ```
#[derive(Clone, Debug)]
pub struct Mse;

impl Op for Mse {
    fn name(&self) -> &'static str {
        "mse"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        mse::check(&x[0].shape, &x[1].shape)?;
        Ok(vec![Type::scalar()])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::forward(io.x(0), io.x(1), &mut io.y(0)[0]);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(mse::cuda::forward(x[0].len()))
    }

    /// `da = 2 (a - b) dy / n`; `db` is the same with a and b swapped.
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(MseGrad, &[at.x[wrt], at.x[1 - wrt], dy]))
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        3 * x[0].len() as u64
    }
}

/// Gradient of [`Mse`]: (a, b, dy) -> da, `da[i] = (a[i] - b[i]) · 2 dy / n`
///
/// - **Shapes**: a and b alike, dy one number, da as a.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: db is the same with a and b exchanged.
/// - **Errors**: none of its own.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let (a, b) = (tape.variable([2], &[1., 5.]), tape.variable([2], &[3., 4.]));
/// let gradients = a.mse(b).backward();
/// assert_eq!(gradients.get(a).unwrap().values(), [-2., 1.]);
/// assert_eq!(gradients.get(b).unwrap().values(), [2., -1.]);
/// ```
#[derive(Clone, Debug)]
pub struct MseGrad;

impl Op for MseGrad {
    fn name(&self) -> &'static str {
        "mse_grad"
    }

    fn wants(&self, i: usize, x: &[Type]) -> Layout {
        if i == 2 { Layout::Rows } else { x[0].layout }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        mse::check(&x[0].shape, &x[1].shape)?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::backward(io.x(0), io.x(1), io.x(2)[0], io.y(0));
    }
    fn cuda(&self, _: &[Type], y: &[Type]) -> Option<Launches> {
        Some(mse::cuda::backward(y[0].len()))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        2 * y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// Mean squared error `1/n Σ_i (x[i] - target[i])²` over all n elements: one number.
    /// Gradients: `2 (x - target) dy / n` to x, minus that to the target.
    ///
    /// # Panics
    /// If the shapes differ, or there is no element.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[1., 5.]);
    /// let loss = x.mse(tape.input([2], &[3., 4.]));
    /// assert_eq!(loss.item(), 2.5);
    /// assert_eq!(loss.backward().get(x).unwrap().values(), [-2., 1.]);
    /// ```
    #[track_caller]
    pub fn mse(self, target: Var<'t>) -> Var<'t> {
        self.tape().apply(Mse, &[self, target])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "mse",
    equation: "y = 1/n Σ_i (a[i] - b[i])²;  da = 2 (a - b) dy / n,  db = -da",
    cases: || {
        let two = |s: &[usize]| vec![Input::real(s), Input::real(s)];
        vec![
            Case::new(Family::Plain, two(&[3, 4]), |_, x| x[0].mse(x[1])),
            Case::new(Family::OneElement, two(&[]), |_, x| x[0].mse(x[1])),
            Case::new(Family::UsedTwice, two(&[5, 1]), |_, x| (x[0] * x[1]).mse(x[0])),
            Case::new(Family::OddSizes, two(&[3, 5, 7, 11]), |_, x| x[0].mse(x[1])),
            Case::new(Family::Layouts, two(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc).mse(x[1])),
            Case::new(Family::Layouts, two(&[2, 3, 5, 4]), |_, x| x[0].mse(x[1].relayout(Layout::Nhwc))),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 4], &[4, 3]], |_, x| x[0].mse(x[1])),
            Refusal::new(&[&[3, 4], &[12]], |_, x| x[0].mse(x[1])),
            Refusal::new(&[&[0, 4], &[0, 4]], |_, x| x[0].mse(x[1])),
        ]
    },
};
