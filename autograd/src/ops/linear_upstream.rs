//! What the gradients of a fully connected layer start from, in one pass: what the planner makes of the gradient of an
//! activation and of the sum for the bias.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Op, Parts, Scalar, ShapeError, Share, Type,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    activation::{self, Activation},
    reduce,
    upstream::{self, Upstream, cpu::Arriving},
};

/// (dy, y) -> (g, db): `g = f'(dy)`, the gradient dy behind an activation whose value is y, brought to the output of the layer
/// before it, and `db[o] = Σ_n g[n,o]`. What [`Conv2dUpstream`](super::Conv2dUpstream) is to images of one pixel.
///
/// - **Shapes**: dy, y and g (N, C), db (C).
/// - **Gradient**: none flows through it: the planner fuses after differentiation.
/// - **Conventions**: those of the operations it is made of, whose bits it gives.
/// - **Errors**: none of its own: their shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, ops::LinearUpstream};
/// # use ferrotape_kernels::activation::Activation;
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let (dy, y) = (tape.input([2, 2], &[1., 2., 3., 4.]), tape.input([2, 2], &[0., 5., 6., 7.]));
/// let y = tape.apply_all(LinearUpstream { activation: Activation::Relu }, &[dy, y]);
/// assert_eq!((y[0].values(), y[1].values()), (vec![0., 2., 3., 4.], vec![3., 6.]));
/// ```
#[derive(Clone, Debug)]
pub struct LinearUpstream {
    /// The activation.
    pub activation: Activation,
}

impl LinearUpstream {
    fn spec(&self, dy: &Type) -> Upstream {
        let [n, c] = dy.shape.dims().expect("rows");
        Upstream { n, c, h: 1, w: 1, activation: Some(self.activation), pool: None }
    }
}

impl Op for LinearUpstream {
    fn name(&self) -> &'static str {
        match self.activation {
            Activation::Relu => "relu_bias_grad",
            Activation::LeakyRelu { .. } => "leaky_relu_bias_grad",
            Activation::Sigmoid => "sigmoid_bias_grad",
            Activation::Tanh => "tanh_bias_grad",
        }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let Upstream { n, c, .. } = self.spec(&x[0]);
        Ok(vec![Type::real([n, c]), Type::real([c])])
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let channels = self.spec(io.ty(0)).channels();
        let g = io.y(0);
        activation::reference::backward(self.activation, io.x(1), io.x(0), g);
        reduce::reference::channel_sum(&channels, g, io.y(1));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let (spec, g) = (self.spec(io.ty(0)), io.y(0));
        let arriving = Arriving { dy: io.x(0), y: Some(io.x(1)), winner: None };
        upstream::cpu::batch(&spec, arriving, g, io.y(1), cpu);
    }

    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu) {
        let (spec, g) = (self.spec(io.ty(0)), io.y(0));
        let arriving = Arriving { dy: io.x(0), y: Some(io.x(1)), winner: None };
        upstream::cpu::upstream(&spec, parts, arriving, g, io.y(1), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(upstream::cuda::upstream(&self.spec(&x[0])))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage { x: &[Share::Each; 2], y: &[Share::Each, Share::Sum] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        (self.activation.gradient_flops() + 1) * y[0].len() as u64
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "linear_upstream",
    equation: "g = f'(dy), from y;  db[o] = Σ_n g[n,o]",
    cases: || {
        let rows = |n, c| vec![Input::real(&[n, c]); 2];
        vec![
            Case::new(Family::Plain, rows(50, 32), |tape, x| {
                let y = tape.apply_all(LinearUpstream { activation: Activation::Relu }, x);
                y[0] + y[1]
            }),
            Case::new(Family::OddSizes, rows(37, 70), |tape, x| {
                let y =
                    tape.apply_all(LinearUpstream { activation: Activation::LeakyRelu { slope: 0.25 } }, x);
                y[0] + y[1]
            }),
            Case::new(Family::Batch1, rows(1, 10), |tape, x| {
                let y = tape.apply_all(LinearUpstream { activation: Activation::Sigmoid }, x);
                y[0] + y[1]
            }),
            Case::new(Family::OneElement, rows(1, 1), |tape, x| {
                let y = tape.apply_all(LinearUpstream { activation: Activation::Tanh }, x);
                y[0] + y[1]
            }),
        ]
        .into_iter()
        .map(Case::no_gradient)
        .collect()
    },
    refusals: Vec::new,
};
