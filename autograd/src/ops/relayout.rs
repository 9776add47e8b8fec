//! The same values in another order in memory.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::layout::{self, cpu, reference};

/// `y = x`, lying in another layout. The tape inserts it where an operation wants its operand so.
///
/// - **Shapes**: any that the layout fits; y as x.
/// - **Gradient**: `dx = dy`, in the layout of x.
/// - **Conventions**: not for users to call: the tape does, and listings show it.
/// - **Errors**: a rank that the layout does not fit.
///
/// ```
/// # use ferrotape_autograd::{Layout, Params, Tape};
/// # let params = Params::default();
/// let tape = Tape::training(&params);
/// let x = tape.input([1, 1, 2, 2], &[1., 2., 3., 4.]);
/// let (w, b) = (tape.input([1, 1, 1, 1], &[1.]), tape.input([1], &[0.]));
/// x.conv2d(w, b, 1, 0); // wants channels innermost
/// assert_eq!(tape.code().instructions()[0].name(), "relayout");
/// ```
#[derive(Clone, Debug)]
pub struct Relayout(pub Layout);

impl Op for Relayout {
    fn name(&self) -> &'static str {
        "relayout"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        layout::Relayout::new(&x[0].shape, x[0].layout, self.0)?;
        Ok(vec![x[0].in_layout(self.0)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = layout::Relayout::new(&io.shape(0), io.layout(0), self.0).expect("inferred");
        reference::relayout(&spec, io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = layout::Relayout::new(&io.shape(0), io.layout(0), self.0).expect("inferred");
        cpu::relayout(&spec, io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let spec = layout::Relayout::new(&x[0].shape, x[0].layout, self.0);
        Some(layout::cuda::relayout(&spec.expect("inferred")))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// `dx = dy`, in the layout of x.
    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(Relayout(at.x[0].ty().layout), &[dy]))
    }
}

impl<'t> Var<'t> {
    /// The same values lying in `layout`. Shapes and values never change with it; where they lie so already, nothing
    /// is recorded. Gradient: dy in the layout of x.
    ///
    /// # Panics
    /// If the rank does not fit the layout.
    ///
    /// ```
    /// # use ferrotape_autograd::{Layout, Params, Tape};
    /// # let params = Params::default();
    /// let tape = Tape::training(&params);
    /// let x = tape.variable([1, 2, 1, 2], &[1., 2., 3., 4.]);
    /// let y = x.relayout(Layout::Nhwc);
    /// assert_eq!((y.ty().layout, y.values()), (Layout::Nhwc, x.values()));
    /// ```
    #[track_caller]
    pub fn relayout(self, layout: Layout) -> Var<'t> {
        if self.ty().layout == layout { self } else { self.tape().apply(Relayout(layout), &[self]) }
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "relayout",
    equation: "y = x, in another order in memory;  dx = dy",
    cases: || {
        vec![
            Case::new(Family::Plain, vec![Input::real(&[2, 3, 4, 5])], |_, x| x[0].relayout(Layout::Nhwc)),
            Case::new(Family::Square, vec![Input::real(&[3, 3, 3, 3])], |_, x| x[0].relayout(Layout::Nhwc)),
            Case::new(Family::OneElement, vec![Input::real(&[1, 1, 1, 1])], |_, x| {
                x[0].relayout(Layout::Hwio)
            }),
            Case::new(Family::NonSquare, vec![Input::real(&[3, 2, 1, 5])], |_, x| {
                x[0].relayout(Layout::Hwio)
            }),
            Case::new(Family::OddSizes, vec![Input::real(&[5, 3])], |_, x| x[0].relayout(Layout::InOut)),
            Case::new(Family::UsedTwice, vec![Input::real(&[2, 3, 2, 2])], |_, x| {
                x[0].relayout(Layout::Nhwc) + x[0].relayout(Layout::Hwio)
            }),
        ]
    },
    refusals: || vec![Refusal::new(&[&[3, 4]], |_, x| x[0].relayout(Layout::Nhwc))],
};
