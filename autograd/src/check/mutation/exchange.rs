//! A fault on purpose: two dimensions exchanged.
use crate::{Io, Layout, Op, Scalar, ShapeError, Type, layout};
use ferrotape_kernels::Shape;

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
        let mut written = shape.to_vec();
        written.swap(self.a, self.b);
        let written = Shape::new(&written);
        let steps =
            |shape: Shape, d: usize| -> usize { (d + 1..shape.rank()).map(|d| shape.dim(d)).product() };
        let from = |k: usize| -> usize {
            let at = |d: usize| k / steps(written, d) % written.dim(d);
            let exchanged = |d: usize| {
                if d == self.a {
                    self.b
                } else if d == self.b {
                    self.a
                } else {
                    d
                }
            };
            (0..shape.rank()).map(|d| at(exchanged(d)) * steps(shape, d)).sum()
        };
        let y: Vec<S> = (0..x.len()).map(|k| x[from(k)]).collect();
        layout::write(&y, &shape, layout, io.y(0));
    }
}
