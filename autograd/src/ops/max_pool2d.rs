//! 2-D max-pooling and its gradient.
use crate::{
    ByImage, Cpu, DType, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Share, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::max_pool2d::{self, cpu, reference};

/// x -> (y, winner): `y[n,c,i,j] = max_{p,q} x[n, c, i·stride + p, j·stride + q]`; the winner is its place
/// `row · W + column`.
///
/// - **Shapes**: x (N, C, H, W), y and winner (N, C, oh, ow) with `oh = (H - kernel) / stride + 1`.
/// - **Gradient**: dy to the winner of each window, by [`MaxPool2dGrad`].
/// - **Conventions**: the first of equal values wins; a NaN wins over everything. No padding; what no window covers is
///   not read.
/// - **Errors**: x of another rank, a window that does not fit, a kernel or stride of 0.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, ops::MaxPool2d};
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let x = tape.input([1, 1, 2, 5], &[7., 7., f32::NAN, 2., 9., 1., 7., 8., 3., 9.]);
/// let y = tape.apply_all(MaxPool2d { kernel: 2, stride: 2 }, &[x]);
/// assert_eq!(y[1].values_u32(), [0, 2], "the first 7, the NaN; the 9s lie in no window");
/// ```
#[derive(Clone, Debug)]
pub struct MaxPool2d {
    /// Side of the square window.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
}

impl MaxPool2d {
    fn spec(&self, x: &Type) -> Result<max_pool2d::MaxPool2d, ShapeError> {
        max_pool2d::MaxPool2d::new(&x.shape, self.kernel, self.stride)
    }
}

impl Op for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn wants(&self, _: usize, _: &[Type]) -> Layout {
        Layout::Nhwc
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let y = self.spec(&x[0])?.y();
        Ok([Type::real(y), Type::u32(y)].map(|ty| ty.in_layout(Layout::Nhwc)).to_vec())
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = self.spec(io.ty(0)).expect("inferred");
        reference::forward(&spec, io.view(0), io.view_mut(0), io.view_mut_u32(1));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = self.spec(io.ty(0)).expect("inferred");
        cpu::forward(&spec, io.x(0), io.y(0), io.y_u32(1), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(max_pool2d::cuda::forward(&self.spec(&x[0]).expect("inferred")))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage { x: &[Share::Each], y: &[Share::Each; 2] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let spec = self.spec(&at.x[0].ty()).expect("inferred");
        dy[0].map(|dy| dy.tape().apply(MaxPool2dGrad(spec), &[dy, at.y[1]]))
    }

    /// One comparison a window element.
    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        (y[0].len() * self.kernel * self.kernel) as u64
    }
}

/// Gradient of [`MaxPool2d`]: (dy, winner) -> dx, `dx = Σ dy` over the windows an element won.
///
/// - **Shapes**: dy and winner (N, C, oh, ow), dx (N, C, H, W).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: exactly one element of each window gets its dy.
/// - **Errors**: none of its own: the pooling's shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// // Windows overlap, and both have the 5.
/// let x = tape.variable([1, 1, 2, 3], &[1., 5., 2., 0., 3., 1.]);
/// let dx = x.max_pool2d(2, 1).sum().backward().get(x).unwrap();
/// assert_eq!(dx.values(), [0., 2., 0., 0., 0., 0.]);
/// ```
#[derive(Clone, Debug)]
pub struct MaxPool2dGrad(max_pool2d::MaxPool2d);

impl Op for MaxPool2dGrad {
    fn name(&self) -> &'static str {
        "max_pool2d_grad"
    }

    fn dtype(&self, i: usize) -> DType {
        if i == 1 { DType::U32 } else { DType::Real }
    }

    fn wants(&self, _: usize, _: &[Type]) -> Layout {
        Layout::Nhwc
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(self.0.x()).in_layout(Layout::Nhwc)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::backward(&self.0, io.view(0), io.view_u32(1), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = max_pool2d::MaxPool2d { n: io.shape(0).dim(0), ..self.0 };
        cpu::backward(&spec, io.x(0), io.x_u32(1), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let spec = max_pool2d::MaxPool2d { n: x[0].shape.dim(0), ..self.0 };
        Some(max_pool2d::cuda::backward(&spec))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::ZIP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        x[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// Largest value of each `kernel` x `kernel` window of images (N, C, H, W), giving (N, C, oh, ow),
    /// `oh = (H - kernel) / stride + 1`; no padding, and what no window covers is not read. The first of equal
    /// values wins; a NaN wins over everything. Gradient: dy to the winner of each window.
    ///
    /// # Panics
    /// If the input is not (N, C, H, W), or no window fits.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([1, 1, 2, 4], &[1., 5., 2., 2., 3., 4., 0., 2.]);
    /// let y = x.max_pool2d(2, 2);
    /// assert_eq!(y.values(), [5., 2.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [0., 1., 1., 0., 0., 0., 0., 0.]);
    /// ```
    #[track_caller]
    pub fn max_pool2d(self, kernel: usize, stride: usize) -> Var<'t> {
        self.tape().apply(MaxPool2d { kernel, stride }, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "max_pool2d",
    equation: "y[n,c,i,j] = max_{p,q} x[n,c,i·s+p,j·s+q];  dx = Σ dy over the windows won",
    cases: || {
        let one = |s: [usize; 4]| vec![Input::real(&s).distinct(0.05)];
        vec![
            Case::new(Family::Plain, one([2, 3, 6, 6]), |_, x| x[0].max_pool2d(2, 2)),
            Case::new(Family::Plain, one([2, 16, 4, 4]), |_, x| x[0].max_pool2d(2, 2)),
            Case::new(Family::Square, one([4, 4, 4, 4]), |_, x| x[0].max_pool2d(2, 2)),
            Case::new(Family::OneElement, one([1, 1, 1, 1]), |_, x| x[0].max_pool2d(1, 1)),
            Case::new(Family::OddSizes, one([3, 5, 7, 9]), |_, x| x[0].max_pool2d(2, 2)),
            Case::new(Family::NonSquare, one([2, 2, 4, 9]), |_, x| x[0].max_pool2d(2, 2)),
            Case::new(Family::Batch1, one([1, 8, 4, 6]), |_, x| x[0].max_pool2d(2, 2)),
            Case::new(Family::Stride, one([2, 3, 7, 8]), |_, x| x[0].max_pool2d(3, 1)),
            Case::new(Family::Stride, one([2, 3, 8, 7]), |_, x| x[0].max_pool2d(3, 2)),
            Case::new(Family::Stride, one([2, 3, 8, 9]), |_, x| x[0].max_pool2d(2, 3)),
            Case::new(Family::Layouts, one([2, 3, 5, 4]), |_, x| {
                x[0].relayout(Layout::Nhwc).max_pool2d(2, 2)
            }),
            Case::new(Family::UsedTwice, one([1, 2, 6, 6]), |_, x| {
                x[0].max_pool2d(2, 2) * x[0].max_pool2d(4, 1)
            }),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 6, 6]], |_, x| x[0].max_pool2d(2, 2)),
            Refusal::new(&[&[2, 3, 1, 6]], |_, x| x[0].max_pool2d(2, 2)),
            Refusal::new(&[&[2, 3, 6, 6]], |_, x| x[0].max_pool2d(2, 0)),
            Refusal::new(&[&[2, 3, 6, 6]], |_, x| x[0].max_pool2d(0, 2)),
        ]
    },
};
