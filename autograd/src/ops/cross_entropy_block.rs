//! All that a training step makes of its logits, in one pass: what the planner makes of `cross_entropy`, its gradient, the
//! sum of that for a bias, and `count_correct`.
use super::cross_entropy::spec;
use crate::{
    Cpu, DType, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Type, View, ViewMut,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    count_correct,
    cross_entropy::{Also, cpu, cuda, reference},
    elementwise::Channels,
    reduce,
};

/// (logits, labels, dloss?) -> (loss, p?, dx?, db?, count?): `loss` as of [`CrossEntropy`](super::CrossEntropy) with those that
/// are asked for of p, its probabilities; dx, its gradient, which alone needs dloss; `db[c] = Σ_n dx[n,c]`; and the number of
/// right answers, [`CountCorrect`](super::CountCorrect).
///
/// - **Shapes**: as of the operations it is made of; db (C).
/// - **Gradient**: none flows through it: the planner fuses after differentiation.
/// - **Conventions**: those of the operations it is made of, whose bits it gives.
/// - **Errors**: as theirs.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, ops::CrossEntropyBlock};
/// # use ferrotape_kernels::cross_entropy::Also;
/// # let params = Params::default();
/// let tape = Tape::inference(&params);
/// let (x, labels) = (tape.input([2, 2], &[0., 3., 2., 1.]), tape.input_u32(&[1, 1]));
/// let also = Also { count: true, ..Also::default() };
/// let y = tape.apply_all(CrossEntropyBlock(also), &[x, labels]);
/// assert_eq!(y[0].item(), x.cross_entropy(labels).item());
/// assert_eq!(y[1].item(), 1.);
/// ```
#[derive(Clone, Debug)]
pub struct CrossEntropyBlock(
    /// Which of them.
    pub Also,
);

impl CrossEntropyBlock {
    /// The numbers of the outputs behind the loss: p, dx, db, count.
    fn outputs(&self) -> [Option<usize>; 4] {
        let Also { probabilities, gradient, bias_gradient, count } = self.0;
        let mut next = 1..;
        [probabilities, gradient, bias_gradient, count]
            .map(|on| on.then(|| next.next().expect("there is no last")))
    }
}

