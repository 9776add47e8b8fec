//! Stochastic gradient descent, with momentum and weight decay.
use crate::{Cpu, Isa, Launches, Range, Scalar, Update};
use ferrotape_kernels::optim::{Sgd, cpu, cuda, reference};

/// `g += weight_decay · p`, `buf = momentum · buf + g`, `p -= lr · buf`; one moment, zero before the first step.
impl Update for Sgd {
    const MOMENTS: usize = 1;

    fn name(&self) -> &'static str {
        "sgd"
    }

    fn apply<S: Scalar>(&self, range: Range<'_, S>) {
        let Range { values, grads, mut moments, lr, .. } = range;
        reference::sgd(self, values, grads, moments[0], lr);
    }

    fn cpu(&self, range: Range<'_, f32>, cpu: &Cpu) {
        let Range { values, grads, mut moments, lr, .. } = range;
        cpu::sgd(self, values, grads, moments[0], lr, cpu);
    }

    fn cuda(&self, n: usize) -> Option<Launches> {
        Some(cuda::sgd(self, n))
    }

    fn variant(&self, isa: Isa) -> &'static str {
        isa.name()
    }

    /// Decay, momentum and step: three multiply-adds.
    fn flops(&self) -> u64 {
        6
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Params, Tape};

    /// `f = (p0² + p1²) / 2`, so the gradient is p, and buf = 8, 8/2 + 4, 8/2 + 0.
    #[test]
    fn three_steps_on_a_parabola() {
        let params = Params::default();
        params.set_lr(0.5);
        let p = params.add("p", [2], Layout::Rows, &[8.0, -8.0]);
        for expected in [4.0, 0.0, -2.0] {
            let tape = Tape::training(&params);
            let loss = tape.param(p).mse(tape.input([2], &[0.0; 2]));
            loss.backward().step(Sgd { momentum: 0.5, weight_decay: 0.0 });
            assert_eq!(params.values(p), [expected, -expected]);
        }
    }
}
