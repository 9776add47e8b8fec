//! What a convolution's gradients start from, in one pass: what the planner makes of the gradients of `max_pool2d` and of an
//! activation and of the sum for the bias.
use crate::{
    ByImage, Cpu, DType, Io, Isa, Launches, Layout, Op, Parts, Scalar, ShapeError, Share, Tape, Type, Var,
    View, ViewMut,
    card::{Card, Case, Family, Input},
    ops::MaxPool2d,
};
use ferrotape_kernels::{
    activation::{self, Activation},
    max_pool2d, reduce,
    upstream::{self, Upstream, cpu::Arriving},
};

/// (dy, y?, winner?) -> (g, db): `g = f'(dy)` at the winners, the gradient dy behind an activation and `max_pool2d` brought to
/// the output of the convolution before them, and `db[c] = Σ g[n,c,i,j]`. y, which the activation's gradient needs, is the
/// value that dy belongs to.
///
/// Where both are there, the gradient is taken at the pooled size: a window's value is its winner's.
///
/// - **Shapes**: dy, y and winner as what comes behind the convolution has them; g (N, C, H, W), db (C).
/// - **Gradient**: none flows through it: the planner fuses after differentiation.
/// - **Conventions**: a NaN that is not its window's winner gets gradient 0; unfused, sigmoid and tanh give NaN there.
///   All else has the bits of the operations by themselves.
/// - **Errors**: none of its own: their shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, ops::Conv2dUpstream};
/// # use ferrotape_kernels::{activation::Activation, upstream::Upstream};
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let dy = tape.input([1, 2, 1, 2], &[1., 2., 3., 4.]);
/// let y = tape.input([1, 2, 1, 2], &[0., 5., 6., 7.]); // of a relu
/// let op = Upstream { n: 1, c: 2, h: 1, w: 2, activation: Some(Activation::Relu), pool: None };
/// let y = tape.apply_all(Conv2dUpstream(op), &[dy, y]);
/// assert_eq!((y[0].values(), y[1].values()), (vec![0., 2., 3., 4.], vec![2., 7.]));
/// ```
#[derive(Clone, Debug)]
pub struct Conv2dUpstream(
    /// Sizes of g, the activation and the pooling.
    pub Upstream,
);

impl Conv2dUpstream {
    fn winner(&self) -> Option<usize> {
        self.0.pool.map(|_| 1 + usize::from(self.0.activation.is_some()))
    }

    fn of_images<S>(&self, io: &Io<'_, S>) -> Upstream {
        Upstream { n: io.shape(0).dim(0), ..self.0 }
    }
}

