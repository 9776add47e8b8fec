//! Transpose of a matrix.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::layout::{self, cpu, reference};

/// `y[j,i] = x[i,j]`
///
/// - **Shapes**: x (m, n), y (n, m).
/// - **Gradient**: `dx[i,j] = dy[j,i]`.
/// - **Conventions**: a copy; [`Var::matmul_with`] needs none.
/// - **Errors**: x that is no matrix.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([1, 3], &[0.; 3]);
/// let dx = x.transpose().backward_with(tape.input([3, 1], &[1., 2., 3.])).get(x).unwrap();
/// assert_eq!((dx.shape(), dx.values()), (x.shape(), vec![1., 2., 3.]));
/// ```
#[derive(Clone, Debug)]
pub struct Transpose;

impl Op for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(layout::transposed(&x[0].shape)?)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::transpose(io.view(0), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = layout::Relayout::new(&io.shape(0), Layout::Rows, Layout::InOut).expect("a matrix");
        cpu::relayout(&spec, io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let spec = layout::Relayout::new(&x[0].shape, Layout::Rows, Layout::InOut);
        Some(layout::cuda::relayout(&spec.expect("a matrix")))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx[i,j] = dy[j,i]`
    fn vjp<'t>(&self, _: usize, _: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.transpose())
    }
}

impl<'t> Var<'t> {
    /// The transpose `y[j,i] = x[i,j]` of a matrix, a copy ([`Var::matmul_with`] needs none). Gradient: dy
    /// transposed.
    ///
    /// # Panics
    /// Unless it has two dimensions.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2, 3], &[1., 2., 3., 4., 5., 6.]);
    /// let y = x.transpose();
    /// assert_eq!(y.values(), [1., 4., 2., 5., 3., 6.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().shape(), x.shape());
    /// ```
    #[track_caller]
    pub fn transpose(self) -> Var<'t> {
        self.tape().apply(Transpose, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "transpose",
    equation: "y[j,i] = x[i,j];  dx[i,j] = dy[j,i]",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Square, one(&[4, 4]), |_, x| x[0].transpose()),
            Case::new(Family::OneElement, one(&[1, 1]), |_, x| x[0].transpose()),
            Case::new(Family::UsedTwice, one(&[4, 4]), |_, x| x[0].transpose() * x[0]),
            Case::new(Family::OddSizes, one(&[33, 19]), |_, x| x[0].transpose()),
            Case::new(Family::NonSquare, one(&[2, 5]), |_, x| x[0].transpose()),
            Case::new(Family::Batch1, one(&[1, 7]), |_, x| x[0].transpose()),
            Case::new(Family::Layouts, one(&[2, 5]), |_, x| x[0].relayout(Layout::InOut).transpose()),
        ]
    },
    refusals: || vec![Refusal::new(&[&[2, 3, 4]], |_, x| x[0].transpose())],
};
