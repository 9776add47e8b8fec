//! The leaky rectified linear unit.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    activation::{Activation, cpu, cuda, reference},
    elementwise,
};

/// `y[i] = x[i]` where `x[i] > 0`, else `slope · x[i]`
///
/// - **Shapes**: any; y as x.
/// - **Gradient**: `dx[i] = dy[i]` where `x[i] > 0`, else `slope · dy[i]`, by [`LeakyReluGrad`].
/// - **Conventions**: at the kink the slope is `slope`; a NaN stays one.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// // With slope -1 it is |x|.
/// let x = tape.variable([2], &[-2., 3.]);
/// let y = x.leaky_relu(-1.);
/// assert_eq!(y.values(), [2., 3.]);
/// assert_eq!(y.sum().backward().get(x).unwrap().values(), [-1., 1.]);
/// ```
#[derive(Clone, Debug)]
pub struct LeakyRelu {
    /// Slope for negative x.
    pub slope: f64,
}

impl LeakyRelu {
    /// The function of one number.
    pub(crate) fn activation(&self) -> Activation {
        Activation::LeakyRelu { slope: self.slope }
    }
}

impl Op for LeakyRelu {
    fn name(&self) -> &'static str {
        "leaky_relu"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::forward(self.activation(), io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::forward(self.activation(), io.x(0), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::forward(self.activation(), x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        // From y where that will do: a convolution before it need not keep x then.
        let v = if self.activation().differentiates_from_y() { at.y[0] } else { at.x[0] };
        dy[0].map(|dy| dy.tape().apply(LeakyReluGrad { slope: self.slope }, &[v, dy]))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        self.activation().flops() * y[0].len() as u64
    }
}

/// Gradient of [`LeakyRelu`]: (v, dy) -> dx, `dx[i] = dy[i]` where `v[i] > 0`, else `slope · dy[i]`; v is y, or x if the
/// slope is negative.
///
/// - **Shapes**: v, dy and dx alike.
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: from y where that will do, so that x need not be kept.
/// - **Errors**: none.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.variable([3], &[-2., 0., 3.]);
/// let dx = x.leaky_relu(0.25).backward_with(tape.input([3], &[4., 8., 4.])).get(x).unwrap();
/// assert_eq!(dx.values(), [1., 2., 4.]);
/// ```
#[derive(Clone, Debug)]
pub struct LeakyReluGrad {
    /// Slope for negative x.
    pub slope: f64,
}

impl LeakyReluGrad {
    /// The function that it is the gradient of.
    pub(crate) fn activation(&self) -> Activation {
        Activation::LeakyRelu { slope: self.slope }
    }
}

impl Op for LeakyReluGrad {
    fn name(&self) -> &'static str {
        "leaky_relu_grad"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        elementwise::same(&x[0].shape, &x[1].shape)?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::backward(self.activation(), io.x(0), io.x(1), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::backward(self.activation(), io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::backward(self.activation(), x[0].len()))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::ZIP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        self.activation().gradient_flops() * y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// `x` where `x > 0`, else `slope · x`, element by element. Gradient: `dy` where `x > 0`, else `slope · dy`; at the
    /// kink the slope is `slope`.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([3], &[-2., 0., 3.]);
    /// let y = x.leaky_relu(0.25);
    /// assert_eq!(y.values(), [-0.5, 0., 3.]);
    /// assert_eq!(y.sum().backward().get(x).unwrap().values(), [0.25, 0.25, 1.]);
    /// ```
    #[track_caller]
    pub fn leaky_relu(self, slope: f64) -> Var<'t> {
        self.tape().apply(LeakyRelu { slope }, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "leaky_relu",
    equation: "y = x where x > 0, else slope x;  dx = dy where x > 0, else slope dy",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s).away_from(0.0, 0.05)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0].leaky_relu(0.1)),
            Case::new(Family::OneElement, one(&[]), |_, x| x[0].leaky_relu(0.1)),
            Case::new(Family::UsedTwice, one(&[3, 5]), |_, x| x[0].leaky_relu(0.1) * x[0]),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11]), |_, x| x[0].leaky_relu(0.1)),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| {
                x[0].relayout(Layout::Nhwc).leaky_relu(0.1)
            }),
            Case::new(Family::Edge, one(&[64]), |_, x| x[0].leaky_relu(-0.5)),
        ]
    },
    refusals: Vec::new,
};
