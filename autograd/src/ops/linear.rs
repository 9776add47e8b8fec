//! The affine map of a fully connected layer, and its gradients.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
    ops::ChannelSum,
};
use ferrotape_kernels::linear::{self, cpu, cuda, reference};

/// `y[n,o] = b[o] + Σ_i x[n,i] · w[o,i]`
///
/// - **Shapes**: x (N, fan_in), w (fan_out, fan_in), b (fan_out), y (N, fan_out).
/// - **Gradient**: `dx` by [`LinearDgrad`], `dw` by [`LinearWgrad`], `db[o] = Σ_n dy[n,o]`.
/// - **Conventions**: w is spoken as in PyTorch, and lies (fan_in, fan_out).
/// - **Errors**: ranks or sizes that do not fit.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # let params = Params::default();
/// // With respect to x, w and b at once: exact by dual numbers, and by differences.
/// gradcheck(&params, &[&[3, 4], &[2, 4], &[2]], |_, x| x[0].linear(x[1], x[2])).assert_ok();
/// ```
#[derive(Clone, Debug)]
pub struct Linear;

impl Linear {
    pub(super) fn spec(x: &Type, w: &Type, b: &Type) -> Result<linear::Linear, ShapeError> {
        linear::Linear::new(&x.shape, &w.shape, &b.shape)
    }
}

const LAYOUTS: [Layout; 3] = [Layout::Rows, Layout::InOut, Layout::Rows];

impl Op for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn wants(&self, i: usize, _: &[Type]) -> Layout {
        LAYOUTS[i]
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let spec = Self::spec(&x[0], &x[1], &x[2])?;
        Ok(vec![Type::real([spec.n, spec.fan_out])])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = Self::spec(io.ty(0), io.ty(1), io.ty(2)).expect("inferred");
        reference::forward(&spec, io.view(0), io.view(1), io.x(2), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = Self::spec(io.ty(0), io.ty(1), io.ty(2)).expect("inferred");
        cpu::forward(&spec, io.x(0), io.x(1), io.x(2), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::forward(&Self::spec(&x[0], &x[1], &x[2]).expect("inferred")))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx = dy w`, `dw = dyᵀ x`, `db[o] = Σ_n dy[n,o]`
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let (dy, x, w, b) = (dy[0]?, at.x[0], at.x[1], at.x[2]);
        let spec = Self::spec(&x.ty(), &w.ty(), &b.ty()).expect("inferred");
        Some(match wrt {
            0 => dy.tape().apply(LinearDgrad(spec), &[dy, w]),
            1 => dy.tape().apply(LinearWgrad(spec), &[x, dy]),
            _ => dy.tape().apply(ChannelSum, &[dy]),
        })
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        Self::spec(&x[0], &x[1], &x[2]).map_or(0, |s| s.flops())
    }
}

/// Input gradient of a fully connected layer: (dy, w) -> dx, `dx[n,i] = Σ_o dy[n,o] · w[o,i]`
///
/// - **Shapes**: dy (N, fan_out), w (fan_out, fan_in), dx (N, fan_in).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: the product `dy w`.
/// - **Errors**: none of its own: the layer's shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let (w, b) = (tape.input([2, 2], &[1., 2., 10., 20.]), tape.input([2], &[0.; 2]));
/// let x = tape.variable([1, 2], &[0.; 2]);
/// let dx = x.linear(w, b).backward_with(tape.input([1, 2], &[3., 1.])).get(x).unwrap();
/// assert_eq!(dx.values(), [13., 26.]);
/// ```
#[derive(Clone, Debug)]
pub struct LinearDgrad(pub(crate) linear::Linear);

impl Op for LinearDgrad {
    fn name(&self) -> &'static str {
        "linear_dgrad"
    }

    fn wants(&self, i: usize, _: &[Type]) -> Layout {
        LAYOUTS[i]
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real([self.0.n, self.0.fan_in])])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::dgrad(&self.0, io.view(0), io.view(1), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::dgrad(&self.0, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, _: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::dgrad(&self.0))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], _: &[Type]) -> u64 {
        self.0.flops()
    }
}

