//! Adam.
use crate::{Range, Scalar, Update};
use ferrotape_kernels::optim::{Adam, reference};

/// `m = beta1 · m + (1 - beta1) g`, `v = beta2 · v + (1 - beta2) g²`,
/// `p -= lr / c1 · m / (√v / √c2 + eps)` with the bias corrections `c_i = 1 - beta_i^step`; two moments.
impl Update for Adam {
    const MOMENTS: usize = 2;

    fn name(&self) -> &'static str {
        "adam"
    }

    fn apply<S: Scalar>(&self, range: Range<'_, S>) {
        let Range { values, grads, moments, step, lr } = range;
        let [m, v] = moments.into_inner().expect("two moments");
        reference::adam(self, values, grads, [m, v], step, lr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Params, Tape};

    /// The first step has length lr in every coordinate, and a parabola is walked down.
    #[test]
    fn down_a_parabola() {
        let params = Params::default();
        params.set_lr(0.1);
        let p = params.add("p", [2], Layout::Rows, &[3.0, -0.5]);
        let step = || {
            let tape = Tape::training(&params);
            tape.param(p).mse(tape.input([2], &[0.0; 2])).backward().step(Adam::default());
            params.values(p)
        };
        let first = step();
        assert!((first[0] - 2.9).abs() < 1e-6 && (first[1] + 0.4).abs() < 1e-6, "{first:?}");
        let last = (0..200).fold(first, |_, _| step());
        assert!(last.iter().all(|v| v.abs() < 0.05), "{last:?}");
    }
}
