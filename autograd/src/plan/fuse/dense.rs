//! Fully connected layers and the loss behind the last of them.
use super::Graph;
use crate::{
    Layout, SlotId,
    ops::{
        ChannelSum, CountCorrect, CrossEntropy, CrossEntropyBlock, CrossEntropyGrad, Linear, LinearBlock,
        LinearDgrad, LinearGradients, LinearUpstream, LinearWgrad,
    },
};
use ferrotape_kernels::cross_entropy::Also;

impl Graph<'_> {
    /// A layer and the activation that alone reads its output.
    pub(super) fn linear(&mut self, k: usize) -> Option<()> {
        self.op::<Linear>(k)?;
        let after = self.reader(self.y(k, 0))?;
        let activation = self.activation(after)?;
        let (x, y) = (self.code.instructions[k].x.clone(), vec![self.y(after, 0)]);
        self.replace(k, LinearBlock { activation }, x, y, &[after]);
        Some(())
    }

    /// The gradient of an activation behind a layer, and the sum of it for the layer's bias.
    pub(super) fn upstream_of_linear(&mut self, k: usize) -> Option<()> {
        let activation = self.activation_grad(k)?;
        let g = self.y(k, 0);
        let sum = self.sum_of_rows(g)?;
        let (x, y) = (vec![self.x(k, 1), self.x(k, 0)], vec![g, self.y(sum, 0)]);
        self.replace(k, LinearUpstream { activation }, x, y, &[sum]);
        Some(())
    }

    /// The gradients of a layer's input and weights, of one dy.
    pub(super) fn gradients_of_linear(&mut self, k: usize) -> Option<()> {
        let &LinearDgrad(spec) = self.op(k)?;
        let (dy, w, dx) = (self.x(k, 0), self.x(k, 1), self.y(k, 0));
        let there = |id| self.writer(id).is_none_or(|by| by < k);
        let is_other = |&g: &usize| {
            self.op::<LinearWgrad>(g).is_some_and(|op| op.0 == spec)
                && self.x(g, 1) == dy
                && there(self.x(g, 0))
        };
        let other = (k + 1..self.code.instructions.len()).find(is_other)?;
        let (x, y) = (vec![self.x(other, 0), w, dy], vec![dx, self.y(other, 0)]);
        self.replace(k, LinearGradients(spec), x, y, &[other]);
        Some(())
    }

    /// The instruction that sums the rows of the matrix `g`.
    fn sum_of_rows(&self, g: SlotId) -> Option<usize> {
        let is_sum = |k: &usize| self.op::<ChannelSum>(*k).is_some();
        let matrix = self.ty(g).shape.rank() == 2 && self.ty(g).layout == Layout::Rows;
        self.readers(g).filter(|_| matrix)?.into_iter().find(is_sum)
    }

    /// A loss, and what else is made of its operands: the gradient of the logits, if the gradient of the loss is no
    /// result of this program (it is the constant 1), the sum of it for a bias, and the count of right answers.
    pub(super) fn loss(&mut self, k: usize) -> Option<()> {
        self.op::<CrossEntropy>(k)?;
        let (mut x, p) = (self.code.instructions[k].x.clone(), self.y(k, 1));
        let mut later = k + 1..self.code.instructions.len();
        let is_gradient = |&g: &usize| {
            self.op::<CrossEntropyGrad>(g).is_some()
                && self.x(g, 0) == p
                && self.writer(self.x(g, 2)).is_none()
        };
        let gradient = later.clone().find(is_gradient);
        let sum = gradient.and_then(|g| self.sum_of_rows(self.y(g, 0)));
        let count = later.find(|&c| self.op::<CountCorrect>(c).is_some() && self.code.instructions[c].x == x);
        gradient.or(count)?;
        let probabilities =
            self.readers(p).is_none_or(|readers| readers.iter().any(|&r| Some(r) != gradient));
        let also = Also {
            probabilities,
            gradient: gradient.is_some(),
            bias_gradient: sum.is_some(),
            count: count.is_some(),
        };
        x.extend(gradient.map(|g| self.x(g, 2)));
        let mut y = vec![self.y(k, 0)];
        y.extend(probabilities.then_some(p));
        y.extend([gradient, sum, count].into_iter().flatten().map(|k| self.y(k, 0)));
        let gone: Vec<usize> = [gradient, sum, count].into_iter().flatten().collect();
        self.replace(k, CrossEntropyBlock(also), x, y, &gone);
        Some(())
    }
}
