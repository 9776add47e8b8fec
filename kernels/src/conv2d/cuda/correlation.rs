//! What forward pass and input gradient have in common: a correlation of images with weights.
use super::records::Records;
use crate::{activation::Activation, conv2d::Conv2d, conv2d::Pass, max_pool2d::MaxPool2d};

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
    /// Pooling of what the activation gives. Rows and columns that no window covers are not computed: `oh` and `ow` are even then.
    pub pool: Option<Pool>,
    /// Where images are records of a data set.
    pub records: Option<Records>,
}

/// Max-pooling by windows of 2 x 2, side by side.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Pool {
    /// Pixels of a row of the convolution's whole output, in which winners' places count.
    pub row: usize,
    /// Whether winners are written too.
    pub winner: bool,
}

impl Correlation {
    /// The forward pass.
    pub(super) fn forward(s: &Conv2d, activation: Option<Activation>) -> Self {
        let Conv2d { n, ci, h, w, co, kh, kw, stride, padding } = *s;
        let (oh, ow, padding) = (s.oh(), s.ow(), [padding as isize; 2]);
        let pass = Pass::Forward;
        let (spread, pool, records) = (1, None, None);
        Self { pass, n, ci, h, w, co, oh, ow, kh, kw, stride, padding, spread, activation, pool, records }
    }

    /// The forward pass and the pooling of its output, where the windows are of 2 x 2 side by side.
    pub(super) fn pooled(
        s: &Conv2d,
        activation: Option<Activation>,
        pool: &MaxPool2d,
        winner: bool,
    ) -> Option<Self> {
        ([pool.kernel, pool.stride] == [2, 2]).then(|| Self {
            oh: 2 * pool.oh(),
            ow: 2 * pool.ow(),
            pool: Some(Pool { row: pool.w, winner }),
            ..Self::forward(s, activation)
        })
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
            pool: None,
            records: None,
        }
    }

    /// Whether there is nothing to compute.
    pub(super) fn is_empty(&self) -> bool {
        self.n * self.oh * self.ow * self.co == 0
    }

    /// Whether the weights are the turned ones of the input gradient, which has no bias.
    pub(super) fn turned(&self) -> bool {
        self.pass == Pass::Dgrad
    }

    /// Rows, and columns, of sums that become one of what is written.
    pub(super) fn side(&self) -> usize {
        if self.pool.is_some() { 2 } else { 1 }
    }

    /// Rows and columns of what is written.
    pub(super) fn written(&self) -> [usize; 2] {
        [self.oh / self.side(), self.ow / self.side()]
    }

    /// Pixels of x that a thread's `pixels` neighbours of y need of a row.
    pub(super) fn reach(&self, pixels: usize) -> usize {
        (pixels - 1) * self.stride + self.kw
    }
}