/// Weight gradient of a fully connected layer: (x, dy) -> dw, `dw[o,i] = Σ_n dy[n,o] · x[n,i]`, lying as the
/// weight does.
///
/// - **Shapes**: x (N, fan_in), dy (N, fan_out), dw (fan_out, fan_in).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: the product `dyᵀ x`: a sum, not a mean, over the batch.
/// - **Errors**: none of its own: the layer's shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let (w, b) = (tape.variable([1, 2], &[0.; 2]), tape.input([1], &[0.]));
/// let x = tape.input([2, 2], &[1., 2., 10., 20.]);
/// let dw = x.linear(w, b).sum().backward().get(w).unwrap();
/// assert_eq!(dw.values(), [11., 22.]);
/// ```
#[derive(Clone, Debug)]
pub struct LinearWgrad(pub(crate) linear::Linear);

impl Op for LinearWgrad {
    fn name(&self) -> &'static str {
        "linear_wgrad"
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real([self.0.fan_out, self.0.fan_in]).in_layout(Layout::InOut)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::wgrad(&self.0, io.view(0), io.view(1), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::wgrad(&self.0, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, _: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::wgrad(&self.0))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], _: &[Type]) -> u64 {
        self.0.flops()
    }
}

impl<'t> Var<'t> {
    /// `y[n,o] = bias[o] + Σ_i x[n,i] · weight[o,i]` for x (N, fan_in), `weight` (fan_out, fan_in) and `bias`
    /// (fan_out), giving (N, fan_out). Gradients: `dx` by [`LinearDgrad`], `dweight` by [`LinearWgrad`], `dbias` the
    /// sum over the batch.
    ///
    /// # Panics
    /// If ranks or sizes do not fit.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([1, 2], &[3., 4.]);
    /// let (w, b) = (tape.variable([2, 2], &[1., 2., 10., 20.]), tape.variable([2], &[0.5, -1.]));
    /// let y = x.linear(w, b);
    /// assert_eq!(y.values(), [11.5, 109.]);
    /// let gradients = y.sum().backward();
    /// assert_eq!(gradients.get(x).unwrap().values(), [11., 22.]);
    /// assert_eq!(gradients.get(w).unwrap().values(), [3., 4., 3., 4.]);
    /// ```
    #[track_caller]
    pub fn linear(self, weight: Var<'t>, bias: Var<'t>) -> Var<'t> {
        self.tape().apply(Linear, &[self, weight, bias])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "linear",
    equation: "y[n,o] = b[o] + Σ_i x[n,i] w[o,i];  dx = dy w,  dw = dyᵀ x,  db[o] = Σ_n dy[n,o]",
    cases: || {
        let xwb =
            |n, fan_in, fan_out| [&[n, fan_in][..], &[fan_out, fan_in], &[fan_out]].map(Input::real).to_vec();
        vec![
            Case::new(Family::Plain, xwb(4, 8, 6), |_, x| x[0].linear(x[1], x[2])),
            Case::new(Family::Square, xwb(4, 4, 4), |_, x| x[0].linear(x[1], x[2])),
            Case::new(Family::OneElement, xwb(1, 1, 1), |_, x| x[0].linear(x[1], x[2])),
            Case::new(Family::OddSizes, xwb(7, 19, 33), |_, x| x[0].linear(x[1], x[2])),
            Case::new(Family::NonSquare, xwb(3, 2, 5), |_, x| x[0].linear(x[1], x[2])),
            Case::new(Family::Batch1, xwb(1, 9, 10), |_, x| x[0].linear(x[1], x[2])),
            Case::new(Family::UsedTwice, xwb(3, 5, 5), |_, x| x[0].linear(x[1], x[2]).linear(x[1], x[2])),
            Case::new(Family::Layouts, xwb(3, 4, 5), |_, x| {
                x[0].relayout(Layout::InOut).linear(x[1].relayout(Layout::InOut), x[2])
            }),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 4], &[4, 5], &[5]], |_, x| x[0].linear(x[1], x[2])),
            Refusal::new(&[&[3, 4], &[5, 4], &[4]], |_, x| x[0].linear(x[1], x[2])),
            Refusal::new(&[&[3, 4, 1, 1], &[5, 4], &[5]], |_, x| x[0].linear(x[1], x[2])),
            Refusal::new(&[&[3, 4], &[20], &[5]], |_, x| x[0].linear(x[1], x[2])),
        ]
    },
};
