//! Matrix product, either operand transposed or not.
use crate::{
    Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::matmul::{self, cpu, cuda, reference};

/// `y = op(a) op(b)`, where op transposes if the flag says so: `y[i,j] = Σ_k op(a)[i,k] · op(b)[k,j]`
///
/// | | da | db |
/// |---|---|---|
/// | y = a b | dy bᵀ | aᵀ dy |
/// | y = aᵀ b | b dyᵀ | a dy |
/// | y = a bᵀ | dy b | dyᵀ a |
/// | y = aᵀ bᵀ | bᵀ dyᵀ | dyᵀ aᵀ |
///
/// - **Shapes**: op(a) (m, k), op(b) (k, n), y (m, n).
/// - **Gradient**: the table: products again, whose flags do the transposing.
/// - **Conventions**: nothing is copied for a transposition.
/// - **Errors**: an operand that is no matrix; inner sizes that differ.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let (a, b) = (tape.input([2, 1], &[3., 4.]), tape.input([2, 2], &[1., 2., 10., 20.]));
/// assert_eq!(a.matmul_with(b, true, true).values(), a.transpose().matmul(b.transpose()).values());
/// assert_eq!(a.matmul_with(b, true, true).values(), [11., 110.]);
/// ```
#[derive(Clone, Debug)]
pub struct Matmul {
    /// Use a transposed.
    pub ta: bool,
    /// Use b transposed.
    pub tb: bool,
}

impl Matmul {
    fn spec(&self, a: &Type, b: &Type) -> Result<matmul::Matmul, ShapeError> {
        matmul::Matmul::new(&a.shape, &b.shape, self.ta, self.tb)
    }
}

impl Op for Matmul {
    fn name(&self) -> &'static str {
        "matmul"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real(self.spec(&x[0], &x[1])?.y())])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = self.spec(io.ty(0), io.ty(1)).expect("inferred");
        reference::matmul(&spec, io.view(0), io.view(1), io.view_mut(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = self.spec(io.ty(0), io.ty(1)).expect("inferred");
        cpu::matmul(&spec, io.x(0), io.x(1), io.y(0), cpu);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(cuda::matmul(&self.spec(&x[0], &x[1]).expect("inferred")))
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let (dy, a, b, &Self { ta, tb }) = (dy[0]?, at.x[0], at.x[1], self);
        Some(match (wrt, ta, tb) {
            (0, false, _) => dy.matmul_with(b, false, !tb),
            (0, true, _) => b.matmul_with(dy, tb, true),
            (_, _, false) => a.matmul_with(dy, !ta, false),
            (_, _, true) => dy.matmul_with(a, true, ta),
        })
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        self.spec(&x[0], &x[1]).map_or(0, |s| s.flops())
    }
}

impl<'t> Var<'t> {
    /// The matrix product `y[i,j] = Σ_k a[i,k] · b[k,j]` of a (m, k) and b (k, n), giving (m, n). Gradients:
    /// dy bᵀ to a, aᵀ dy to b.
    ///
    /// # Panics
    /// If an operand is no matrix, or the inner sizes differ.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let a = tape.variable([1, 2], &[3., 4.]);
    /// let b = tape.variable([2, 2], &[1., 2., 10., 20.]);
    /// let y = a.matmul(b);
    /// assert_eq!(y.values(), [43., 86.]);
    /// let gradients = y.sum().backward();
    /// assert_eq!(gradients.get(a).unwrap().values(), [3., 30.]);
    /// assert_eq!(gradients.get(b).unwrap().values(), [3., 3., 4., 4.]);
    /// ```
    #[track_caller]
    pub fn matmul(self, b: Var<'t>) -> Var<'t> {
        self.matmul_with(b, false, false)
    }

    /// The matrix product with the left operand transposed if `ta` and the right one if `tb`; nothing is copied for
    /// it. Gradients: see [`Matmul`].
    ///
    /// # Panics
    /// If an operand is no matrix, or the inner sizes differ.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::inference(&params);
    /// let x = tape.input([1, 2], &[3., 4.]);
    /// assert_eq!(x.matmul_with(x, false, true).values(), [25.]);
    /// assert_eq!(x.matmul_with(x, true, false).values(), [9., 12., 12., 16.]);
    /// ```
    #[track_caller]
    pub fn matmul_with(self, b: Var<'t>, ta: bool, tb: bool) -> Var<'t> {
        self.tape().apply(Matmul { ta, tb }, &[self, b])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "matmul",
    equation: "y[i,j] = Σ_k a[i,k] b[k,j];  da = dy bᵀ,  db = aᵀ dy",
    cases: || {
        let two = |a: [usize; 2], b: [usize; 2]| vec![Input::real(&a), Input::real(&b)];
        vec![
            Case::new(Family::Plain, two([4, 8], [8, 6]), |_, x| x[0].matmul(x[1])),
            Case::new(Family::Square, two([4, 4], [4, 4]), |_, x| x[0].matmul(x[1])),
            Case::new(Family::Square, two([4, 4], [4, 4]), |_, x| x[0].matmul_with(x[1], true, false)),
            Case::new(Family::OneElement, two([1, 1], [1, 1]), |_, x| x[0].matmul(x[1])),
            Case::new(Family::UsedTwice, two([5, 5], [5, 5]), |_, x| x[0].matmul(x[0]).matmul(x[1])),
            Case::new(Family::OddSizes, two([7, 19], [19, 33]), |_, x| x[0].matmul(x[1])),
            Case::new(Family::NonSquare, two([2, 3], [3, 5]), |_, x| x[0].matmul(x[1])),
            Case::new(Family::NonSquare, two([3, 2], [3, 5]), |_, x| x[0].matmul_with(x[1], true, false)),
            Case::new(Family::NonSquare, two([2, 3], [5, 3]), |_, x| x[0].matmul_with(x[1], false, true)),
            Case::new(Family::NonSquare, two([3, 2], [5, 3]), |_, x| x[0].matmul_with(x[1], true, true)),
            Case::new(Family::OddSizes, two([19, 7], [33, 19]), |_, x| x[0].matmul_with(x[1], true, true)),
            Case::new(Family::UsedTwice, two([3, 4], [4, 3]), |_, x| {
                x[0].matmul_with(x[0], false, true).matmul_with(x[1], true, true)
            }),
            Case::new(Family::Batch1, two([1, 9], [9, 4]), |_, x| x[0].matmul(x[1])),
            Case::new(Family::Layouts, two([2, 3], [3, 5]), |_, x| {
                x[0].relayout(Layout::InOut).matmul(x[1].relayout(Layout::InOut))
            }),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 4], &[3, 4]], |_, x| x[0].matmul(x[1])),
            Refusal::new(&[&[3, 4], &[4, 3]], |_, x| x[0].matmul_with(x[1], true, false)),
            Refusal::new(&[&[3, 4], &[4]], |_, x| x[0].matmul(x[1])),
            Refusal::new(&[&[], &[4, 3]], |_, x| x[0].matmul(x[1])),
        ]
    },
};
