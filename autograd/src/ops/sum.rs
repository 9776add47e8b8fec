//! Sum of all elements.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::reduce::{cpu, cuda, reference};

/// `y = Σ_i x[i]`, one number.
///
/// - **Shapes**: x any, y one number.
/// - **Gradient**: `dx[i] = dy`, by [`Expand`].
/// - **Conventions**: in fixed pieces and a fixed tree: the same bits for any number of threads. Of no elements it is
///   0.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// assert_eq!(tape.input([0, 3], &[]).sum().item(), 0.);
/// let x = tape.variable([2, 2], &[1., 2., 3., 4.]);
/// let dx = x.sum().backward_with(tape.input([], &[5.])).get(x).unwrap();
/// assert_eq!(dx.values(), [5.; 4]);
/// ```
#[derive(Clone, Debug)]
pub struct Sum;

impl Op for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::scalar()])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        io.y(0)[0] = reference::sum(io.x(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        io.y(0)[0] = cpu::sum(io.x(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::sum(x[0].len()))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx[i] = dy`
    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(Expand { factor: 1.0, to: at.x[0].ty() }, &[dy]))
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        x[0].len() as u64
    }
}

/// `y[i] = factor · x`, one number to every element: the gradient of [`Sum`] and of [`Mean`](crate::ops::Mean).
///
/// - **Shapes**: x one number, y any.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: the factor is 1, or 1 / n.
/// - **Errors**: none of its own.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([2, 2], &[1., 2., 3., 4.]);
/// assert_eq!(x.mean().backward().get(x).unwrap().values(), [0.25; 4]);
/// ```
#[derive(Clone, Debug)]
pub struct Expand {
    /// What the number is multiplied by.
    pub factor: f64,
    /// Type of the output.
    pub to: Type,
}

impl Op for Expand {
    fn name(&self) -> &'static str {
        "expand"
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![self.to])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::expand(self.factor, io.x(0)[0], io.y(0));
    }
    fn cuda(&self, _: &[Type], y: &[Type]) -> Option<Launches> {
        Some(cuda::expand(self.factor, y[0].len()))
    }

    fn flops(&self, _: &[Type], _: &[Type]) -> u64 {
        1
    }
}

impl<'t> Var<'t> {
    /// `Σ_i x[i]`, the sum of all elements: one number, shape `[]`. Gradient: dy in every element.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2, 2], &[1., 2., 3., 4.]);
    /// let y = x.sum();
    /// assert_eq!(y.item(), 10.);
    /// assert_eq!(y.backward().get(x).unwrap().values(), [1.; 4]);
    /// ```
    #[track_caller]
    pub fn sum(self) -> Var<'t> {
        self.tape().apply(Sum, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "sum",
    equation: "y = Σ_i x[i];  dx[i] = dy",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0].sum()),
            Case::new(Family::OneElement, one(&[]), |_, x| x[0].sum()),
            Case::new(Family::UsedTwice, one(&[5]), |_, x| x[0].sum() * x[0].sum()),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11]), |_, x| x[0].sum()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc).sum()),
        ]
    },
    refusals: Vec::new,
};
