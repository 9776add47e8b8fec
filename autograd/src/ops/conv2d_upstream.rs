//! What a convolution's gradients start from, in one pass: what the planner makes of the gradients of `max_pool2d` and
//! `relu` and of the sum for the bias.
use crate::{
    ByImage, Cpu, DType, Io, Isa, Layout, Op, Parts, Scalar, ShapeError, Share, Type, View, ViewMut,
    card::{Card, Case, Family, Input},
    ops::MaxPool2d,
};
use ferrotape_kernels::{
    activation, max_pool2d, reduce,
    upstream::{self, Upstream, cpu::Arriving},
};

/// (dy, mask?, winner?) -> (g, db): the gradient dy behind `relu` and `max_pool2d` brought to the output of the convolution
/// before them, `g`, and `db[c] = Σ g[n,c,i,j]`. The mask is the value that dy belongs to.
///
/// Where both are there, the mask is taken at the pooled size: a window's value is its winner's.
#[derive(Clone, Debug)]
pub struct Conv2dUpstream {
    /// Sizes of g, and the pooling.
    pub sizes: Upstream,
    /// Whether there is a mask.
    pub relu: bool,
}

impl Conv2dUpstream {
    fn winner(&self) -> Option<usize> {
        self.sizes.pool.map(|_| 1 + usize::from(self.relu))
    }

    fn of_images<S>(&self, io: &Io<'_, S>) -> Upstream {
        Upstream { n: io.shape(0).dim(0), ..self.sizes }
    }
}

impl Op for Conv2dUpstream {
    fn name(&self) -> &'static str {
        match (self.relu, self.sizes.pool) {
            (true, Some(_)) => "max_pool2d_relu_bias_grad",
            (true, None) => "relu_bias_grad",
            (false, Some(_)) => "max_pool2d_bias_grad",
            (false, None) => "bias_grad",
        }
    }

    fn dtype(&self, i: usize) -> DType {
        if Some(i) == self.winner() { DType::U32 } else { DType::Real }
    }

    fn wants(&self, _: usize, _: &[Type]) -> Layout {
        Layout::Nhwc
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let Upstream { n, c, h, w, .. } = self.sizes;
        Ok(vec![Type::real([n, c, h, w]).in_layout(Layout::Nhwc), Type::real([c])])
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let mut dy = io.x(0).to_vec();
        if self.relu {
            activation::reference::relu_grad(io.x(1), io.x(0), &mut dy);
        }
        let g = io.y(0);
        match (self.sizes.windows(), self.winner()) {
            (Some(pool), Some(winner)) => {
                let dy = View::new(&dy, &pool.y(), Layout::Nhwc);
                let g = ViewMut::new(&mut *g, &pool.x(), Layout::Nhwc);
                max_pool2d::reference::backward(&pool, dy, io.view_u32(winner), g);
            }
            _ => g.copy_from_slice(&dy),
        }
        reduce::reference::channel_sum(&self.sizes.channels(), g, io.y(1));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let (sizes, from, g) = (self.of_images(io), self.arriving(io), io.y(0));
        upstream::cpu::batch(&sizes, from, g, io.y(1), cpu);
    }

    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu) {
        let (sizes, from, g) = (self.of_images(io), self.arriving(io), io.y(0));
        upstream::cpu::upstream(&sizes, parts, from, g, io.y(1), cpu);
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        let operands = 1 + usize::from(self.relu) + usize::from(self.sizes.pool.is_some());
        Some(ByImage { x: &[Share::Each; 3][..operands], y: &[Share::Each, Share::Sum] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, x: &[Type], y: &[Type]) -> u64 {
        (x[0].len() + y[0].len()) as u64
    }
}

impl Conv2dUpstream {
    fn arriving<'a>(&self, io: &Io<'a, f32>) -> Arriving<'a> {
        Arriving { dy: io.x(0), mask: self.relu.then(|| io.x(1)), winner: self.winner().map(|i| io.x_u32(i)) }
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "conv2d_upstream",
    equation: "g = dy where mask > 0, else 0, at the winners;  db[c] = Σ g[n,c,i,j]",
    cases: || {
        vec![
            Case::new(
                Family::Plain,
                vec![Input::real(&[2, 8, 6, 6]), Input::real(&[2, 8, 3, 3])],
                |tape, x| {
                    let pooled = tape.apply_all(MaxPool2d { kernel: 2, stride: 2 }, &x[..1]);
                    let sizes = Upstream { n: 2, c: 8, h: 6, w: 6, pool: Some([2, 2]) };
                    tape.apply_all(Conv2dUpstream { sizes, relu: true }, &[x[1], pooled[0], pooled[1]])[0]
                },
            )
            .no_gradient(),
            Case::new(
                Family::Stride,
                vec![Input::real(&[3, 5, 7, 9]), Input::real(&[3, 5, 2, 3])],
                |tape, x| {
                    let pooled = tape.apply_all(MaxPool2d { kernel: 2, stride: 3 }, &x[..1]);
                    let sizes = Upstream { n: 3, c: 5, h: 7, w: 9, pool: Some([2, 3]) };
                    tape.apply_all(Conv2dUpstream { sizes, relu: false }, &[x[1], pooled[1]])[0]
                },
            )
            .no_gradient(),
            Case::new(Family::OddSizes, vec![Input::real(&[3, 5, 7, 9]); 2], |tape, x| {
                let sizes = Upstream { n: 3, c: 5, h: 7, w: 9, pool: None };
                tape.apply_all(Conv2dUpstream { sizes, relu: true }, x)[0]
            })
            .no_gradient(),
            Case::new(Family::OneElement, vec![Input::real(&[1, 1, 1, 1])], |tape, x| {
                let sizes = Upstream { n: 1, c: 1, h: 1, w: 1, pool: None };
                tape.apply_all(Conv2dUpstream { sizes, relu: false }, x)[1]
            })
            .no_gradient(),
        ]
    },
    refusals: Vec::new,
};
