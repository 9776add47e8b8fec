//! Both gradients of a fully connected layer at once: what the planner makes of `linear_dgrad` and `linear_wgrad`.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Type,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::linear::{self, cpu, cuda, reference};

/// (x, w, dy) -> (dx, dw): `dx = dy w` and `dw = dyᵀ x`, [`LinearDgrad`](super::LinearDgrad) and
/// [`LinearWgrad`](super::LinearWgrad), which need nothing of each other: a GPU makes small ones in one launch.
///
/// - **Shapes**: x (N, fan_in), w (fan_out, fan_in), dy (N, fan_out); dx as x, dw as w.
/// - **Gradient**: none flows through it: the planner fuses after differentiation.
/// - **Conventions**: those of the two operations, whose bits it gives.
/// - **Errors**: none of its own: the layer's shapes were checked.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::recording(&params);
/// let (x, w) = (tape.variable([4, 3], &[0.; 12]), tape.variable([2, 3], &[0.; 6]));
/// let gradients = x.linear(w, tape.input([2], &[0.; 2])).sum().backward();
/// let program = tape.compile(&[gradients.get(x).unwrap(), gradients.get(w).unwrap()]);
/// assert!(program.code().instructions().iter().any(|i| i.name() == "linear_dgrad_wgrad"));
/// ```
#[derive(Clone, Debug)]
pub struct LinearGradients(pub(crate) linear::Linear);

impl Op for LinearGradients {
    fn name(&self) -> &'static str {
        "linear_dgrad_wgrad"
    }

    fn wants(&self, i: usize, _: &[Type]) -> Layout {
        [Layout::Rows, Layout::InOut, Layout::Rows][i]
    }

    fn infer(&self, _: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let linear::Linear { n, fan_in, fan_out } = self.0;
        Ok(vec![Type::real([n, fan_in]), Type::real([fan_out, fan_in]).in_layout(Layout::InOut)])
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        reference::dgrad(&self.0, io.view(2), io.view(1), io.view_mut(0));
        reference::wgrad(&self.0, io.view(0), io.view(2), io.view_mut(1));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        cpu::dgrad(&self.0, io.x(2), io.x(1), io.y(0), cpu);
        cpu::wgrad(&self.0, io.x(0), io.x(2), io.y(1), cpu);
    }

    fn cuda(&self, _: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::gradients(&self.0))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], _: &[Type]) -> u64 {
        2 * self.0.flops()
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "linear_gradients",
    equation: "dx = dy w,  dw = dyᵀ x",
    cases: || {
        let case = |family, [n, fan_in, fan_out]: [usize; 3]| {
            let inputs = [[n, fan_in], [fan_out, fan_in], [n, fan_out]];
            Case::new(family, inputs.iter().map(|s| Input::real(s)).collect(), |tape, x| {
                let [n, fan_in] = x[0].shape().dims().expect("a matrix");
                let spec = linear::Linear { n, fan_in, fan_out: x[2].shape().dim(1) };
                let y = tape.apply_all(LinearGradients(spec), x);
                y[0].sum() + y[1].sum()
            })
            .no_gradient()
        };
        vec![
            case(Family::Plain, [50, 32, 10]),
            case(Family::OneElement, [1, 1, 1]),
            case(Family::OddSizes, [7, 33, 17]),
            case(Family::Batch1, [1, 9, 10]),
        ]
    },
    refusals: Vec::new,
};
