//! Dropout; its gradient is itself.
use crate::{
    ByImage, Cpu, Io, Isa, Launches, Layout, Op, REFERENCE, Scalar, ShapeError, Site, Type, Var,
    card::{Card, Case, Family, Input, Refusal},
};
use ferrotape_kernels::dropout::{self, Draw, cpu, reference};

/// `y[e] = x[e] / (1 - p)` where the mask of (seed, stream, step) keeps element e, else 0.
///
/// The mask is Philox4x32-10 with the seed as key and (e / 4, stream, step) as counter, e counted in spoken order:
/// any replay, finite difference, layout or device sees the same one.
///
/// - **Shapes**: any; y as x.
/// - **Gradient**: `dx[e] = dy[e] / (1 - p)` where element e was kept, else 0: this dropout of dy, with the same mask.
/// - **Conventions**: inverted: the expected value of y is x. On an inference tape [`Var::dropout`] records nothing.
/// - **Errors**: p outside of [0, 1).
///
/// ```
/// # use ferrotape_autograd::{Params, Tape};
/// # let params = Params::seeded(7);
/// let tape = Tape::training(&params);
/// let x = tape.variable([100], &[1.; 100]);
/// let y = x.dropout(0.5);
/// // Of ones, dx is y: what was dropped gets nothing back, the rest twice.
/// assert_eq!(y.sum().backward().get(x).unwrap().values(), y.values());
/// assert_ne!(x.dropout(0.5).values(), y.values(), "another mask");
/// ```
#[derive(Clone, Debug)]
pub struct Dropout {
    /// Probability that an element is zeroed, in [0, 1).
    pub p: f64,
    /// Which dropout of the tape this is.
    pub stream: u32,
}

impl Dropout {
    fn spec(&self) -> Result<dropout::Dropout, ShapeError> {
        dropout::Dropout::new(self.p, self.stream)
    }
}

impl Op for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        self.spec()?;
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let (spec, draw) = (self.spec().expect("inferred"), Draw { seed: io.seed, step: io.step });
        reference::forward(&spec, draw, (&io.shape(0), io.layout(0)), io.x(0), io.y(0));
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let (spec, draw) = (self.spec().expect("inferred"), Draw { seed: io.seed, step: io.step });
        let images = io.ty(0).images().unwrap_or(1).max(1);
        let first = io.first_image * (io.ty(0).len() / images);
        cpu::forward(&spec, draw, first, (&io.shape(0), io.layout(0)), io.x(0), io.y(0), cpu);
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        Some(dropout::cuda::forward(&self.spec().expect("inferred"), &x[0].shape, x[0].layout))
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage::MAP)
    }

    fn variant(&self, x: &[Type], isa: Isa) -> &'static str {
        if matches!(x[0].layout, Layout::Rows | Layout::Nhwc) { isa.name() } else { REFERENCE }
    }

    /// Linear in x: `dx` is this dropout, with the same mask, of dy.
    fn vjp<'t>(&self, _: usize, _: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(self.clone(), &[dy]))
    }

    fn flops(&self, _: &[Type], y: &[Type]) -> u64 {
        y[0].len() as u64
    }
}

impl<'t> Var<'t> {
    /// Zeroes each element with probability `p` and scales the others by `1 / (1 - p)`. Only on training tapes; on
    /// an inference tape this is x itself. Each dropout of a tape has a mask of its own, new at every step.
    /// Gradient: the same mask and scale on dy.
    ///
    /// # Panics
    /// Unless p is in [0, 1).
    ///
    /// ```
    /// # use ferrotape_autograd::{Params, Tape};
    /// let params = Params::seeded(7);
    /// let tape = Tape::training(&params);
    /// let y = tape.input([1000], &[1.; 1000]).dropout(0.5).values();
    /// assert!(y.iter().all(|&v| v == 0. || v == 2.));
    /// let tape = Tape::inference(&params);
    /// assert_eq!(tape.input([2], &[3., 4.]).dropout(0.5).values(), [3., 4.]);
    /// ```
    #[track_caller]
    pub fn dropout(self, p: f64) -> Var<'t> {
        let tape = self.tape();
        if tape.is_training() {
            tape.apply(Dropout { p, stream: tape.next_stream() }, &[self])
        } else {
            dropout::Dropout::new(p, 0).unwrap_or_else(|e| panic!("dropout: {e}"));
            self
        }
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "dropout",
    equation: "y = x mask / (1 - p), mask = Philox(seed, stream, step, element);  dx = dy mask / (1 - p)",
    cases: || {
        let one = |s: &[usize]| vec![Input::real(s)];
        vec![
            Case::new(Family::Plain, one(&[6, 8]), |_, x| x[0].dropout(0.5)),
            Case::new(Family::OneElement, one(&[]), |_, x| x[0].dropout(0.2)),
            Case::new(Family::UsedTwice, one(&[7, 5]), |_, x| x[0].dropout(0.5) + x[0].dropout(0.25) * x[0]),
            Case::new(Family::OddSizes, one(&[3, 5, 7, 11]), |_, x| x[0].dropout(0.25)),
            Case::new(Family::Layouts, one(&[2, 3, 5, 4]), |_, x| x[0].relayout(Layout::Nhwc).dropout(0.5)),
            Case::new(Family::Edge, one(&[9]), |_, x| x[0].dropout(0.0)),
            Case::new(Family::Edge, one(&[64]), |_, x| x[0].dropout(0.9)),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[&[3]], |_, x| x[0].dropout(1.0)),
            Refusal::new(&[&[3]], |_, x| x[0].dropout(-0.5)),
        ]
    },
};

#[cfg(test)]
mod tests {
    use crate::{Layout, Params, Sgd, Tape};

    /// Within a step each dropout has a mask of its own, the same on every tape; the next step has others.
    #[test]
    fn masks_by_stream_and_step() {
        let params = Params::seeded(7);
        let w = params.add("w", [64], Layout::Rows, &[1.0; 64]);
        let masks = |update: bool| {
            let tape = Tape::training(&params);
            let w = tape.param(w);
            let (a, b) = (w.dropout(0.5), w.dropout(0.5));
            let kept = [a, b].map(|v| v.values().iter().map(|&v| v != 0.0).collect::<Vec<_>>());
            if update {
                (a + b).sum().backward().step(Sgd::default());
            }
            kept
        };
        let first = masks(false);
        assert_ne!(first[0], first[1]);
        assert_eq!(first, masks(true));
        assert_ne!(first[0], masks(false)[0]);
    }
}
