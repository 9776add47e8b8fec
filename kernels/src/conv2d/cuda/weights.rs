//! Weights and bias in shared memory. They lie among the parameters, at any multiple of 4 bytes, so they are loaded one by one.
use super::{correlation::Correlation, plan::Plan};
use crate::{
    cuda::size,
    ptx::{F32, Kernel, Pred, U32, U64},
};

/// Loads of a thread that are under way at a time.
pub(super) const AHEAD: usize = 8;

/// The weights of a block, `[row][channel / step][column][step][output]` in shared memory: what a thread takes at a time is
/// together, all outputs of an input channel are neighbours.
pub(super) struct Weights<'a> {
    pub s: &'a Correlation,
    pub plan: &'a Plan,
    /// HWIO.
    pub from: U64,
    pub to: U32,
}

/// A weight of a tap that a thread loads for all taps: where it finds the first, where that goes, and whether it does.
struct Own {
    from: U64,
    to: U32,
    reads: Option<Pred>,
    writes: Option<Pred>,
}

impl Weights<'_> {
    /// Loads them, those of the input channels from `first_input` on (0 if none) and of the outputs from `first_output` on;
    /// outputs that are not there get zeros.
    ///
    /// A thread has the same channels of every tap, so that it computes addresses once.
    pub(super) fn load(&self, k: &mut Kernel, first_input: Option<U32>, first_output: U32) {
        let &Self { s, plan, .. } = self;
        k.note(match plan.weights_across(s) {
            true => "Weights: of a tap a warp loads 8 neighbours of 4 output channels each; 8 x 4 banks take them.",
            false => "Weights: of a tap a warp loads 32 neighbours, and they stay neighbours in shared memory.",
        });
        let own: Vec<Own> =
            (0..plan.weight_rounds()).map(|r| self.own(k, r, first_input, first_output)).collect();
        let tap = s.ci * s.co * 4;
        let word = 4 * plan.weight_step(s);
        k.count_to("load_weights", size(s.kh), |k, _| {
            let loads: Vec<_> = (0..s.kw).flat_map(|q| own.iter().map(move |own| (q, own))).collect();
            for loads in loads.chunks(AHEAD) {
                let values: Vec<F32> = loads.iter().map(|_| k.register("weight_value")).collect();
                for (&(q, own), &value) in loads.iter().zip(&values) {
                    let column = if s.turned() { s.kw - 1 - q } else { q };
                    k.load_global_or_zero(own.reads, value, own.from, column * tap);
                }
                for (&(q, own), &value) in loads.iter().zip(&values) {
                    k.store_shared_if(own.writes, own.to, q * plan.step * word, value);
                }
            }
            for own in &own {
                let row = (s.kw * tap) as u64;
                if s.turned() {
                    k.retreat(own.from, row)
                } else {
                    k.advance(own.from, row)
                }
                k.increase(own.to, size(s.kw * plan.held * word));
            }
        });
    }

    /// The weight of this thread in round `round` over the channels of a tap.
    fn own(&self, k: &mut Kernel, round: usize, first_input: Option<U32>, first_output: U32) -> Own {
        let &Self { s, plan, from, to } = self;
        let threads = plan.threads;
        let index = k.special("weight", "tid.x");
        let index = k.add("weight", index, size(round * threads));
        let beyond = (round + 1) * threads > plan.held * plan.outputs;
        let writes = beyond.then(|| k.lt(index, size(plan.held * plan.outputs)));
        let [input, output] = if plan.weights_across(s) {
            self.across(k, index)
        } else {
            k.div_rem(["input", "output"], index, size(plan.outputs))
        };

        let [group, channel] = k.div_rem(["group", "channel"], input, size(plan.step));
        let word = 4 * plan.weight_step(s);
        let place = k.mad("weight_to", group, size(s.kw * plan.step * word), to);
        let place = k.mad("weight_to", channel, size(word), place);
        let place = k.mad("weight_to", output, 4, place);

        let input = match first_input {
            Some(first) => k.add("input", input, first),
            None => input,
        };
        let output = k.add("output", output, first_output);
        let real = (s.co % plan.outputs != 0).then(|| k.lt(output, size(s.co)));
        let reads = k.both(writes, real);
        let (row, step, column) = if s.turned() { (output, s.ci, input) } else { (input, s.co, output) };
        let weight = k.mad("weight", row, size(step), column);
        // Turned by 180 degrees: the last row of taps is the first.
        let first_row = if s.turned() { (s.kh - 1) * s.kw * s.ci * s.co } else { 0 };
        let weight = k.add("weight", weight, size(first_row));
        Own { from: k.at(from, weight, 4), to: place, reads, writes }
    }

    /// Input and output channel of weight `index`, where 32 neighbours are 8 input channels of 4 outputs.
    fn across(&self, k: &mut Kernel, index: U32) -> [U32; 2] {
        let plan = self.plan;
        let [block, lane] = k.div_rem(["block_of", "lane_of"], index, 32);
        let [output, input] = k.div_rem(["output", "input"], lane, 8);
        let [inputs, outputs] = k.div_rem(["inputs", "outputs"], block, size(plan.outputs / 4));
        [k.mad("input", inputs, 8, input), k.mad("output", outputs, 4, output)]
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
            let real = (!outputs.is_multiple_of(plan.outputs)).then(|| k.lt(output, size(outputs)));
            let from = k.at(bias, output, 4);
            k.load_global_or_zero(real, value, from, 0);
        }
        let place = k.mad("bias_to", thread, 4, to);
        k.store_shared_if(None, place, 0, value);
    });
}
