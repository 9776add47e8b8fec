//! Convolutions: with what follows them, and what their gradients start from.
use super::Graph;
use crate::{
    Instruction, Layout, SlotId, Type,
    ops::{
        ChannelSum, Conv2d, Conv2dBlock, Conv2dUpstream, Conv2dWgrad, Gather, GatherConv2d, MaxPool2d,
        MaxPool2dGrad,
    },
};
use ferrotape_kernels::{activation::Activation, upstream::Upstream};

impl Graph<'_> {
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
    pub(super) fn upstream_of_pool(&mut self, k: usize) -> Option<()> {
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
    pub(super) fn upstream_of_activation(&mut self, k: usize) -> Option<()> {
        let f = self.activation_grad(k)?;
        let op = self.upstream(self.y(k, 0), Some(f), None)?;
        self.head(k, op, vec![self.x(k, 1), self.x(k, 0)], None)
    }

    /// A convolution, the activation that alone reads its output, and the pooling that alone reads that.
    pub(super) fn block(&mut self, k: usize) -> Option<()> {
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
    pub(super) fn gather(&mut self, k: usize) -> Option<()> {
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