impl Op for Conv2dUpstream {
    fn name(&self) -> &'static str {
        match (self.0.pool.is_some(), self.0.activation) {
            (false, None) => "bias_grad",
            (true, None) => "max_pool2d_bias_grad",
            (false, Some(Activation::Relu)) => "relu_bias_grad",
            (true, Some(Activation::Relu)) => "max_pool2d_relu_bias_grad",
            (false, Some(Activation::LeakyRelu { .. })) => "leaky_relu_bias_grad",
            (true, Some(Activation::LeakyRelu { .. })) => "max_pool2d_leaky_relu_bias_grad",
            (false, Some(Activation::Sigmoid)) => "sigmoid_bias_grad",
            (true, Some(Activation::Sigmoid)) => "max_pool2d_sigmoid_bias_grad",
            (false, Some(Activation::Tanh)) => "tanh_bias_grad",
            (true, Some(Activation::Tanh)) => "max_pool2d_tanh_bias_grad",
        }
    }

    fn dtype(&self, i: usize) -> DType {
        if Some(i) == self.winner() { DType::U32 } else { DType::Real }
    }

    fn wants(&self, _: usize, _: &[Type]) -> Layout {
        Layout::Nhwc
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let Upstream { n, c, h, w, .. } = self.0;
        Ok(vec![Type::real([n, c, h, w]).in_layout(Layout::Nhwc), Type::real([c])])
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let mut dy = io.x(0).to_vec();
        if let Some(f) = self.0.activation {
            activation::reference::backward(f, io.x(1), io.x(0), &mut dy);
        }
        let g = io.y(0);
        match (self.0.windows(), self.winner()) {
            (Some(pool), Some(winner)) => {
                let dy = View::new(&dy, &pool.y(), Layout::Nhwc);
                let g = ViewMut::new(&mut *g, &pool.x(), Layout::Nhwc);
                max_pool2d::reference::backward(&pool, dy, io.view_u32(winner), g);
            }
            _ => g.copy_from_slice(&dy),
        }
        reduce::reference::channel_sum(&self.0.channels(), g, io.y(1));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let (sizes, from, g) = (self.of_images(io), self.arriving(io), io.y(0));
        upstream::cpu::batch(&sizes, from, g, io.y(1), cpu);
    }

    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu) {
        let (sizes, from, g) = (self.of_images(io), self.arriving(io), io.y(0));
        upstream::cpu::upstream(&sizes, parts, from, g, io.y(1), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(upstream::cuda::upstream(&Upstream { n: x[0].shape.dim(0), ..self.0 }))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        let operands = 1 + usize::from(self.0.activation.is_some()) + usize::from(self.0.pool.is_some());
        Some(ByImage { x: &[Share::Each; 3][..operands], y: &[Share::Each, Share::Sum] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, x: &[Type], y: &[Type]) -> u64 {
        let activation = self.0.activation.map_or(0, Activation::gradient_flops);
        activation * x[0].len() as u64 + y[0].len() as u64
    }
}

impl Conv2dUpstream {
    fn arriving<'a>(&self, io: &Io<'a, f32>) -> Arriving<'a> {
        let y = self.0.activation.map(|_| io.x(1));
        Arriving { dy: io.x(0), y, winner: self.winner().map(|i| io.x_u32(i)) }
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "conv2d_upstream",
    equation: "g = f'(dy), from y, at the winners;  db[c] = Σ g[n,c,i,j]",
    cases: || {
        const LEAKY: Activation = Activation::LeakyRelu { slope: 0.25 };
        let pooled = vec![Input::real(&[2, 8, 6, 6]), Input::real(&[2, 8, 3, 3])];
        let plain = vec![Input::real(&[3, 5, 7, 9]); 2];
        vec![
            Case::new(Family::Plain, pooled.clone(), |tape, x| behind(tape, x, Some(Activation::Relu), 2)),
            Case::new(Family::Plain, pooled.clone(), |tape, x| behind(tape, x, Some(Activation::Sigmoid), 2)),
            Case::new(Family::Plain, pooled.clone(), |tape, x| behind(tape, x, Some(Activation::Tanh), 2)),
            Case::new(Family::Plain, pooled, |tape, x| behind(tape, x, Some(LEAKY), 2)),
            Case::new(
                Family::Stride,
                vec![Input::real(&[3, 5, 7, 9]), Input::real(&[3, 5, 2, 3])],
                |tape, x| behind(tape, x, None, 3),
            ),
            Case::new(Family::OddSizes, plain.clone(), |tape, x| directly(tape, x, Some(Activation::Relu))),
            Case::new(Family::OddSizes, plain.clone(), |tape, x| {
                directly(tape, x, Some(Activation::Sigmoid))
            }),
            Case::new(Family::OddSizes, plain.clone(), |tape, x| directly(tape, x, Some(Activation::Tanh))),
            Case::new(Family::OddSizes, plain, |tape, x| directly(tape, x, Some(LEAKY))),
            Case::new(Family::OneElement, vec![Input::real(&[1, 1, 1, 1])], |tape, x| {
                directly(tape, x, None)
            }),
        ]
        .into_iter()
        .map(Case::no_gradient)
        .collect()
    },
    refusals: Vec::new,
};

/// g of x[1], the gradient behind the pooling of x[0] in windows of 2x2.
fn behind<'t>(tape: &'t Tape<'t>, x: &[Var<'t>], f: Option<Activation>, stride: usize) -> Var<'t> {
    let pooled = tape.apply_all(MaxPool2d { kernel: 2, stride }, &x[..1]);
    let operands: Vec<_> =
        [Some(x[1]), f.map(|_| pooled[0]), Some(pooled[1])].into_iter().flatten().collect();
    tape.apply_all(upstream_of(&x[0], f, Some([2, stride])), &operands)[0]
}

/// g + db of x[0]; y is x[1], if there is an activation.
fn directly<'t>(tape: &'t Tape<'t>, x: &[Var<'t>], f: Option<Activation>) -> Var<'t> {
    let y = tape.apply_all(upstream_of(&x[0], f, None), x);
    y[0] + y[1]
}

fn upstream_of(g: &Var<'_>, activation: Option<Activation>, pool: Option<[usize; 2]>) -> Conv2dUpstream {
    let [n, c, h, w] = g.shape().dims().expect("images");
    Conv2dUpstream(Upstream { n, c, h, w, activation, pool })
}
