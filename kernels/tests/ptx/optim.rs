//! The update rules, against those of the CPU, which flush subnormal averages to zero too.
use crate::{
    harness::{Buffers, Ran, execute},
    same::assert_same,
    support::Random,
};
use ferrotape_kernels::{
    Cpu,
    cuda::{Launches, RangeState, RunState},
    optim::{Adam, Sgd, cpu, cuda},
};

/// Numbers a block has threads for, and around.
const LENGTHS: [usize; 5] = [1, 127, 128, 129, 1000];
const RUN: RunState = RunState { step: 7, seed: 3, lr: 0.012_5 };

/// Parameters on the machine, and again on the CPU.
struct Both {
    p: [Vec<f32>; 2],
    moments: [Vec<Vec<f32>>; 2],
    range: RangeState,
    /// Whether the next update does: every second one.
    counts_step: bool,
}

impl Both {
    fn new(random: &mut Random, n: usize, moments: usize) -> Self {
        let p = random.numbers(n);
        let moments = vec![vec![0.0; n]; moments];
        let range = RangeState { lr_scale: 0.3, ..RangeState::default() };
        Self { p: [p.clone(), p], moments: [moments.clone(), moments], range, counts_step: true }
    }

    fn update(&mut self, launches: &Launches, grads: &[f32]) {
        let Ran { range, run, .. } = execute(
            launches,
            Buffers {
                run: RUN,
                values: &mut self.p[0],
                grads,
                moments: &mut self.moments[0],
                range: self.range,
                counts_step: self.counts_step,
                ..Buffers::default()
            },
        );
        let step = RUN.step + u64::from(self.counts_step);
        assert_eq!(
            run,
            RunState { step, ..RUN },
            "an update counts the step if it is to, and leaves the rest alone"
        );
        let idle = self.range.idle + u64::from(!self.counts_step);
        assert_eq!(range, RangeState { updates: self.range.updates + 1, idle, ..self.range });
        self.counts_step = !self.counts_step;
        self.range = range;
    }

    fn assert_same(&self, what: &str) {
        assert_same(&self.p[0], &self.p[1], what);
        for (fast, expected) in self.moments[0].iter().zip(&self.moments[1]) {
            assert_same(fast, expected, what);
        }
    }
}

/// Gradients, some 0 and some special.
fn grads(random: &mut Random, n: usize) -> Vec<f32> {
    let special = [0.0, -0.0, 1e-38, -1e-40, 1e30, f32::NAN, f32::INFINITY];
    let mut g = random.numbers(n);
    for (i, g) in g.iter_mut().skip(1).step_by(4).enumerate() {
        *g = special[i % special.len()];
    }
    g
}

#[test]
fn sgd_has_the_bits_of_the_cpu() {
    let (cpu, mut random) = (Cpu::new(1).unwrap(), Random::new(1));
    for n in LENGTHS {
        for rule in [Sgd::default(), Sgd { momentum: 0.9, weight_decay: 0.01 }] {
            let mut both = Both::new(&mut random, n, 1);
            for _ in 0..4 {
                let g = grads(&mut random, n);
                both.update(&cuda::sgd(&rule, n), &g);
                let ([_, p], [_, moments]) = (&mut both.p, &mut both.moments);
                cpu::sgd(&rule, p, &g, &mut moments[0], RUN.lr * 0.3, &cpu);
                both.assert_same(&format!("{rule:?} of {n}"));
            }
        }
    }
}

#[test]
fn adam_has_the_bits_of_the_cpu() {
    let (cpu, mut random) = (Cpu::new(1).unwrap(), Random::new(2));
    for n in LENGTHS {
        for rule in [Adam::default(), Adam { beta1: 0.8, beta2: 0.95, eps: 1e-4, weight_decay: 0.02 }] {
            let mut both = Both::new(&mut random, n, 2);
            for _ in 0..4 {
                let g = grads(&mut random, n);
                both.update(&cuda::adam(&rule, n), &g);
                let ([_, p], [_, moments]) = (&mut both.p, &mut both.moments);
                let [m, v] = &mut moments[..] else { unreachable!("two moments") };
                cpu::adam(&rule, p, &g, [m, v], both.range.updates, RUN.lr * 0.3, &cpu);
                both.assert_same(&format!("{rule:?} of {n}"));
            }
        }
    }
}

/// The powers of the bias corrections, from the first step on to where they vanish: constants that round to those of the CPU.
#[test]
fn constants_of_adam() {
    let (cpu, rule) = (Cpu::new(1).unwrap(), Adam::default());
    for step in [1u64, 2, 3, 10, 255, 900, 1023, 81_000, 1 << 20, 1 << 33] {
        let mut both = Both::new(&mut Random::new(3), 300, 2);
        both.range.updates = step - 1;
        let g = Random::new(5).numbers(300);
        both.update(&cuda::adam(&rule, 300), &g);
        let ([_, p], [_, moments]) = (&mut both.p, &mut both.moments);
        let [m, v] = &mut moments[..] else { unreachable!("two moments") };
        cpu::adam(&rule, p, &g, [m, v], step, RUN.lr * 0.3, &cpu);
        both.assert_same(&format!("step {step}"));
    }
}

/// Averages end at 0, as those of the CPU do, once the gradient is 0.
#[test]
fn subnormal_averages_become_zero() {
    let mut both = Both::new(&mut Random::new(4), 2, 2);
    both.moments[0] = vec![vec![1.2e-38, -1.2e-38], vec![1.175e-38, 1.2e-38]];
    both.update(&cuda::adam(&Adam::default(), 2), &[0.0, 0.0]);
    assert_eq!(both.moments[0], [[0.0, 0.0], [0.0, 1.2e-38 * 0.999]]);
    let mut both = Both::new(&mut Random::new(4), 2, 1);
    both.moments[0] = vec![vec![1.2e-38, f32::NAN]];
    both.update(&cuda::sgd(&Sgd { momentum: 0.9, weight_decay: 0.0 }, 2), &[0.0, 0.0]);
    assert_eq!(both.moments[0][0][0], 0.0);
    assert!(both.moments[0][0][1].is_nan());
}
