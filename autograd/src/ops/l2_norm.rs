//! Euclidean length.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::reduce::{cpu, cuda, reference};

/// `y = √(Σ_i x[i]²)`, one number.
///
/// - **Shapes**: x any, y one number.
/// - **Gradient**: `dx[i] = x[i] / y · dy`, by [`L2NormGrad`].
/// - **Conventions**: at x = 0, where it has a kink, the gradient is 0. Squares are not rescaled: beyond 1e19 they
///   overflow.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([2], &[0., 0.]);
/// assert_eq!(x.l2_norm().backward().get(x).unwrap().values(), [0., 0.]);
/// ```
#[derive(Clone, Debug)]
pub struct L2Norm;

impl Op for L2Norm {
    fn name(&self) -> &'static str {
        "l2_norm"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::scalar()])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        io.y(0)[0] = reference::l2_norm(io.x(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        io.y(0)[0] = cpu::l2_norm(io.x(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::l2_norm(x[0].len()))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(L2NormGrad, &[at.x[0], at.y[0], dy]))
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        2 * x[0].len() as u64 + 1
    }
}

/// Gradient of [`L2Norm`]: (x, y, dy) -> dx, `dx[i] = x[i] / y · dy`, and 0 where y is 0.
///
/// - **Shapes**: x any, y and dy one number, dx as x.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: a unit vector times dy.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([2], &[3., -4.]);
/// let dx = x.l2_norm().backward_with(tape.input([], &[10.])).get(x).unwrap();
/// assert_eq!(dx.values(), [6., -8.]);
/// ```
#[derive(Clone, Debug)]
pub struct L2NormGrad;

impl Op for L2NormGrad {
    fn name(&self) -> &'static str {
        "l2_norm_grad"
    }

    fn wants(&self, i: usize, x: &[Type]) -> Layout {
        x[i].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::l2_norm_grad(io.x(0), io.x(1)[0], io.x(2)[0], io.y(0));
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::l2_norm_grad(x[0].len()))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64 + 1
    }
}

impl<'t> Var<'t> {
    /// `√(Σ_i x[i]²)` over all elements: one number, shape `[]`. Gradient: `x[i] / y · dy`; at x = 0, where the norm
    /// has a kink, 0 by convention (the subgradient of least norm).
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2], &[3., -4.]);
    /// let y = x.l2_norm();
    /// assert_eq!(y.item(), 5.);
    /// assert_eq!(y.backward().get(x).unwrap().values(), [0.6, -0.8]);
    /// ```
    #[track_caller]
    pub fn l2_norm(self) -> Var<'t> {
        self.tape().apply(L2Norm, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "l2_norm",
    equation: "y = √(Σ_i x[i]²);  dx[i] = x[i] dy / y, 0 where y = 0",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0].l2_norm()),
            Case::new(Family::OneElement, vec![Input::real(&[]).away_from(0.0, 0.1)], |_, x| x[0].l2_norm()),
            Case::new(Family::UsedTwice, one(&[5]), |_, x| x[0].l2_norm() * x[0].sum()),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11]), |_, x| x[0].l2_norm()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc).l2_norm()),
        ]
    },
    refusals: Vec::new,
};

#[cfg(test)]
mod tests {
    use crate::{Params, Tape};

    #[test]
    fn gradient_at_the_kink_is_zero() {
        let params = Params::default();
        let tape = Tape::training(&params);
        let x = tape.variable([3], &[0.0; 3]);
        let y = x.l2_norm();
        assert_eq!(y.item(), 0.0);
        assert_eq!(y.backward().get(x).unwrap().values(), [0.0; 3]);
    }
}
