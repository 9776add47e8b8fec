//! Instructions that do the work of several: what `conv2d`, an activation and `max_pool2d` become, forward and backward.
//!
//! | recorded | fused |
//! |---|---|
//! | gather, flatten | `gather` that writes rows |
//! | a fed value, flatten | the fed value, declared as rows |
//! | conv2d, relu | `conv2d_relu` |
//! | conv2d, (relu), max_pool2d | `conv2d_relu_max_pool2d`, if nothing else but relu_grad reads between them |
//! | gather, conv2d or what it has become | `gather_conv2d`, on a GPU, if nothing else reads the images |
//! | max_pool2d_grad, relu_grad, channel_sum | `max_pool2d_relu_bias_grad`; each of the three may be missing |
//!
//! So with sigmoid, tanh and leaky relu. The gradient of each can be had from its output, of a pooled one from the pooled
//! output: a window's value is its winner's, and nothing flows to the others. One thing is not as it was: numbers that are
//! NaN and have not won a window get a gradient of 0 ahead of sigmoid and tanh, not of 0 · NaN.
use crate::{
    Action, Code, DynOp, Instruction, Layout, Op, Place, SlotId, Type,
    ops::{
        ChannelSum, Conv2d, Conv2dBlock, Conv2dUpstream, Conv2dWgrad, Flatten, Gather, GatherConv2d,
        LeakyRelu, LeakyReluGrad, MaxPool2d, MaxPool2dGrad, Relu, ReluGrad, Sigmoid, SigmoidGrad, Tanh,
        TanhGrad,
    },
};
use ferrotape_kernels::{activation::Activation, upstream::Upstream};
use std::sync::Arc;

/// Rewrites `code`; the slots of `keep` stay.
pub(super) fn all(code: &mut Code, keep: &[SlotId]) {
    let mut graph = Graph { code, keep };
    graph.each(Graph::flatten);
    graph.each(Graph::upstream_of_pool);
    graph.each(Graph::upstream_of_activation);
    graph.each(Graph::block);
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
        let i = &mut self.code.instructions[k];
        (i.action, i.x, i.y) = (Action::Compute(op), x, y);
        let mut number = 0;
        self.code.instructions.retain(|_| {
            number += 1;
            !gone.contains(&(number - 1))
        });
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

    /// The sum over all but the channels of `g`, if a convolution's bias needs it: its instruction and output.
    fn bias_grad(&self, g: SlotId) -> Option<(Option<usize>, SlotId)> {
        let readers = self.readers(g)?;
        readers.iter().find(|&&k| self.op::<Conv2dWgrad>(k).is_some())?;
        let sum = readers.into_iter().find(|&k| self.op::<ChannelSum>(k).is_some());
        Some((sum, sum.map_or(g, |k| self.y(k, 0))))
    }

    /// Instruction `last` gives `g`, the gradient of a convolution's output: it becomes the head of that convolution's
    /// gradients, of `dy`, and takes the sum for the bias with it.
    fn head(&mut self, last: usize, op: Conv2dUpstream, x: Vec<SlotId>, gone: Option<usize>) -> Option<()> {
        let g = self.y(last, 0);
        let (sum, mut db) = self.bias_grad(g)?;
        if sum.is_none() {
            db = self.code.push_buffer(Type::real([op.0.c]), false);
        }
        let gone: Vec<usize> = gone.into_iter().chain(sum).collect();
        self.replace(last, op, x, vec![g, db], &gone);
        Some(())
    }

    /// The head that gives `g`.
    fn upstream(
        &self,
        g: SlotId,
        activation: Option<Activation>,
        pool: Option<[usize; 2]>,
    ) -> Option<Conv2dUpstream> {
        let ty = self.ty(g);
        let [n, c, h, w] = ty.shape.dims()?;
        let upstream = Upstream { n, c, h, w, activation, pool };
        (ty.layout == Layout::Nhwc).then_some(Conv2dUpstream(upstream))
    }

    /// A pooling's gradient, and that of an activation between convolution and pooling.
    fn upstream_of_pool(&mut self, k: usize) -> Option<()> {
        self.op::<MaxPool2dGrad>(k)?;
        let (dy, winner, spread) = (self.x(k, 0), self.x(k, 1), self.y(k, 0));
        let forward = self.writer(winner)?;
        let &MaxPool2d { kernel, stride } = self.op(forward)?;
        if kernel > stride {
            return None;
        }
        let pool = Some([kernel, stride]);
        if let Some(last) = self.reader(spread)
            && let Some(f) = self.activation_grad(last).filter(|f| f.differentiates_from_y())
            && self.x(last, 0) == self.x(forward, 0)
            && self.writer(self.x(forward, 0)).and_then(|k| self.activation(k)) == Some(f)
        {
            // From the pooled values.
            let op = self.upstream(self.y(last, 0), Some(f), pool)?;
            return self.head(last, op, vec![dy, self.y(forward, 0), winner], Some(k));
        }
        self.head(k, self.upstream(spread, None, pool)?, vec![dy, winner], None)
    }

    /// The gradient of an activation behind a convolution.
    fn upstream_of_activation(&mut self, k: usize) -> Option<()> {
        let f = self.activation_grad(k)?;
        let op = self.upstream(self.y(k, 0), Some(f), None)?;
        self.head(k, op, vec![self.x(k, 1), self.x(k, 0)], None)
    }

    /// A convolution, the activation that alone reads its output, and the pooling that alone reads that.
    fn block(&mut self, k: usize) -> Option<()> {
        let &Conv2d { stride, padding } = self.op(k)?;
        let x = self.code.instructions[k].x.clone();
        let mut y = self.code.instructions[k].y.clone();
        let mut gone = Vec::new();
        let mut block = Conv2dBlock { stride, padding, activation: None, pool: None, winner: false };
        if let Some(a) = self.reader(y[0])
            && let Some(f) = self.activation(a)
        {
            block.activation = Some(f);
            (y, gone) = (vec![self.y(a, 0)], vec![a]);
        }
        if let Some(p) = self.reader(y[0])
            && let Some(&MaxPool2d { kernel, stride }) = self.op(p)
            && kernel <= stride
        {
            gone.push(p);
            block.pool = Some([kernel, stride]);
            block.winner = self.readers(self.y(p, 1)).is_none_or(|readers| !readers.is_empty());
            y = self.code.instructions[p].y[..1 + usize::from(block.winner)].to_vec();
        }
        if !gone.is_empty() {
            self.replace(k, block, x, y, &gone);
        }
        Some(())
    }

    /// A convolution that alone reads the images of a gather whose labels nobody needs before.
    fn gather(&mut self, k: usize) -> Option<()> {
        let block = match (self.op::<Conv2dBlock>(k), self.op::<Conv2d>(k)) {
            (Some(block), _) if !block.winner => block.clone(),
            (None, Some(&Conv2d { stride, padding })) => {
                Conv2dBlock { stride, padding, activation: None, pool: None, winner: false }
            }
            _ => return None,
        };
        let Instruction { x, y, .. } = &self.code.instructions[k];
        let (images, w, b, y) = (x[0], x[1], x[2], y[0]);
        self.reader(images)?;
        let at = self.writer(images)?;
        let &Gather { input, flat: false } = self.op::<Gather>(at)? else { return None };
        let (set, indices, labels) = (self.x(at, 0), self.x(at, 1), self.y(at, 1));
        let early = |i: &Instruction| i.x.contains(&labels);
        if !self.code.instructions[at..k].iter().any(early) {
            self.replace(k, GatherConv2d { input, block }, vec![set, indices, w, b], vec![y, labels], &[at]);
        }
        Some(())
    }
}
