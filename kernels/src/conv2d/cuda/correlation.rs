//! What forward pass and input gradient have in common: a correlation of images with weights.
use crate::{activation::Activation, conv2d::Conv2d, conv2d::Pass};

/// `y[n,i,j,o] = f(b[o] + sum over p, q, c of x[n, i·stride + p - padding, j·stride + q - padding, c] · w[p,q,c,o])`
///
/// The input gradient of a convolution is one too: of dy, spread by the stride with zeros between, with the weights turned by
/// 180 degrees and input and output channels exchanged.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Correlation {
    pub pass: Pass,
    pub n: usize,
    pub ci: usize,
    pub h: usize,
    pub w: usize,
    pub co: usize,
    pub oh: usize,
    pub ow: usize,
    pub kh: usize,
    pub kw: usize,
    pub stride: usize,
    /// Zeros above and on the left; less than 0 where rows are left out.
    pub padding: [isize; 2],
    /// Distance between neighbours of x.
    pub spread: usize,
    pub activation: Option<Activation>,
}

impl Correlation {
    /// The forward pass.
    pub(super) fn forward(s: &Conv2d, activation: Option<Activation>) -> Self {
        let Conv2d { n, ci, h, w, co, kh, kw, stride, padding } = *s;
        let (oh, ow, padding) = (s.oh(), s.ow(), [padding as isize; 2]);
        Self { pass: Pass::Forward, n, ci, h, w, co, oh, ow, kh, kw, stride, padding, spread: 1, activation }
    }

    /// The input gradient.
    pub(super) fn dgrad(s: &Conv2d) -> Self {
        let Conv2d { n, ci, h, w, co, kh, kw, stride, padding } = *s;
        Self {
            pass: Pass::Dgrad,
            n,
            ci: co,
            h: s.oh(),
            w: s.ow(),
            co: ci,
            oh: h,
            ow: w,
            kh,
            kw,
            stride: 1,
            padding: [kh, kw].map(|kernel| kernel as isize - 1 - padding as isize),
            spread: stride,
            activation: None,
        }
    }

    /// Whether the weights are the turned ones of the input gradient, which has no bias.
    pub(super) fn turned(&self) -> bool {
        self.pass == Pass::Dgrad
    }

    /// Pixels of x that a thread's `pixels` neighbours of y need of a row.
    pub(super) fn reach(&self, pixels: usize) -> usize {
        (pixels - 1) * self.stride + self.kw
    }
}
