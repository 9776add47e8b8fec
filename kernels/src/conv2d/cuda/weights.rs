//! Weights and bias in shared memory. They lie among the parameters, at any multiple of 4 bytes, so they are loaded one by one.
use super::{correlation::Correlation, plan::Plan};
use crate::{
    cuda::size,
    ptx::{F32, Kernel, Pred, U32, U64},
};

/// Loads of a thread that are under way at a time.
pub(super) const AHEAD: usize = 8;

/// The weights of a block, `[row][channels / step][column][step][output]` in shared memory: what a thread takes at a time is
/// together, all outputs of an input channel are neighbours.
pub(super) struct Weights<'a> {
    pub s: &'a Correlation,
    pub plan: &'a Plan,
    /// HWIO.
    pub from: U64,
    pub to: U32,
}

/// Which weight a thread loads: as the correlation sees it.
struct Which {
    p: U32,
    q: U32,
    /// Group of input channels, and channel in the group.
    group: U32,
    channel: U32,
    output: U32,
}

impl Weights<'_> {
    /// Loads them, those of the input channels from `first_input` on (0 if none) and of the outputs from `first_output` on;
    /// outputs that are not there get zeros.
    pub(super) fn load(&self, k: &mut Kernel, first_input: Option<U32>, first_output: U32) {
        let &Self { s, plan, .. } = self;
        let count = s.kh * s.kw * plan.channels * plan.outputs;
        let threads = plan.threads;
        k.note(match plan.weights_across(s) {
            true => "Weights: a warp loads 8 neighbours of 4 output channels each; 8 x 4 banks take them.",
            false => "Weights: a warp fills 32 neighbours in shared memory.",
        });
        let index = k.special("weight", "tid.x");
        let rounds = count.div_ceil(threads);
        let ahead = AHEAD.min(rounds);
        k.count_to("load_weights", size(rounds.div_ceil(ahead)), |k, _| {
            let mut stores = Vec::new();
            for _ in 0..ahead {
                let there = (count % (threads * ahead) != 0).then(|| k.lt(index, size(count)));
                let which = if plan.weights_across(s) { self.across(k, index) } else { self.along(k, index) };
                let (from, real) = self.source(k, &which, first_input, first_output);
                let on = k.both(there, real);
                let value: F32 = k.register("weight_value");
                k.load_global_or_zero(on, value, from, 0);
                stores.push((there, self.place(k, &which), value));
                k.increase(index, size(threads));
            }
            for (there, place, value) in stores {
                k.store_shared_if(there, place, 0, value);
            }
        });
    }

    /// Weight `index` in the order of shared memory.
    fn along(&self, k: &mut Kernel, index: U32) -> Which {
        let &Self { s, plan, .. } = self;
        let [rest, output] = k.div_rem(["rest", "output"], index, size(plan.outputs));
        let [rest, channel] = k.div_rem(["rest", "channel"], rest, size(plan.step));
        let [rest, q] = k.div_rem(["rest", "q_of"], rest, size(s.kw));
        let [p, group] = k.div_rem(["p_of", "group"], rest, size(plan.channels / plan.step));
        Which { p, q, group, channel, output }
    }

    /// Weight `index`, where 32 neighbours are 8 input channels of 4 outputs.
    fn across(&self, k: &mut Kernel, index: U32) -> Which {
        let &Self { s, plan, .. } = self;
        let [block, lane] = k.div_rem(["block_of", "lane_of"], index, 32);
        let [output, input] = k.div_rem(["output", "input"], lane, 8);
        let [rest, outputs] = k.div_rem(["rest", "outputs"], block, size(plan.outputs / 4));
        let output = k.mad("output", outputs, 4, output);
        let [rest, inputs] = k.div_rem(["rest", "inputs"], rest, size(plan.channels / 8));
        let input = k.mad("input", inputs, 8, input);
        let [group, channel] = k.div_rem(["group", "channel"], input, size(plan.step));
        let [p, q] = k.div_rem(["p_of", "q_of"], rest, size(s.kw));
        Which { p, q, group, channel, output }
    }

    /// Its address in the parameters, and whether it is there, where that is in question.
    fn source(
        &self,
        k: &mut Kernel,
        which: &Which,
        first_input: Option<U32>,
        first_output: U32,
    ) -> (U64, Option<Pred>) {
        let &Self { s, plan, from, .. } = self;
        let input = k.mad("input", which.group, size(plan.step), which.channel);
        let input = match first_input {
            Some(first) => k.add("input", input, first),
            None => input,
        };
        let output = k.add("output", which.output, first_output);
        let real = (s.co % plan.outputs != 0).then(|| k.lt(output, size(s.co)));
        let tap = k.mad("tap", which.p, size(s.kw), which.q);
        if !s.turned() {
            let row = k.mad("weight_row", tap, size(s.ci), input);
            let place = k.mad("weight_place", row, size(s.co), output);
            return (k.at(from, place, 4), real);
        }
        // Turned by 180 degrees: the last tap is the first.
        let tap = k.reversed("tap", size(s.kh * s.kw - 1), tap);
        let row = k.mad("weight_row", tap, size(s.co), output);
        let place = k.mad("weight_place", row, size(s.ci), input);
        (k.at(from, place, 4), real)
    }

    /// Its address in shared memory.
    fn place(&self, k: &mut Kernel, which: &Which) -> U32 {
        let &Self { s, plan, to, .. } = self;
        let word = 4 * plan.weight_step(s);
        let tap = s.kw * plan.step * word;
        let place = k.mad("weight_to", which.p, size(plan.channels / plan.step * tap), to);
        let place = k.mad("weight_to", which.group, size(tap), place);
        let place = k.mad("weight_to", which.q, size(plan.step * word), place);
        let place = k.mad("weight_to", which.channel, size(word), place);
        k.mad("weight_to", which.output, 4, place)
    }
}

/// The bias of the block's outputs in shared memory: zeros beyond the last, or if there is none.
pub(super) fn load_bias(k: &mut Kernel, plan: &Plan, outputs: usize, bias: Option<U64>, first: U32, to: U32) {
    k.note("The bias of each output channel of the block.");
    let thread = k.special("thread", "tid.x");
    let one = k.lt(thread, size(plan.outputs));
    k.when(one, "bias", |k| {
        let value = k.register("bias_value");
        k.set_f32(value, 0.0);
        if let Some(bias) = bias {
            let output = k.add("output", thread, first);
            let real = (outputs % plan.outputs != 0).then(|| k.lt(output, size(outputs)));
            let from = k.at(bias, output, 4);
            k.load_global_or_zero(real, value, from, 0);
        }
        let place = k.mad("bias_to", thread, 4, to);
        k.store_shared_if(None, place, 0, value);
    });
}
