//! Sum of squares: weight decay and least squares are made of it.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::reduce::{cpu, cuda, reference};

/// `y = Σ_i x[i]²`, one number.
///
/// - **Shapes**: x any, y one number.
/// - **Gradient**: `dx[i] = 2 x[i] · dy`, by [`SumOfSquaresGrad`].
/// - **Conventions**: no half before it, and no mean.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([2], &[3., -4.]);
/// assert_eq!(x.sum_of_squares().item(), x.l2_norm().item() * x.l2_norm().item());
/// ```
#[derive(Clone, Debug)]
pub struct SumOfSquares;

impl Op for SumOfSquares {
    fn name(&self) -> &'static str {
        "sum_of_squares"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::scalar()])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        io.y(0)[0] = reference::sum_of_squares(io.x(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        io.y(0)[0] = cpu::sum_of_squares(io.x(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::sum_of_squares(x[0].len()))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(SumOfSquaresGrad, &[at.x[0], dy]))
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        2 * x[0].len() as u64
    }
}

/// Gradient of [`SumOfSquares`]: (x, dy) -> dx, `dx[i] = 2 x[i] · dy`
///
/// - **Shapes**: x any, dy one number, dx as x.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: why L2 regularisation is called weight decay: each weight shrinks by a share of itself.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let w = tape.variable([2], &[3., -4.]);
/// let dw = (0.5 * w.sum_of_squares()).backward().get(w).unwrap();
/// assert_eq!(dw.values(), w.values());
/// ```
#[derive(Clone, Debug)]
pub struct SumOfSquaresGrad;

impl Op for SumOfSquaresGrad {
    fn name(&self) -> &'static str {
        "sum_of_squares_grad"
    }

    fn wants(&self, i: usize, x: &[Type]) -> Layout {
        x[i].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::sum_of_squares_grad(io.x(0), io.x(1)[0], io.y(0));
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::sum_of_squares_grad(x[0].len()))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64 + 1
    }
}

impl<'t> Var<'t> {
    /// `Σ_i x[i]²` over all elements: one number, shape `[]`. Gradient: `2 x[i] · dy`.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[3., -4.]);
    /// let y = x.sum_of_squares();
    /// assert_eq!(y.item(), 25.);
    /// assert_eq!(y.backward().get(x).unwrap().values(), [6., -8.]);
    /// ```
    #[track_caller]
    pub fn sum_of_squares(self) -> Var<'t> {
        self.tape().apply(SumOfSquares, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "sum_of_squares",
    equation: "y = Σ_i x[i]²;  dx[i] = 2 x[i] dy",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0].sum_of_squares()),
            Case::new(Family::OneElement, one(&[]), |_, x| x[0].sum_of_squares()),
            Case::new(Family::UsedTwice, one(&[5]), |_, x| x[0].sum_of_squares() * x[0].sum()),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11]), |_, x| x[0].sum_of_squares()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| {
                x[0].relayout(Layout::Nhwc).sum_of_squares()
            }),
        ]
    },
    refusals: Vec::new,
};
