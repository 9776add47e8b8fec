//! Instructions that do the work of several: what layers with their activations and poolings become, forward and backward, and
//! the loss with what else is made of the logits.
//!
//! | recorded | fused |
//! |---|---|
//! | fill | nothing: a constant of the program, written when it is made ready |
//! | gather, flatten | `gather` that writes rows |
//! | a fed value, flatten | the fed value, declared as rows |
//! | conv2d, relu | `conv2d_relu` |
//! | conv2d, (relu), max_pool2d | `conv2d_relu_max_pool2d`, if nothing else but relu_grad reads between them |
//! | gather, conv2d or what it has become | `gather_conv2d`, on a GPU, if nothing else reads the images |
//! | max_pool2d_grad, relu_grad, channel_sum | `max_pool2d_relu_bias_grad`; each of the three may be missing |
//! | linear, relu | `linear_relu` |
//! | relu_grad, channel_sum behind a `linear` | `relu_bias_grad` |
//! | linear_dgrad, linear_wgrad | `linear_dgrad_wgrad` |
//! | cross_entropy, cross_entropy_grad, channel_sum, count_correct | `cross_entropy_bias_grad_count`; it may have less |
//!
//! So with sigmoid, tanh and leaky relu. The gradient of each can be had from its output, of a pooled one from the pooled
//! output: a window's value is its winner's, and nothing flows to the others. One thing is not as it was: numbers that are
//! NaN and have not won a window get a gradient of 0 ahead of sigmoid and tanh, not of 0 · NaN.
mod convolution;
mod dense;

use crate::{
    Action, Code, DynOp, Instruction, Layout, Op, Place, SlotId, Type,
    code::Data,
    ops::{
        Fill, Flatten, Gather, LeakyRelu, LeakyReluGrad, Relu, ReluGrad, Sigmoid, SigmoidGrad, Tanh, TanhGrad,
    },
};
use ferrotape_kernels::activation::Activation;
use std::sync::Arc;

/// Rewrites `code`; the slots of `keep` stay.
pub(super) fn all(code: &mut Code, keep: &[SlotId]) {
    let mut graph = Graph { code, keep };
    graph.each(Graph::constant);
    graph.each(Graph::flatten);
    graph.each(Graph::upstream_of_pool);
    graph.each(Graph::upstream_of_activation);
    graph.each(Graph::block);
    graph.each(Graph::upstream_of_linear);
    graph.each(Graph::linear);
    graph.each(Graph::gradients_of_linear);
    graph.each(Graph::loss);
}

/// Has convolutions of a data set's images make these themselves.
pub(super) fn gather(code: &mut Code, keep: &[SlotId]) {
    Graph { code, keep }.each(Graph::gather);
}

struct Graph<'a> {
    code: &'a mut Code,
    keep: &'a [SlotId],
}

