//! A fault on purpose: two dimensions exchanged.
use crate::{Io, Layout, Op, Scalar, ShapeError, Type, check::index::transposed, layout};

/// y has the elements of x with dimensions `a` and `b` exchanged, read as if they were not: in a square, the transpose.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub a: usize,
    pub b: usize,
}

impl Op for Exchange {
    fn name(&self) -> &'static str {
        "exchange"
    }

    fn wants(&self, _: usize, x: &[Type]) -> Layout {
        x[0].layout
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let Type { shape, layout, .. } = *io.ty(0);
        let x = layout::to_spoken(io.x(0), &shape, layout);
        let y: Vec<S> = (0..x.len()).map(|k| x[transposed(shape, self.a, self.b, k)]).collect();
        layout::write(&y, &shape, layout, io.y(0));
    }
}