impl Op for CrossEntropyBlock {
    fn name(&self) -> &'static str {
        match self.0 {
            Also { gradient: false, count: false, .. } => "cross_entropy",
            Also { gradient: false, count: true, .. } => "cross_entropy_count",
            Also { bias_gradient: false, count: false, .. } => "cross_entropy_grad",
            Also { bias_gradient: false, count: true, .. } => "cross_entropy_grad_count",
            Also { bias_gradient: true, count: false, .. } => "cross_entropy_bias_grad",
            Also { bias_gradient: true, count: true, .. } => "cross_entropy_bias_grad_count",
        }
    }

    fn dtype(&self, i: usize) -> DType {
        if i == 1 { DType::U32 } else { DType::Real }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let spec = spec(&x[0], &x[1])?;
        let logits = Type::real(spec.logits());
        let types = [logits, logits, Type::real([spec.classes]), Type::scalar()];
        let asked = types.into_iter().zip(self.outputs()).filter_map(|(ty, at)| at.map(|_| ty));
        Ok([Type::scalar()].into_iter().chain(asked).collect())
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = spec(io.ty(0), io.ty(1)).expect("inferred");
        let (shape, labels) = (spec.logits(), io.x_u32(1));
        let [p, dx, db, count] = self.outputs();
        let mut own = vec![S::ZERO; shape.len()];
        let view = ViewMut::new(&mut own, &shape, Layout::Rows);
        reference::forward(&spec, io.view(0), labels, &mut io.y(0)[0], view);
        if let Some(p) = p {
            io.y(p).copy_from_slice(&own);
        }
        if let Some(dx) = dx {
            let dx = io.y(dx);
            let p = View::new(&own, &shape, Layout::Rows);
            reference::backward(&spec, p, labels, io.x(2)[0], ViewMut::new(dx, &shape, Layout::Rows));
            if let Some(db) = db {
                reduce::reference::channel_sum(&Channels::rows(spec.n, spec.classes), dx, io.y(db));
            }
        }
        if let Some(count) = count {
            count_correct::reference::forward(&spec, io.view(0), labels, &mut io.y(count)[0]);
        }
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = spec(io.ty(0), io.ty(1)).expect("inferred");
        let (x, labels) = (io.x(0), io.x_u32(1));
        let [p, dx, db, count] = self.outputs();
        let [p, dx] = [p, dx].map(|at| at.map(|at| io.y(at)));
        io.y(0)[0] = match (p, dx) {
            (None, None) => cpu::loss(&spec, x, labels, cpu),
            (Some(p), None) => cpu::forward(&spec, x, labels, p, cpu),
            (p, Some(dx)) => {
                let dloss = io.x(2)[0];
                let loss = match p {
                    None => cpu::with_gradient(&spec, x, labels, dloss, dx, cpu),
                    Some(p) => {
                        let loss = cpu::forward(&spec, x, labels, p, cpu);
                        cpu::backward(&spec, p, labels, dloss, dx);
                        loss
                    }
                };
                if let Some(db) = db {
                    reduce::cpu::channel_sum(&Channels::rows(spec.n, spec.classes), dx, io.y(db), cpu);
                }
                loss
            }
        };
        if let Some(count) = count {
            io.y(count)[0] = count_correct::cpu::forward(&spec, x, labels);
        }
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::block(&spec(&x[0], &x[1]).expect("inferred"), self.0))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// As the operations by themselves: the loss, 2 a logit for its gradient, 1 for the sum, 1 for the count.
    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        let Also { gradient, bias_gradient, count, .. } = self.0;
        let each = 4 + 2 * u64::from(gradient) + u64::from(bias_gradient) + u64::from(count);
        each * x[0].len() as u64 + 3 * x[1].len() as u64
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "cross_entropy_block",
    equation: "loss = -1/N Σ_n ln p[n, label[n]], p = softmax(x);  dx = (p - onehot(label)) dloss / N;  db[c] = Σ_n dx[n,c];  \
               count = Σ_n [argmax_c x[n,c] = label[n]]",
    cases: || {
        const NONE: Also = Also { probabilities: false, gradient: false, bias_gradient: false, count: false };
        let batch =
            |n: usize, c: usize| vec![Input::real(&[n, c]), Input::integers(n, c as u32), Input::real(&[])];
        vec![
            Case::new(Family::Plain, batch(50, 10), |t, x| {
                let also = Also { gradient: true, bias_gradient: true, count: true, ..NONE };
                let y = t.apply_all(CrossEntropyBlock(also), x);
                (y[1] + y[2]).sum() + y[0] + y[3]
            }),
            Case::new(Family::OddSizes, batch(37, 3), |t, x| {
                let y = t.apply_all(CrossEntropyBlock(Also { gradient: true, count: true, ..NONE }), x);
                y[1].sum() + y[0] + y[2]
            }),
            Case::new(Family::OddSizes, batch(7, 33), |t, x| {
                let also = Also { probabilities: true, gradient: true, bias_gradient: true, count: false };
                let y = t.apply_all(CrossEntropyBlock(also), x);
                y[1] + y[2] + y[3]
            }),
            Case::new(Family::Batch1, batch(1, 10), |t, x| {
                let also = Also { probabilities: true, count: true, ..NONE };
                let y = t.apply_all(CrossEntropyBlock(also), &x[..2]);
                y[1].sum() + y[0] + y[2]
            }),
            Case::new(Family::OneElement, batch(1, 1), |t, x| {
                let y = t.apply_all(CrossEntropyBlock(Also { count: true, ..NONE }), &x[..2]);
                y[0] + y[1]
            }),
            Case::new(Family::Plain, batch(4, 4), |t, x| t.apply(CrossEntropyBlock(NONE), &x[..2])),
        ]
        .into_iter()
        .map(Case::no_gradient)
        .collect()
    },
    refusals: Vec::new,
};