impl Graph<'_> {
    /// Tries `rewrite` at every instruction, last ones first, so that what it removes has been looked at.
    fn each(&mut self, rewrite: fn(&mut Self, usize) -> Option<()>) {
        for k in (0..self.code.instructions.len()).rev() {
            if k < self.code.instructions.len() {
                rewrite(self, k);
            }
        }
    }

    /// Operation `T`, if instruction `k` is one.
    fn op<T: Op>(&self, k: usize) -> Option<&T> {
        match &self.code.instructions[k].action {
            Action::Compute(op) => op.as_any().downcast_ref(),
            Action::Update(..) => None,
        }
    }

    /// The activation that instruction `k` is.
    fn activation(&self, k: usize) -> Option<Activation> {
        (self.op::<Relu>(k).map(|_| Activation::Relu))
            .or_else(|| self.op::<LeakyRelu>(k).map(LeakyRelu::activation))
            .or_else(|| self.op::<Sigmoid>(k).map(|_| Activation::Sigmoid))
            .or_else(|| self.op::<Tanh>(k).map(|_| Activation::Tanh))
    }

    /// The activation that instruction `k` is the gradient of: operand 0 is y, or what serves for it, operand 1 is dy.
    fn activation_grad(&self, k: usize) -> Option<Activation> {
        (self.op::<ReluGrad>(k).map(|_| Activation::Relu))
            .or_else(|| self.op::<LeakyReluGrad>(k).map(LeakyReluGrad::activation))
            .or_else(|| self.op::<SigmoidGrad>(k).map(|_| Activation::Sigmoid))
            .or_else(|| self.op::<TanhGrad>(k).map(|_| Activation::Tanh))
    }

    /// Operand `i` of instruction `k`.
    fn x(&self, k: usize, i: usize) -> SlotId {
        self.code.instructions[k].x[i]
    }

    /// Output `j` of instruction `k`.
    fn y(&self, k: usize, j: usize) -> SlotId {
        self.code.instructions[k].y[j]
    }

    fn ty(&self, id: SlotId) -> Type {
        self.code.slot(id).ty
    }

    /// The instruction that writes `id`.
    fn writer(&self, id: SlotId) -> Option<usize> {
        self.code.instructions.iter().position(|i| i.y.contains(&id))
    }

    /// The instructions that read `id`; `None` if the caller of the program does.
    fn readers(&self, id: SlotId) -> Option<Vec<usize>> {
        let reads = |k: &usize| self.code.instructions[*k].x.contains(&id);
        (!self.keep.contains(&id)).then(|| (0..self.code.instructions.len()).filter(reads).collect())
    }

    /// The one instruction that reads `id`.
    fn reader(&self, id: SlotId) -> Option<usize> {
        match self.readers(id)?[..] {
            [k] => Some(k),
            _ => None,
        }
    }

    /// Puts `op` with these operands and outputs in the place of instruction `k`, and removes `gone`.
    fn replace(&mut self, k: usize, op: impl Op, x: Vec<SlotId>, y: Vec<SlotId>, gone: &[usize]) {
        let op: Arc<dyn DynOp> = Arc::new(op);
        let taken: Vec<usize> =
            gone.iter().flat_map(|&g| self.code.instructions[g].recorded.clone()).collect();
        let i = &mut self.code.instructions[k];
        (i.action, i.x, i.y) = (Action::Compute(op), x, y);
        i.recorded.extend(taken);
        i.recorded.sort_unstable();
        let mut number = 0;
        self.code.instructions.retain(|_| {
            number += 1;
            !gone.contains(&(number - 1))
        });
    }

    /// A fill depends on nothing: it is done once, not in every run.
    fn constant(&mut self, k: usize) -> Option<()> {
        let (value, id) = (self.op::<Fill>(k)?.exact()?, self.y(k, 0));
        self.code.constants.push((id, Data::Real(vec![value; self.ty(id).len()])));
        self.code.instructions.remove(k);
        Some(())
    }

    /// A flatten of what only it reads costs nothing where the images come from a gather, or lie in rows already.
    fn flatten(&mut self, k: usize) -> Option<()> {
        self.op::<Flatten>(k)?;
        let (images, rows) = (self.x(k, 0), self.y(k, 0));
        self.reader(images)?;
        if let Some(fed) = self.code.feeds.iter().position(|id| *id == images) {
            let in_rows = self.ty(images).layout == Layout::Rows;
            if in_rows {
                self.code.feeds[fed] = rows;
                self.code.slots[rows.index()].place = Place::Fed(fed as u32);
                self.code.instructions.remove(k);
            }
            return Some(());
        }
        let at = self.writer(images)?;
        let &Gather { input, flat: false } = self.op::<Gather>(at)? else { return None };
        let Instruction { x, y, .. } = &self.code.instructions[at];
        let (x, y) = (x.clone(), vec![rows, y[1]]);
        self.replace(at, Gather { input, flat: true }, x, y, &[k]);
        Some(())
    }
}
