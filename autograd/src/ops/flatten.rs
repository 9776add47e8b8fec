//! Images to rows: between the convolutions and the fully connected layers of a network.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::layout::{self, cpu, reference};

/// `y[n, (c·H + h)·W + w] = x[n,c,h,w]`, whatever the layout of x.
///
/// - **Shapes**: x (N, C, H, W), y (N, C · H · W).
/// - **Gradient**: `dx[n,c,h,w] = dy[n, (c·H + h)·W + w]`, by [`Unflatten`].
/// - **Conventions**: the order is (c, h, w), as in PyTorch, however x lies in memory.
/// - **Errors**: x of another rank; [`Reshape`](super::Reshape) takes any.
///
/// ```
/// # use ferrotape_autograd::{Layout, Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([1, 2, 1, 2], &[1., 2., 3., 4.]);
/// // Channels innermost in memory, and the same rows.
/// assert_eq!(x.relayout(Layout::Nhwc).flatten().values(), x.flatten().values());
/// ```
#[derive(Clone, Debug)]
pub struct Flatten;

impl Op for Flatten {
    fn name(&self) -> &'static str {
        "flatten"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(layout::Flatten::new(&x[0].shape)?.y())])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = layout::Flatten::new(&io.shape(0)).expect("inferred");
        reference::flatten(&spec, io.view(0), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = layout::Relayout::new(&io.shape(0), io.layout(0), Layout::Rows).expect("rows fit");
        cpu::relayout(&spec, io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let spec = layout::Relayout::new(&x[0].shape, x[0].layout, Layout::Rows);
        Some(layout::cuda::relayout(&spec.expect("rows fit")))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(Unflatten(at.x[0].ty()), &[dy]))
    }
}

/// Gradient of [`Flatten`], and its inverse: dy -> dx, `dx[n,c,h,w] = dy[n, (c·H + h)·W + w]`, written straight
/// into the layout of x.
///
/// - **Shapes**: dy (N, C · H · W), dx (N, C, H, W).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: a copy: no value changes.
/// - **Errors**: none of its own.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([1, 2, 1, 2], &[0.; 4]);
/// let dx = x.flatten().backward_with(tape.input([1, 4], &[1., 2., 3., 4.])).get(x).unwrap();
/// assert_eq!((dx.shape(), dx.values()), (x.shape(), vec![1., 2., 3., 4.]));
/// ```
#[derive(Clone, Debug)]
pub struct Unflatten(Type);

impl Op for Unflatten {
    fn name(&self) -> &'static str {
        "unflatten"
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![self.0])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = layout::Flatten::new(&self.0.shape).expect("flattened before");
        reference::unflatten(&spec, io.view(0), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let shape = self.0.shape.with_first(io.shape(0).dim(0));
        let spec = layout::Relayout::new(&shape, Layout::Rows, self.0.layout).expect("lay so before");
        cpu::relayout(&spec, io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, _: &[Type], y: &[Type]) -> Option<Launches> {
        let spec = layout::Relayout::new(&y[0].shape, Layout::Rows, y[0].layout);
        Some(layout::cuda::relayout(&spec.expect("lay so before")))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }
}

impl<'t> Var<'t> {
    /// Images (N, C, H, W) as rows (N, C · H · W), each in the order (c, h, w) whatever the layout in memory.
    /// Gradient: dy in the shape, order and layout of x.
    ///
    /// # Panics
    /// Unless it has four dimensions; [`Var::reshape`] takes any.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([1, 2, 1, 2], &[1., 2., 3., 4.]);
    /// let y = x.flatten();
    /// assert_eq!((y.shape().to_vec(), y.values()), (vec![1, 4], vec![1., 2., 3., 4.]));
    /// assert_eq!(y.sum().backward().get(x).unwrap().shape(), x.shape());
    /// ```
    #[track_caller]
    pub fn flatten(self) -> Var<'t> {
        self.tape().apply(Flatten, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "flatten",
    equation: "y[n,(c H + h) W + w] = x[n,c,h,w];  dx[n,c,h,w] = dy[n,(c H + h) W + w]",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[2, 3, 4, 4]), |_, x| x[0].flatten()),
            Case::new(Family::Square, one(&[3, 3, 3, 3]), |_, x| x[0].flatten()),
            Case::new(Family::OneElement, one(&[1, 1, 1, 1]), |_, x| x[0].flatten()),
            Case::new(Family::UsedTwice, one(&[2, 2, 3, 2]), |_, x| x[0].flatten() * x[0].flatten()),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 9]), |_, x| x[0].flatten()),
            Case::new(Family::NonSquare, one(&[2, 3, 2, 5]), |_, x| x[0].relayout(Layout::Nhwc).flatten()),
            Case::new(Family::Batch1, one(&[1, 4, 3, 3]), |_, x| x[0].relayout(Layout::Nhwc).flatten()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| {
                let x = x[0].relayout(Layout::Nhwc);
                x.flatten() * (x * x).flatten()
            }),
        ]
    },
    refusals: || vec![Refusal::new(&[&[3, 4]], |_, x| x[0].flatten())],
};
