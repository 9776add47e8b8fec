//! Activation functions with SIMD and threads. The piecewise linear ones and all gradients give the reference's bits;
//! sigmoid and tanh are within 4 ulp of the exact value.
use super::Activation;
use crate::{
    Cpu,
    elementwise::cpu::{CHUNK, SERIAL},
    simd::{Kernel, Simd, math},
};

/// Does `body` with `f` as one of the functions, so that its loops need not ask which one it is.
macro_rules! fixed {
    ($f:expr, |$fixed:ident| $body:expr) => {{
        use $crate::activation::Activation;
        match $f {
            Activation::Relu => {
                let $fixed = Activation::Relu;
                $body
            }
            Activation::LeakyRelu { slope } => {
                let $fixed = Activation::LeakyRelu { slope };
                $body
            }
            Activation::Sigmoid => {
                let $fixed = Activation::Sigmoid;
                $body
            }
            Activation::Tanh => {
                let $fixed = Activation::Tanh;
                $body
            }
        }
    }};
}
pub(crate) use fixed;

impl Activation {
    /// The function of sixteen numbers.
    #[inline(always)]
    fn vector<S: Simd>(self, s: S, x: S::V) -> S::V {
        let zero = s.splat(0.0);
        match self {
            // Below the smallest positive number are the negative ones and both zeros, but no NaN.
            Self::Relu => s.select_lt(x, s.splat(f32::from_bits(1)), zero, x),
            Self::LeakyRelu { slope } => s.select_lt(zero, x, x, s.mul(s.splat(slope as f32), x)),
            Self::Sigmoid => math::sigmoid(s, x),
            Self::Tanh => math::tanh(s, x),
        }
    }

    /// Numbers that are worth as much as one that takes no time but the memory's.
    fn weight(self) -> usize {
        match self {
            Self::Relu | Self::LeakyRelu { .. } => 1,
            Self::Sigmoid | Self::Tanh => 8,
        }
    }
}

/// `y[i] = f(x[i])`
pub fn forward(f: Activation, x: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!(x.len(), y.len());
    let (token, chunk) = (cpu.token(), CHUNK / f.weight());
    cpu.workers(y.len() > SERIAL / f.weight()).for_each_chunk(y, chunk, |i, y| {
        token.run(Forward { f, x: &x[i * chunk..][..y.len()], y });
    });
}

/// `y[i] = f(y[i])`
pub fn in_place(f: Activation, y: &mut [f32], cpu: &Cpu) {
    let (token, chunk) = (cpu.token(), CHUNK / f.weight());
    cpu.workers(y.len() > SERIAL / f.weight()).for_each_chunk(y, chunk, |_, y| token.run(InPlace { f, y }));
}

/// `dx[i] = f'(x[i]) · dy[i]`, from `y` as in [`Activation::gradient`].
pub fn backward(f: Activation, y: &[f32], dy: &[f32], dx: &mut [f32], cpu: &Cpu) {
    assert_eq!([y.len(), dy.len()], [dx.len(); 2]);
    let token = cpu.token();
    cpu.workers(dx.len() > SERIAL).for_each_chunk(dx, CHUNK, |i, dx| {
        let [y, dy] = [y, dy].map(|x| &x[i * CHUNK..][..dx.len()]);
        token.run(Backward { f, y, dy, dx });
    });
}

struct Forward<'a> {
    f: Activation,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let ((x, rest), (y, last)) = (self.x.as_chunks(), self.y.as_chunks_mut());
        fixed!(self.f, |f| {
            for (x, y) in x.iter().zip(y) {
                s.store(f.vector(s, s.load(x)), y);
            }
            if !last.is_empty() {
                s.store_some(f.vector(s, s.load_some(rest)), last);
            }
        });
    }
}

/// `y[i] = f(y[i])`, of numbers that are still in the nearest cache.
pub(crate) struct InPlace<'a> {
    pub f: Activation,
    pub y: &'a mut [f32],
}

impl Kernel for InPlace<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let (y, last) = self.y.as_chunks_mut();
        fixed!(self.f, |f| {
            for y in y {
                s.store(f.vector(s, s.load(y)), y);
            }
            if !last.is_empty() {
                s.store_some(f.vector(s, s.load_some(last)), last);
            }
        });
    }
}

/// The definition, in a loop that the compiler vectorises for the instruction set it is inlined into.
pub(crate) struct Backward<'a> {
    pub f: Activation,
    pub y: &'a [f32],
    pub dy: &'a [f32],
    pub dx: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        fixed!(self.f, |f| for ((dx, &y), &dy) in self.dx.iter_mut().zip(self.y).zip(self.dy) {
            *dx = f.gradient(y, dy);
        });
    }
}
