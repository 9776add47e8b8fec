//! 2-D convolution and its gradients.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Parts, Scalar, ShapeError, Share, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
    ops::ChannelSum,
};
use ferrotape_kernels::conv2d::{self, Pass, cpu, cuda, reference};

/// `y[n,o,i,j] = b[o] + Σ_{c,p,q} x[n, c, i·stride + p - padding, j·stride + q - padding] · w[o,c,p,q]`
///
/// - **Shapes**: x (N, C_in, H, W), w (C_out, C_in, kh, kw), b (C_out), y (N, C_out, oh, ow) with
///   `oh = (H + 2 padding - kh) / stride + 1`, ow likewise.
/// - **Gradient**: `dx` by [`Conv2dDgrad`], `dw` by [`Conv2dWgrad`], `db` by [`ChannelSum`].
/// - **Conventions**: cross-correlation: the kernel is not flipped. Rows that no window reaches are not read. With
///   padding, a weight that is not finite reaches border pixels that the definition leaves alone.
/// - **Errors**: ranks, channels or a bias that do not fit; a kernel larger than the padded input; stride 0.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([1, 1, 3, 3], &[1., 2., 3., 4., 5., 6., 7., 8., 9.]);
/// // A kernel that looks at its middle alone, under every second pixel.
/// let middle = tape.input([1, 1, 3, 3], &[0., 0., 0., 0., 1., 0., 0., 0., 0.]);
/// let y = x.conv2d(middle, tape.input([1], &[0.]), 2, 1);
/// assert_eq!(y.values(), [1., 3., 7., 9.]);
/// ```
#[derive(Clone, Debug)]
pub struct Conv2d {
    /// Distance between neighbouring windows, in both directions.
    pub stride: usize,
    /// Rows and columns of zeros around the input.
    pub padding: usize,
}

impl Conv2d {
    fn spec(&self, x: &[Type]) -> Result<conv2d::Conv2d, ShapeError> {
        conv2d::Conv2d::new(&x[0].shape, &x[1].shape, &x[2].shape, self.stride, self.padding)
    }

    fn spec_of<S>(&self, io: &Io<'_, S>) -> conv2d::Conv2d {
        self.spec(&[*io.ty(0), *io.ty(1), *io.ty(2)]).expect("inferred")
    }
}

const LAYOUTS: [Layout; 3] = [Layout::Nhwc, Layout::Hwio, Layout::Rows];

impl Op for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn wants(&self, i: usize, _: &[Type]) -> Layout {
        LAYOUTS[i]
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(self.spec(x)?.y()).in_layout(Layout::Nhwc)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = self.spec_of(io);
        reference::forward(&spec, io.view(0), io.view(1), io.x(2), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::forward(&self.spec_of(io), io.x(0), io.x(1), io.x(2), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::forward(&self.spec(x).expect("inferred")))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage { x: &[Share::Each, Share::Whole, Share::Whole], y: &[Share::Each] })
    }

    fn variant(&self, x: &[Type], isa: Isa) -> &'static str {
        self.spec(x).map_or("", |s| cpu::variant(Pass::Forward, &s, isa))
    }

    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let (dy, x, w, b) = (dy[0]?, at.x[0], at.x[1], at.x[2]);
        let spec = self.spec(&[x.ty(), w.ty(), b.ty()]).expect("inferred");
        Some(match wrt {
            0 => dy.tape().apply(Conv2dDgrad(spec), &[dy, w]),
            1 => dy.tape().apply(Conv2dWgrad(spec), &[x, dy]),
            _ => dy.tape().apply(ChannelSum, &[dy]),
        })
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        self.spec(x).map_or(0, |s| s.flops())
    }
}

/// The sizes, for as many images as operand 0 has.
fn images(s: &conv2d::Conv2d, io: &Io<'_, f32>) -> conv2d::Conv2d {
    conv2d::Conv2d { n: io.shape(0).dim(0), ..*s }
}

