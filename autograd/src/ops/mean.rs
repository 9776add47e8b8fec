//! Mean of all elements.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
    ops::Expand,
};
use ferrotape_kernels::reduce::{self, cpu, reference};

/// `y = (Σ_i x[i]) / n`, one number.
///
/// - **Shapes**: x any but empty, y one number.
/// - **Gradient**: `dx[i] = dy / n`, by [`Expand`].
/// - **Conventions**: over all elements; of a batch of losses the mean over the batch.
/// - **Errors**: no element.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # let params = Params::default();
/// gradcheck(&params, &[&[3, 4]], |_, x| (x[0] * x[0]).mean()).assert_ok();
/// ```
#[derive(Clone, Debug)]
pub struct Mean;

impl Op for Mean {
    fn name(&self) -> &'static str {
        "mean"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        reduce::mean_factor(&x[0].shape)?;
        Ok(vec![Type::scalar()])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        io.y(0)[0] = reference::mean(io.x(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        io.y(0)[0] = cpu::mean(io.x(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(reduce::cuda::mean(x[0].len()))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx[i] = dy / n`
    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let (dy, to) = (dy[0]?, at.x[0].ty());
        let factor = reduce::mean_factor(&to.shape).expect("inferred");
        Some(dy.tape().apply(Expand { factor, to }, &[dy]))
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        x[0].len() as u64 + 1
    }
}

impl<'t> Var<'t> {
    /// `(Σ_i x[i]) / n`, the mean of all n elements: one number, shape `[]`. Gradient: dy / n in every element.
    ///
    /// # Panics
    /// If there is no element.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([2, 2], &[1., 2., 3., 4.]);
    /// let y = x.mean();
    /// assert_eq!(y.item(), 2.5);
    /// assert_eq!(y.backward().get(x).unwrap().values(), [0.25; 4]);
    /// ```
    #[track_caller]
    pub fn mean(self) -> Var<'t> {
        self.tape().apply(Mean, &[self])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "mean",
    equation: "y = (Σ_i x[i]) / n;  dx[i] = dy / n",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[3, 4]), |_, x| x[0].mean()),
            Case::new(Family::OneElement, one(&[]), |_, x| x[0].mean()),
            Case::new(Family::UsedTwice, one(&[5]), |_, x| x[0].mean() * x[0].mean()),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11]), |_, x| x[0].mean()),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc).mean()),
        ]
    },
    refusals: || vec![Refusal::new(&[&[0, 3]], |_, x| x[0].mean())],
};
