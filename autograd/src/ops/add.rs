//! Addition, with the one broadcast there is: a number a channel.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Parts, Scalar, ShapeError, Share, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::{
    elementwise::{self, Channels},
    reduce,
};
use std::ops;

/// `y = a + b`; where b is (C) and a is (N, C) or (N, C, H, W), `y[n,c,…] = a[n,c,…] + b[c]`.
///
/// - **Shapes**: a and b alike; or b (C) beside a (N, C) or (N, C, H, W). y as a.
/// - **Gradient**: `da = dy`; `db = dy`, summed over all but the channels by [`ChannelSum`] where b was broadcast.
/// - **Conventions**: no other broadcast: a row is not repeated by itself. An operand used twice gets both gradients,
///   added.
/// - **Errors**: shapes that fit neither way.
///
/// ```
/// # use ferrotape_autograd::{Params, check::gradcheck};
/// # let params = Params::default();
/// // A bias: the second gradient is a sum over rows.
/// gradcheck(&params, &[&[4, 3], &[3]], |_, x| x[0] + x[1]).assert_ok();
/// ```
#[derive(Clone, Debug)]
pub struct Add;

impl Add {
    fn broadcast(x: &[Type]) -> bool {
        x[0].shape != x[1].shape && x[1].shape.rank() == 1
    }
}

impl Op for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn wants(&self, i: usize, x: &[Type]) -> Layout {
        if i == 1 && Self::broadcast(x) { Layout::Rows } else { x[0].layout }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        if Self::broadcast(x) {
            Channels::of(&x[0].shape, &x[1].shape, x[0].layout)?;
        } else {
            elementwise::same(&x[0].shape, &x[1].shape)?;
        }
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let (a, b, y) = (io.x(0), io.x(1), io.y(0));
        if a.len() == b.len() {
            elementwise::reference::add(a, b, y);
        } else {
            let channels = Channels::of(&io.shape(0), &io.shape(1), io.layout(0)).expect("inferred");
            elementwise::reference::add_channels(&channels, a, b, y);
        }
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let (a, b, y) = (io.x(0), io.x(1), io.y(0));
        if a.len() == b.len() {
            elementwise::cpu::add(a, b, y, cpu);
        } else {
            let channels = Channels::of(&io.shape(0), &io.shape(1), io.layout(0)).expect("inferred");
            elementwise::cpu::add_channels(&channels, a, b, y, cpu);
        }
    }

    /// `da = dy`; `db = dy`, summed over all but the channels where b was broadcast.
    fn vjp<'t>(&self, wrt: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let broadcast = at.x[0].shape() != at.x[1].shape();
        dy[0].map(|dy| if wrt == 1 && broadcast { dy.tape().apply(ChannelSum, &[dy]) } else { dy })
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let (a, b) = (&x[0], &x[1]);
        Some(if a.len() == b.len() {
            elementwise::cuda::add(a.len())
        } else {
            elementwise::cuda::add_channels(&Channels::of(&a.shape, &b.shape, a.layout).expect("inferred"))
        })
    }

    fn by_image(&self, x: &[Type]) -> Option<ByImage> {
        let broadcast = ByImage { x: &[Share::Each, Share::Whole], y: &[Share::Each] };
        Some(if Self::broadcast(x) { broadcast } else { ByImage::ZIP })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64
    }
}

/// Gradient of the broadcast: sum over all but the channels.
///
/// `y[c] = Σ x[n,c,…]` for x (N, C) or (N, C, H, W).
///
/// - **Shapes**: x (N, C) or (N, C, H, W), y (C).
/// - **Gradient**: no rule; a replay in [`Dual`](crate::Dual) numbers differentiates it.
/// - **Conventions**: a sum over at most sixteen fixed parts of the batch and a tree over these: the same bits for any
///   number of threads.
/// - **Errors**: x without channels.
///
/// ```
/// # use ferrotape_autograd::{Params, Tape, ops::ChannelSum};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([2, 3], &[1., 2., 3., 10., 20., 30.]);
/// assert_eq!(tape.apply(ChannelSum, &[x]).values(), [11., 22., 33.]);
/// ```
#[derive(Clone, Debug)]
pub struct ChannelSum;

impl Op for ChannelSum {
    fn name(&self) -> &'static str {
        "channel_sum"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![Type::real([Channels::new(&x[0].shape, x[0].layout)?.c])])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let channels = Channels::new(&io.shape(0), io.layout(0)).expect("inferred");
        reduce::reference::channel_sum(&channels, io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let channels = Channels::new(&io.shape(0), io.layout(0)).expect("inferred");
        reduce::cpu::channel_sum(&channels, io.x(0), io.y(0), cpu);
    }

    fn cpu_parts(&self, io: &mut Io<'_, f32>, parts: &Parts, cpu: &Cpu) {
        let channels = Channels::new(&io.shape(0), io.layout(0)).expect("inferred");
        reduce::cpu::channel_sum_parts(&channels, parts, io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(reduce::cuda::channel_sum(&Channels::new(&x[0].shape, x[0].layout).expect("inferred")))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage { x: &[Share::Each], y: &[Share::Sum] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        x[0].len() as u64
    }
}

impl<'t> ops::Add for Var<'t> {
    type Output = Var<'t>;

    /// `a + b`: equal shapes, or b a number a channel (dimension 1) of a. Gradient: dy to both, summed over the
    /// broadcast.
    ///
    /// # Panics
    /// If the shapes fit neither way.
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let y = tape.input([2, 2], &[1., 2., 3., 4.]) + tape.input([2], &[10., 20.]);
    /// assert_eq!(y.values(), [11., 22., 13., 24.]);
    /// ```
    #[track_caller]
    fn add(self, b: Var<'t>) -> Var<'t> {
        self.tape().apply(Add, &[self, b])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "add",
    equation: "y = a + b;  da = dy,  db = dy (summed over a broadcast)",
    cases: || {
        let two = |s: &[usize]| vec![Input::real(s), Input::real(s)];
        vec![
            Case::new(Family::Plain, two(&[3, 4]), |_, x| x[0] + x[1]),
            Case::new(Family::Square, two(&[4, 4]), |_, x| x[0] + x[1]),
            Case::new(Family::OneElement, two(&[]), |_, x| x[0] + x[1]),
            Case::new(Family::UsedTwice, vec![Input::real(&[3, 5])], |_, x| x[0] + x[0]),
            Case::new(Family::OddSizes, two(&[3, 5, 7, 1]), |_, x| x[0] + x[1]),
            Case::new(Family::Broadcast, vec![Input::real(&[5, 3]), Input::real(&[3])], |_, x| x[0] + x[1]),
            Case::new(Family::Broadcast, vec![Input::real(&[2, 3, 5, 4]), Input::real(&[3])], |_, x| {
                x[0] + x[1]
            }),
            Case::new(Family::Batch1, vec![Input::real(&[1, 3]), Input::real(&[3])], |_, x| x[0] + x[1]),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3, 4], &[4, 3]], |_, x| x[0] + x[1]),
            Refusal::new(&[&[3, 4], &[3]], |_, x| x[0] + x[1]),
            Refusal::new(&[&[3], &[3, 3]], |_, x| x[0] + x[1]),
        ]
    },
};
