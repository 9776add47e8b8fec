//! The same elements in spoken order, under another shape.
use crate::{
    Io, Launches, Layout, Op, Scalar, Shape, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::layout::{self, reference};

/// `y[i] = x[i]`, i counting the elements in spoken order.
///
/// - **Shapes**: x any; y as asked for, with as many elements.
/// - **Gradient**: `dx[i] = dy[i]`, in the shape of x.
/// - **Conventions**: the last index is the fastest, whatever the layout; -1 for "the rest" there is not.
/// - **Errors**: numbers of elements that differ.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([2, 2], &[1., 2., 3., 4.]);
/// let dx = x.reshape([4]).backward_with(tape.input([4], &[5., 6., 7., 8.])).get(x).unwrap();
/// assert_eq!((dx.shape(), dx.values()), (x.shape(), vec![5., 6., 7., 8.]));
/// ```
#[derive(Clone, Debug)]
pub struct Reshape(pub Shape);

impl Op for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        layout::reshape(&x[0].shape, &self.0)?;
        Ok(vec![Type::real(self.0)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::reshape(io.x(0), io.y(0));
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(layout::cuda::copy(x[0].len()))
    }

    /// `dx[i] = dy[i]`, in the shape of x
    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.reshape(at.x[0].shape()))
    }
}

impl<'t> Var<'t> {
    /// The same elements in spoken order (the last index fastest) under another shape. Gradient: dy in the shape
    /// of x.
    ///
    /// # Panics
    /// If the shapes hold different numbers of elements.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2, 3], &[1., 2., 3., 4., 5., 6.]);
    /// let y = x.reshape([3, 2]);
    /// assert_eq!(y.values(), [1., 2., 3., 4., 5., 6.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().shape(), x.shape());
    /// ```
    #[track_caller]
    pub fn reshape(self, shape: impl Into<Shape>) -> Var<'t> {
        self.tape().apply(Reshape(shape.into()), &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "reshape",
    equation: "y[i] = x[i], i counting in spoken order;  dx[i] = dy[i]",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0].reshape([2, 6])),
            Case::new(Family::OneElement, one(&[1, 1, 1]), |_, x| x[0].reshape([])),
            Case::new(Family::UsedTwice, one(&[2, 3]), |_, x| x[0].reshape([3, 2]).matmul(x[0]).reshape([9])),
            Case::new(Family::OddSizes, one(&[3, 5, 7]), |_, x| x[0].reshape([7, 1, 5, 3])),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| {
                x[0].relayout(Layout::Nhwc).reshape([6, 20])
            }),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 4]], |_, x| x[0].reshape([5, 2])),
            Refusal::new(&[&[]], |_, x| x[0].reshape([2])),
        ]
    },
};