/// Input gradient of a convolution: (dy, w) -> dx,
/// `dx[n,c,r,t] = Σ dy[n,o,i,j] · w[o,c,p,q]` over the taps with `r = i·stride + p - padding`, t likewise.
///
/// - **Shapes**: dy (N, C_out, oh, ow), w (C_out, C_in, kh, kw), dx (N, C_in, H, W).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: a pixel that no window reaches gets 0.
/// - **Errors**: none of its own: the convolution's shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([1, 1, 3, 3], &[0.; 9]);
/// let w = tape.input([1, 1, 2, 2], &[1., 2., 3., 4.]);
/// let y = x.conv2d(w, tape.input([1], &[0.]), 1, 0);
/// // Every output stamps the kernel on what it was made of.
/// let dx = y.backward_with(tape.input([1, 1, 2, 2], &[1., 0., 0., 10.])).get(x).unwrap();
/// assert_eq!(dx.values(), [1., 2., 0., 3., 14., 20., 0., 30., 40.]);
/// ```
#[derive(Clone, Debug)]
pub struct Conv2dDgrad(conv2d::Conv2d);

impl Op for Conv2dDgrad {
    fn name(&self) -> &'static str {
        "conv2d_dgrad"
    }

    fn wants(&self, i: usize, _: &[Type]) -> Layout {
        LAYOUTS[i]
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(self.0.x()).in_layout(Layout::Nhwc)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::dgrad(&self.0, io.view(0), io.view(1), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::dgrad(&images(&self.0, io), io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, _: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::dgrad(&self.0))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage { x: &[Share::Each, Share::Whole], y: &[Share::Each] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        cpu::variant(Pass::Dgrad, &self.0, isa)
    }

    fn flops(&self, _: &[Type], _: &[Type]) -> u64 {
        self.0.flops()
    }
}

/// Weight gradient of a convolution: (x, dy) -> dw,
/// `dw[o,c,p,q] = Σ_{n,i,j} dy[n,o,i,j] · x[n, c, i·stride + p - padding, j·stride + q - padding]`
///
/// - **Shapes**: x (N, C_in, H, W), dy (N, C_out, oh, ow), dw (C_out, C_in, kh, kw).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: a sum, not a mean, over images and places, in fixed parts: the same bits for any number of
///   threads.
/// - **Errors**: none of its own: the convolution's shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([1, 1, 2, 3], &[1., 2., 3., 4., 5., 6.]);
/// let w = tape.variable([1, 1, 2, 2], &[0.; 4]);
/// let y = x.conv2d(w, tape.input([1], &[0.]), 1, 0); // two places
/// let dw = y.sum().backward().get(w).unwrap();
/// assert_eq!(dw.values(), [1. + 2., 2. + 3., 4. + 5., 5. + 6.]);
/// ```
#[derive(Clone, Debug)]
pub struct Conv2dWgrad(conv2d::Conv2d);

impl Op for Conv2dWgrad {
    fn name(&self) -> &'static str {
        "conv2d_wgrad"
    }

    fn wants(&self, _: usize, _: &[Type]) -> Layout {
        Layout::Nhwc
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(self.0.weight()).in_layout(Layout::Hwio)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::wgrad(&self.0, io.view(0), io.view(1), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::wgrad(&self.0, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu) {
        cpu::wgrad_parts(&images(&self.0, io), parts, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, _: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::wgrad(&self.0))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage { x: &[Share::Each; 2], y: &[Share::Sum] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        cpu::variant(Pass::Wgrad, &self.0, isa)
    }

    fn flops(&self, _: &[Type], _: &[Type]) -> u64 {
        self.0.flops()
    }
}

impl<'t> Var<'t> {
    /// Convolution of images (N, C_in, H, W) with `weight` (C_out, C_in, kh, kw) and `bias` (C_out), giving
    /// (N, C_out, oh, ow), `oh = (H + 2 padding - kh) / stride + 1`. As in every framework this is
    /// cross-correlation: the kernel is not flipped.
    ///
    /// Gradients: `dx` by [`Conv2dDgrad`], `dweight` by [`Conv2dWgrad`], `dbias` the sum over images and places.
    ///
    /// # Panics
    /// If ranks, channels or sizes do not fit.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::inference(&params);
    /// let x = tape.input([1, 1, 2, 3], &[1., 2., 3., 4., 5., 6.]);
    /// let (w, b) = (tape.input([1, 1, 2, 2], &[1., 0., 0., 1.]), tape.input([1], &[0.5]));
    /// assert_eq!(x.conv2d(w, b, 1, 0).values(), [6.5, 8.5]);
    /// ```
    #[track_caller]
    pub fn conv2d(self, weight: Var<'t>, bias: Var<'t>, stride: usize, padding: usize) -> Var<'t> {
        self.tape().apply(Conv2d { stride, padding }, &[self, weight, bias])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "conv2d",
    equation: "y[n,o,i,j] = b[o] + Σ x[n,c,i·s+p-pad,j·s+q-pad] w[o,c,p,q]",
    cases: || {
        let xwb = |x: [usize; 4], w: [usize; 4]| vec![Input::real(&x), Input::real(&w), Input::real(&w[..1])];
        vec![
            Case::new(Family::Plain, xwb([2, 3, 6, 6], [4, 3, 3, 3]), |_, x| x[0].conv2d(x[1], x[2], 1, 0)),
            Case::new(Family::Square, xwb([3, 3, 3, 3], [3, 3, 3, 3]), |_, x| x[0].conv2d(x[1], x[2], 1, 1)),
            Case::new(Family::OneElement, xwb([1, 1, 1, 1], [1, 1, 1, 1]), |_, x| {
                x[0].conv2d(x[1], x[2], 1, 0)
            }),
            Case::new(Family::OddSizes, xwb([3, 5, 7, 9], [7, 5, 3, 5]), |_, x| {
                x[0].conv2d(x[1], x[2], 1, 0)
            }),
            Case::new(Family::NonSquare, xwb([2, 2, 4, 9], [3, 2, 2, 5]), |_, x| {
                x[0].conv2d(x[1], x[2], 1, 0)
            }),
            Case::new(Family::Batch1, xwb([1, 8, 6, 6], [16, 8, 3, 3]), |_, x| x[0].conv2d(x[1], x[2], 1, 0)),
            Case::new(Family::Padding, xwb([2, 3, 5, 4], [4, 3, 3, 3]), |_, x| x[0].conv2d(x[1], x[2], 1, 1)),
            Case::new(Family::Stride, xwb([2, 3, 8, 7], [4, 3, 3, 3]), |_, x| x[0].conv2d(x[1], x[2], 2, 0)),
            Case::new(Family::Stride, xwb([2, 2, 9, 8], [3, 2, 3, 3]), |_, x| x[0].conv2d(x[1], x[2], 3, 2)),
            Case::new(Family::UsedTwice, xwb([2, 3, 7, 7], [3, 3, 3, 3]), |_, x| {
                x[0].conv2d(x[1], x[2], 1, 0).conv2d(x[1], x[2], 1, 1)
            }),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[2, 3, 6, 6], &[4, 16, 3, 3], &[4]], |_, x| x[0].conv2d(x[1], x[2], 1, 0)),
            Refusal::new(&[&[2, 3, 6, 6], &[4, 3, 3, 3], &[3]], |_, x| x[0].conv2d(x[1], x[2], 1, 0)),
            Refusal::new(&[&[2, 3, 6, 6], &[4, 3, 7, 3], &[4]], |_, x| x[0].conv2d(x[1], x[2], 1, 0)),
            Refusal::new(&[&[3, 6, 6], &[4, 3, 3, 3], &[4]], |_, x| x[0].conv2d(x[1], x[2], 1, 0)),
            Refusal::new(&[&[2, 3, 6, 6], &[4, 3, 3, 3], &[4]], |_, x| x[0].conv2d(x[1], x[2], 0, 0)),
        ]
    },
};
