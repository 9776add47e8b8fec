//! Adam.
use crate::{Cpu, Isa, Launches, Range, Scalar, Update};
use ferrotape_kernels::optim::{Adam, cpu, cuda, reference};

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

    fn cpu(&self, range: Range<'_, f32>, cpu: &Cpu) {
        let Range { values, grads, moments, step, lr } = range;
        let [m, v] = moments.into_inner().expect("two moments");
        cpu::adam(self, values, grads, [m, v], step, lr, cpu);
    }

    fn cuda(&self, n: usize) -> Option<Launches> {
        Some(cuda::adam(self, n))
    }

    fn variant(&self, isa: Isa) -> &'static str {
        isa.name()
    }

    /// Decay, two averages, two roots and quotients, the step.
    fn flops(&self) -> u64 {
        13
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

    /// Bias correction counts the updates of each parameter: one that is unfrozen late, or meets another rule,
    /// starts with a step of length lr again.
    #[test]
    fn counts_updates_of_each_parameter() {
        let params = Params::default();
        params.set_lr(0.1);
        let [a, b] = ["a", "b"].map(|name| params.add(name, [1], Layout::Rows, &[5.0]));
        params.freeze(b, true);
        let step = |rule: &dyn Fn(crate::Gradients<'_>)| {
            let tape = Tape::training(&params);
            let loss = (tape.param(a) + tape.param(b)).sum_of_squares();
            rule(loss.backward());
        };
        (0..20).for_each(|_| step(&|g| g.step(Adam::default())));
        assert_eq!(params.values(b), [5.0]);
        params.freeze(b, false);
        step(&|g| g.step(Adam::default()));
        assert!((params.values(b)[0] - 4.9).abs() < 1e-6, "{:?}", params.values(b));
        step(&|g| g.step(crate::Sgd { momentum: 0.5, ..crate::Sgd::default() }));
        let before = params.values(a)[0];
        step(&|g| g.step(Adam::default()));
        assert!((before - params.values(a)[0] - 0.1).abs() < 1e-6);
    }
}
